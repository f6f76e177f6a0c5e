#compdef aurora
# zsh completion of aurora, made by `aurora completion zsh`
_aurora_live() {
    local -a names
    names=(${(f)"$(aurora complete $1 --no-input 2>/dev/null | sed -e 's/:/\\:/g' -e 's/\t/:/')"})
    _describe $1 names
}
_aurora() {
    local place="" word i
    for (( i = 2; i < CURRENT; i++ )); do
        word=${words[i]}
        [[ $word == -* ]] && continue
        if [[ -z $place ]]; then
            case $word in
            hubs) word=hub ;;
            releases) word=release ;;
            targets) word=target ;;
            suggestions|approval|approvals) word=suggestion ;;
            changes) word=change ;;
            audits) word=audit ;;
            devices) word=device ;;
            keys) word=key ;;
            users) word=user ;;
            tokens) word=token ;;
            agents) word=agent ;;
            packs) word=pack ;;
            configs) word=config ;;
            esac
        fi
        case "${place:+$place }$word" in
        "demo"|"hub"|"hub start"|"hub status"|"hub backup"|"hub restore"|"release"|"release build"|"release sign"|"release verify"|"release upload"|"release stage"|"release try"|"release list"|"release show"|"release delete"|"target"|"target list"|"target show"|"target promote"|"target rollback"|"target unblock"|"suggestion"|"suggestion list"|"suggestion show"|"suggestion diff"|"suggestion request"|"suggestion approve"|"suggestion reject"|"suggestion start"|"suggestion withdraw"|"change"|"change list"|"change show"|"change watch"|"change abort"|"audit"|"audit tail"|"audit verify"|"audit export"|"audit key"|"key"|"key generate"|"key list"|"key export-public"|"user"|"user list"|"user show"|"user add"|"user set-role"|"user link"|"user remove"|"user key"|"user key add"|"user key admit"|"user key revoke"|"token"|"token create"|"token list"|"token revoke"|"config"|"config check"|"pack"|"pack stage"|"pack dry-run"|"pack plan"|"pack approve"|"pack install"|"pack activate"|"pack rollback"|"pack list"|"pack generations"|"pack info"|"pack verify"|"pack gc"|"pack unblock"|"pack data"|"pack export-data"|"pack import-data"|"pack restore-data"|"pack start"|"pack stop"|"pack status"|"pack logs"|"pack health"|"pack files"|"agent"|"agent run"|"start"|"pack lint"|"pack seal"|"pack schema"|"device"|"device facts"|"device init"|"device log"|"device jobs"|"device waive"|"login"|"logout"|"whoami"|"doctor"|"completion"|"version"|"help") place="${place:+$place }$word" ;;
        esac
    done
    if [[ ${words[CURRENT-1]} == --* ]]; then
        case ${words[CURRENT-1]#--} in
        token-file) _files; return ;;
        ca-file) _files; return ;;
        output) compadd -- table json name; return ;;
        example) _files -/; return ;;
        state) _files -/; return ;;
        config) _files; return ;;
        only) compadd -- updater dashboard; return ;;
        tls-cert) _files; return ;;
        tls-key) _files; return ;;
        log-format) compadd -- text json; return ;;
        into) _files -/; return ;;
        keyring) _files; return ;;
        target) _aurora_live targets; return ;;
        key) _files; return ;;
        passphrase-file) _files; return ;;
        in-state) compadd -- queued running done failed rolled-back aborted interrupted; return ;;
        log-key) _files; return ;;
        role) compadd -- viewer release approver admin; return ;;
        out) _files; return ;;
        approval) _files; return ;;
        root) _files -/; return ;;
        export) _files -/; return ;;
        layer) compadd -- cgroup; return ;;
        code-file) _files; return ;;
        password-file) _files; return ;;
        esac
    fi
    if [[ ${words[CURRENT]} == -* ]]; then
        local -a flags
        case $place in
        "demo") flags=('--once:end after the last step instead of serving on' '--keep:keep the folder at the end' '--kills:how often the hub is killed [20]' '--example:the sources of the demo'\''s service') ;;
        "hub start") flags=('--state:the hub'\''s state folder [$AURORA_STATE, else /var/lib/aurora for root]' '--config:the configuration [aurora.yaml in the state folder]' '--only:serve one half only; one process for each state folder' '--dev:development mode: loopback only, unsigned and self-approved for core; marked in red' '--listen:listen here [127.0.0.1]' '--updater-port:the updater'\''s port, 0 takes a free one [9710]' '--dashboard-port:the dashboard'\''s port, 0 takes a free one [9711]' '--tls-cert:certificate chain for TLS, PEM' '--tls-key:private key for TLS, PEM' '--behind-proxy:a proxy in front does TLS' '--log-format:text or json [text on a terminal]') ;;
        "hub backup") flags=('--state:the hub'\''s state folder [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "hub restore") flags=('--state:the hub'\''s state folder [$AURORA_STATE, else /var/lib/aurora for root]' '--confirm:confirm a severe act by the exact name it is about') ;;
        "release build") flags=('--name:the release'\''s name' '--version:its semantic version, such as 2.4.0' '--hardware:a hardware id it is made for; may be repeated' '--into:write the files there [.]') ;;
        "release sign") flags=('--signing-key:the OpenPGP key, as gpg names keys' '--artifact:sign the artifact even when there is a release file') ;;
        "release verify") flags=('--keyring:trusted OpenPGP keys, armored or binary' '--fingerprint:accept only this key [every key of the keyring]') ;;
        "release upload") flags=('--alone:do not send the files beside it') ;;
        "release stage") flags=('--target:only for this target [all]' '--wait:follow the change to its end; the default' '--no-wait:print the change and end, instead of following it') ;;
        "release try") flags=('--target:the target whose health command runs' '--wait:follow the change to its end; the default' '--no-wait:print the change and end, instead of following it') ;;
        "release list") flags=('--limit:show no more than N [50]') ;;
        "release delete") flags=('--confirm:confirm a severe act by the exact name it is about') ;;
        "target promote") flags=('--reason:why; goes into the audit log' '--wait:follow the change to its end; the default' '--no-wait:print the change and end, instead of following it') ;;
        "target rollback") flags=('--generation:this generation instead of the previous one' '--reason:why; goes into the audit log' '--confirm:confirm a severe act by the exact name it is about' '--wait:follow the change to its end; the default' '--no-wait:print the change and end, instead of following it') ;;
        "target unblock") flags=('--reason:why; goes into the audit log' '--confirm:confirm a severe act by the exact name it is about') ;;
        "suggestion list") flags=('--limit:show no more than N [50]' '--domain:only the queue of this domain, such as automotive' '--in-state:only those in this state, such as running' '--all:also those that are over') ;;
        "suggestion diff") flags=('--exit-code:end with 20 when there are differences') ;;
        "suggestion request") flags=('--generation:roll back to this generation instead' '--reason:why; goes into the audit log') ;;
        "suggestion approve") flags=('--plan:the plan you mean, or its beginning; anything else is refused' '--reason:why; goes into the audit log' '--key:your operator key [the one of aurora key generate]' '--passphrase-file:read the operator key'\''s passphrase from FILE' '--wait:follow the change to its end; the default' '--no-wait:print the change and end, instead of following it') ;;
        "suggestion reject") flags=('--plan:the plan you mean, or its beginning; anything else is refused' '--reason:why; goes into the audit log' '--key:your operator key [the one of aurora key generate]' '--passphrase-file:read the operator key'\''s passphrase from FILE' '--wait:follow the change to its end; the default' '--no-wait:print the change and end, instead of following it') ;;
        "suggestion start") flags=('--wait:follow the change to its end; the default' '--no-wait:print the change and end, instead of following it') ;;
        "suggestion withdraw") flags=('--reason:why; goes into the audit log') ;;
        "change list") flags=('--limit:show no more than N [50]' '--in-state:only those in this state' '--target:only those of this target') ;;
        "change abort") flags=('--reason:why; goes into the audit log') ;;
        "audit tail") flags=('--lines:how many entries [20]' '--follow:go on with new entries until Ctrl-C') ;;
        "audit verify") flags=('--log-key:the log'\''s verifier key [the folder'\''s, or the hub'\''s]') ;;
        "key generate") flags=('--name:what the key is called [your user name]' '--key:your operator key [the one of aurora key generate]' '--passphrase-file:read the operator key'\''s passphrase from FILE') ;;
        "key export-public") flags=('--key:your operator key [the one of aurora key generate]') ;;
        "user add") flags=('--role:what the account may do: viewer, release, approver or admin' '--no-link:do not make a login link') ;;
        "user remove") flags=('--confirm:confirm a severe act by the exact name it is about') ;;
        "user key add") flags=('--key:your operator key [the one of aurora key generate]') ;;
        "user key revoke") flags=('--confirm:confirm a severe act by the exact name it is about') ;;
        "token create") flags=('--role:no more than this [your own role]' '--expires:when it ends: 30d, 12h or 45m [90d]' '--into:write the secret to DIR/NAME.token, mode 0600, instead') ;;
        "pack stage") flags=('--pack:a pack by its id; may be repeated' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack dry-run") flags=('--pack:a pack by its id; may be repeated' '--remove:let this pack go in the same change' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack plan") flags=('--pack:a pack by its id; may be repeated' '--remove:let this pack go in the same change' '--generation:the packs of generation N again' '--out:write the plan'\''s bytes to FILE' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack approve") flags=('--reason:why; goes into the audit log' '--out:where the approval goes [PLAN.approval]' '--key:your operator key [the one of aurora key generate]' '--passphrase-file:read the operator key'\''s passphrase from FILE' '--operator:whose key signs, where device.yaml does not say' '--valid-hours:how long the approval may be used [24]') ;;
        "pack install") flags=('--pack:a pack by its id; may be repeated' '--remove:let this pack go in the same change' '--plan:refuse when the plan is another one by now' '--approval:a signed approval of exactly this plan' '--reason:why; goes into the audit log' '--key:your operator key [the one of aurora key generate]' '--passphrase-file:read the operator key'\''s passphrase from FILE' '--operator:whose key signs, where device.yaml does not say' '--no-rehearsal:do not run install --dry-run first' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack activate") flags=('--pack:a pack by its id; may be repeated' '--generation:the packs of generation N' '--plan:refuse when the plan is another one by now' '--approval:a signed approval of exactly this plan' '--reason:why; goes into the audit log' '--key:your operator key [the one of aurora key generate]' '--passphrase-file:read the operator key'\''s passphrase from FILE' '--operator:whose key signs, where device.yaml does not say' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack rollback") flags=('--pack:a pack by its id; may be repeated' '--to:the packs of generation N, as a change of its own' '--reason:why; goes into the audit log' '--approval:a signed approval of exactly this plan' '--key:your operator key [the one of aurora key generate]' '--passphrase-file:read the operator key'\''s passphrase from FILE' '--operator:whose key signs, where device.yaml does not say' '--plan:refuse when the plan is another one by now' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack list") flags=('--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack generations") flags=('--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack info") flags=('--pack:a pack by its id; may be repeated' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack verify") flags=('--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack gc") flags=('--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack unblock") flags=('--reason:why; goes into the audit log' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack data") flags=('--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack export-data") flags=('--out:where the archive goes [PACK-data.tar]' '--generation:the copy taken before generation N' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack import-data") flags=('--reason:why; goes into the audit log' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack restore-data") flags=('--generation:the copy taken before generation N' '--reason:why; goes into the audit log' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack start") flags=('--pack:a pack by its id; may be repeated' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]' '--no-wait:print the change and end, instead of following it') ;;
        "pack stop") flags=('--pack:a pack by its id; may be repeated' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]' '--no-wait:print the change and end, instead of following it') ;;
        "pack status") flags=('--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack logs") flags=('--pack:a pack by its id; may be repeated' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]' '--lines:show the last N lines [100]' '--follow:go on with the lines that come') ;;
        "pack health") flags=('--pack:a pack by its id; may be repeated' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "pack files") flags=('--out:copy the file, whatever its size, to a new FILE' '--usage:count what each folder holds, names that cannot be shown included' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "agent run") flags=('--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]' '--local:this device alone, without a hub' '--log-format:text or json [text on a terminal]') ;;
        "start") flags=('--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]' '--log-format:text or json [text on a terminal]') ;;
        "device facts") flags=('--root:read the files below DIR instead of this machine'\''s' '--state:whose file system is examined [$AURORA_STATE, else as for the hub]') ;;
        "device init") flags=('--name:what approvals call this device [device]' '--operator-key:an operator, and the file with the line of aurora key export-public' '--accept-console:accept approvals typed at this terminal, with the name of the login' '--accept-unsigned:accept packs nobody signed, and folders whose digests are filled in here' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "device log") flags=('--lines:how many entries, the newest last [20]' '--export:write the whole log to a new folder' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "device jobs") flags=('--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "device waive") flags=('--layer:which layer' '--days:how long it holds, at most 366 [7]' '--reason:why; goes into the audit log' '--key:your operator key [the one of aurora key generate]' '--passphrase-file:read the operator key'\''s passphrase from FILE' '--operator:whose key signs, where device.yaml does not say' '--state:the state folder; the device'\''s part is DIR/device [$AURORA_STATE, else /var/lib/aurora for root]') ;;
        "login") flags=('--user:log in with this account'\''s password, or name the first admin' '--code-file:read the link or code from FILE, - is standard input' '--password-file:read the password from FILE' '--expires:when the token ends: 30d, 12h or 45m [30d]') ;;
        "doctor") flags=('--state:whose file system is examined [$AURORA_STATE, else as for the hub]') ;;
        esac
        flags+=('--hub:the hub'\''s operator address [$AURORA_HUB, else http://localhost:9711]' '--token-file:read the access token from FILE, - is standard input' '--ca-file:trust the certificate authorities of FILE for the hub'\''s TLS' '--timeout:how long to wait for one answer or one change [600]' '--output:table for people, json for programs, name for names alone' '--json:same as --output json' '--quiet:results and errors only' '--verbose:say more: requests, and where an error came from' '--no-color:no colours [also $NO_COLOR]' '--no-input:never ask; fail with the option that answers instead' '--yes:answer simple questions with yes' '--help:show help and end')
        _describe option flags
        return
    fi
    local -a next
    case $place in
    "") next=('demo:the whole job, for real, on this machine, with throw-away keys' 'hub:run, save and look after a hub' 'release:build, sign, upload, stage and try releases' 'target:what runs where: promote, roll back' 'suggestion:proposed changes that wait for people: look, approve, reject' 'change:long operations: follow or stop them' 'audit:the log of everything that happened, and its proof' 'key:your own operator keys, on this machine' 'user:people and programs that may use the hub' 'token:secrets for programs' 'config:check a configuration file' 'pack:software of this device: stage, install, roll back, start, look' 'agent:the process that keeps this device'\''s packs running' 'start:run this device: the local core with all active packs' 'device:this machine: what it is and what it offers' 'login:log in to a hub and keep a token for it' 'logout:end the token of a hub and forget it' 'whoami:show who you are to the hub, and what you may do' 'doctor:look at what this machine offers, and at the hub' 'completion:print the completion script of a shell' 'version:print the version' 'help:show help on a noun, a command, or exit-codes'); _describe word next ;;
    "demo") : ;;
    "hub") next=('start:run a hub until it is told to stop' 'status:say whether the hub answers, and how it is' 'backup:save a hub'\''s state while it runs, and check the copy' 'restore:put a saved state where no state is'); _describe word next ;;
    "hub start") : ;;
    "hub status") : ;;
    "hub backup") _files -/ ;;
    "hub restore") _files -/ ;;
    "release") next=('build:pack a folder into an artifact and write its release file' 'sign:sign a release file, or an artifact, with an OpenPGP key' 'verify:judge an artifact'\''s signature here, as a hub would' 'upload:send artifacts and what belongs to them to the hub' 'stage:verify an uploaded artifact and unpack it where it can be activated' 'try:run a staged release'\''s health command in a sandboxed copy without network' 'list:list staged releases, newest first' 'show:show a staged release' 'delete:delete a release and its artifact from the hub, to make room'); _describe word next ;;
    "release build") _files -/ ;;
    "release sign") _files ;;
    "release verify") _files ;;
    "release upload") _files ;;
    "release stage") _aurora_live artifacts ;;
    "release try") _aurora_live releases ;;
    "release list") : ;;
    "release show") _aurora_live releases ;;
    "release delete") _aurora_live releases ;;
    "target") next=('list:list targets and what runs on them' 'show:show a target: generations, drift, policy' 'promote:make a staged release the active one, or ask for the approval it needs' 'rollback:bring the previous generation back, at once' 'unblock:allow a digest again that failed here before'); _describe word next ;;
    "target list") : ;;
    "target show") _aurora_live targets ;;
    "target promote") _aurora_live targets ;;
    "target rollback") _aurora_live targets ;;
    "target unblock") _aurora_live targets ;;
    "suggestion") next=('list:list suggestions that wait for people' 'show:show a suggestion with its plan and votes' 'diff:show which files a suggestion adds, removes and changes' 'request:ask for a change: make its plan and file the suggestion' 'approve:say yes to exactly this plan, signed with your operator key' 'reject:say no to exactly this plan, signed with your operator key' 'start:start an approved change whose policy says that a person starts it' 'withdraw:take back a suggestion of your own'); _describe word next ;;
    "suggestion list") : ;;
    "suggestion show") _aurora_live suggestions ;;
    "suggestion diff") _aurora_live suggestions ;;
    "suggestion request") _aurora_live targets ;;
    "suggestion approve") _aurora_live suggestions ;;
    "suggestion reject") _aurora_live suggestions ;;
    "suggestion start") _aurora_live suggestions ;;
    "suggestion withdraw") _aurora_live suggestions ;;
    "change") next=('list:list changes, newest first' 'show:show a change with its steps' 'watch:follow a change to its end' 'abort:stop a change that has not switched anything yet'); _describe word next ;;
    "change list") : ;;
    "change show") _aurora_live changes ;;
    "change watch") _aurora_live changes ;;
    "change abort") _aurora_live changes ;;
    "audit") next=('tail:show the last entries of the audit log' 'verify:prove that the audit log is whole and only ever grew' 'export:save the audit log as a folder that stock verifiers read' 'key:print the public key that the audit log'\''s checkpoints are signed with'); _describe word next ;;
    "audit tail") : ;;
    "audit verify") _files -/ ;;
    "audit export") _files -/ ;;
    "audit key") : ;;
    "key") next=('generate:make an operator key for signing approvals' 'list:list the operator keys on this machine' 'export-public:print the public half of an operator key'); _describe word next ;;
    "key generate") : ;;
    "key list") : ;;
    "key export-public") : ;;
    "user") next=('list:list accounts' 'show:show an account with its keys' 'add:add an account and print its one-time login link' 'set-role:give an account another role' 'link:print a new one-time login link for an account' 'remove:end an account: its sessions and tokens stop at once' 'key:your own operator keys, on this machine'); _describe word next ;;
    "user list") : ;;
    "user show") _aurora_live users ;;
    "user add") : ;;
    "user set-role") _aurora_live users ;;
    "user link") _aurora_live users ;;
    "user remove") _aurora_live users ;;
    "user key") next=('add:tell the hub your operator key'\''s public half' 'admit:let another person'\''s operator key count' 'revoke:end a key: approvals signed with it do not count any more'); _describe word next ;;
    "user key add") _files ;;
    "user key admit") _aurora_live users ;;
    "user key revoke") _aurora_live users ;;
    "token") next=('create:make an access token for a program; its secret is shown this once' 'list:list access tokens, without their secrets' 'revoke:end a token at once'); _describe word next ;;
    "token create") : ;;
    "token list") : ;;
    "token revoke") _aurora_live tokens ;;
    "config") next=('check:read a configuration file as the hub would, and say what is wrong'); _describe word next ;;
    "config check") _files ;;
    "pack") next=('stage:verify a pack and bring it into the device'\''s store' 'dry-run:show what installing would change, and rehearse it' 'plan:describe a change of packs exactly, for approval elsewhere' 'approve:sign a plan of packs with your operator key' 'install:make staged packs active: plan, rehearse, ask, switch, prove, or take back' 'activate:make staged packs, or the packs of an earlier generation, active again' 'rollback:take the last change of packs back' 'list:list the packs of this device, active and staged' 'generations:list the kept generations, and which a rollback brings back' 'info:show everything about one pack' 'verify:read every byte of the active packs and compare it with what was verified' 'gc:remove packs, generations and snapshots that nothing needs' 'unblock:let bytes that failed on this device be activated again' 'data:list what packs keep, the copies of it, and what can be taken back' 'export-data:write a pack'\''s data into one archive' 'import-data:put the data of an archive in place of a pack'\''s' 'restore-data:bring a pack'\''s data back: those put aside by an import, or a snapshot' 'start:start active packs and what they need' 'stop:stop active packs, and before them what needs them' 'status:say how the active packs stand, and which processes are theirs' 'logs:show what a pack wrote, and what happened to it' 'health:run the health commands of active packs now' 'files:list what an active pack has written, or show one of its files' 'lint:look for what is wrong with a pack, and what could be better' 'seal:write the digest of every artifact into the manifest' 'schema:print the JSON Schema of manifests, for editors and CI'); _describe word next ;;
    "pack stage") _files ;;
    "pack dry-run") : ;;
    "pack plan") : ;;
    "pack approve") _files ;;
    "pack install") : ;;
    "pack activate") : ;;
    "pack rollback") : ;;
    "pack list") : ;;
    "pack generations") : ;;
    "pack info") : ;;
    "pack verify") : ;;
    "pack gc") : ;;
    "pack unblock") : ;;
    "pack data") : ;;
    "pack export-data") : ;;
    "pack import-data") : ;;
    "pack restore-data") : ;;
    "pack start") : ;;
    "pack stop") : ;;
    "pack status") : ;;
    "pack logs") : ;;
    "pack health") : ;;
    "pack files") : ;;
    "agent") next=('run:keep the active packs of this device running, in the foreground'); _describe word next ;;
    "agent run") : ;;
    "start") : ;;
    "pack lint") _files -/ ;;
    "pack seal") _files -/ ;;
    "pack schema") : ;;
    "device") next=('facts:show what this machine is and what it offers to packs' 'init:make this machine a device: write its device.yaml' 'log:show the device'\''s own audit log, or export it with its proofs' 'jobs:show what the core does by the calendar, when next, and how it ended last' 'waive:let one pack run without one sandbox layer for some days'); _describe word next ;;
    "device facts") : ;;
    "device init") : ;;
    "device log") : ;;
    "device jobs") : ;;
    "device waive") : ;;
    "login") : ;;
    "logout") : ;;
    "whoami") : ;;
    "doctor") : ;;
    "completion") compadd -- bash zsh fish ;;
    "version") : ;;
    "help") : ;;
    esac
}
_aurora "$@"
