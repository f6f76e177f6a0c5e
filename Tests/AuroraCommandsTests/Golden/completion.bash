# bash completion of aurora, made by `aurora completion bash`
_aurora_words() {
    case "$1" in
    "") printf '%s\n' demo hub release target suggestion change audit key user token config pack agent start device login logout whoami doctor completion version help ;;
    "demo") : ;;
    "hub") printf '%s\n' start status backup restore ;;
    "hub start") : ;;
    "hub status") : ;;
    "hub backup") printf '@file' ;;
    "hub restore") printf '@file' ;;
    "release") printf '%s\n' build sign verify upload stage try list show delete ;;
    "release build") printf '@file' ;;
    "release sign") printf '@file' ;;
    "release verify") printf '@file' ;;
    "release upload") printf '@file' ;;
    "release stage") _aurora_live artifacts ;;
    "release try") _aurora_live releases ;;
    "release list") : ;;
    "release show") _aurora_live releases ;;
    "release delete") _aurora_live releases ;;
    "target") printf '%s\n' list show promote rollback unblock ;;
    "target list") : ;;
    "target show") _aurora_live targets ;;
    "target promote") _aurora_live targets ;;
    "target rollback") _aurora_live targets ;;
    "target unblock") _aurora_live targets ;;
    "suggestion") printf '%s\n' list show diff request approve reject start withdraw ;;
    "suggestion list") : ;;
    "suggestion show") _aurora_live suggestions ;;
    "suggestion diff") _aurora_live suggestions ;;
    "suggestion request") _aurora_live targets ;;
    "suggestion approve") _aurora_live suggestions ;;
    "suggestion reject") _aurora_live suggestions ;;
    "suggestion start") _aurora_live suggestions ;;
    "suggestion withdraw") _aurora_live suggestions ;;
    "change") printf '%s\n' list show watch abort ;;
    "change list") : ;;
    "change show") _aurora_live changes ;;
    "change watch") _aurora_live changes ;;
    "change abort") _aurora_live changes ;;
    "audit") printf '%s\n' tail verify export key ;;
    "audit tail") : ;;
    "audit verify") printf '@file' ;;
    "audit export") printf '@file' ;;
    "audit key") : ;;
    "key") printf '%s\n' generate list export-public ;;
    "key generate") : ;;
    "key list") : ;;
    "key export-public") : ;;
    "user") printf '%s\n' list show add set-role link remove key ;;
    "user list") : ;;
    "user show") _aurora_live users ;;
    "user add") : ;;
    "user set-role") _aurora_live users ;;
    "user link") _aurora_live users ;;
    "user remove") _aurora_live users ;;
    "user key") printf '%s\n' add admit revoke ;;
    "user key add") printf '@file' ;;
    "user key admit") _aurora_live users ;;
    "user key revoke") _aurora_live users ;;
    "token") printf '%s\n' create list revoke ;;
    "token create") : ;;
    "token list") : ;;
    "token revoke") _aurora_live tokens ;;
    "config") printf '%s\n' check ;;
    "config check") printf '@file' ;;
    "pack") printf '%s\n' stage dry-run plan approve install activate rollback list generations info verify gc unblock data export-data import-data restore-data start stop status logs health files lint seal schema ;;
    "pack stage") printf '@file' ;;
    "pack dry-run") : ;;
    "pack plan") : ;;
    "pack approve") printf '@file' ;;
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
    "agent") printf '%s\n' run ;;
    "agent run") : ;;
    "start") : ;;
    "pack lint") printf '@file' ;;
    "pack seal") printf '@file' ;;
    "pack schema") : ;;
    "device") printf '%s\n' facts init log jobs waive ;;
    "device facts") : ;;
    "device init") : ;;
    "device log") : ;;
    "device jobs") : ;;
    "device waive") : ;;
    "login") : ;;
    "logout") : ;;
    "whoami") : ;;
    "doctor") : ;;
    "completion") printf '%s\n' bash zsh fish ;;
    "version") : ;;
    "help") : ;;
    *) return 1 ;;
    esac
}
_aurora_options() {
    case "$1" in
    "demo") printf '%s\n' --once --keep --kills --example ;;
    "hub start") printf '%s\n' --state --config --only --dev --listen --updater-port --dashboard-port --tls-cert --tls-key --behind-proxy --log-format ;;
    "hub backup") printf '%s\n' --state ;;
    "hub restore") printf '%s\n' --state --confirm ;;
    "release build") printf '%s\n' --name --version --hardware --into ;;
    "release sign") printf '%s\n' --signing-key --artifact ;;
    "release verify") printf '%s\n' --keyring --fingerprint ;;
    "release upload") printf '%s\n' --alone ;;
    "release stage") printf '%s\n' --target --wait --no-wait ;;
    "release try") printf '%s\n' --target --wait --no-wait ;;
    "release list") printf '%s\n' --limit ;;
    "release delete") printf '%s\n' --confirm ;;
    "target promote") printf '%s\n' --reason --wait --no-wait ;;
    "target rollback") printf '%s\n' --generation --reason --confirm --wait --no-wait ;;
    "target unblock") printf '%s\n' --reason --confirm ;;
    "suggestion list") printf '%s\n' --limit --domain --in-state --all ;;
    "suggestion diff") printf '%s\n' --exit-code ;;
    "suggestion request") printf '%s\n' --generation --reason ;;
    "suggestion approve") printf '%s\n' --plan --reason --key --passphrase-file --wait --no-wait ;;
    "suggestion reject") printf '%s\n' --plan --reason --key --passphrase-file --wait --no-wait ;;
    "suggestion start") printf '%s\n' --wait --no-wait ;;
    "suggestion withdraw") printf '%s\n' --reason ;;
    "change list") printf '%s\n' --limit --in-state --target ;;
    "change abort") printf '%s\n' --reason ;;
    "audit tail") printf '%s\n' --lines --follow ;;
    "audit verify") printf '%s\n' --log-key ;;
    "key generate") printf '%s\n' --name --key --passphrase-file ;;
    "key export-public") printf '%s\n' --key ;;
    "user add") printf '%s\n' --role --no-link ;;
    "user remove") printf '%s\n' --confirm ;;
    "user key add") printf '%s\n' --key ;;
    "user key revoke") printf '%s\n' --confirm ;;
    "token create") printf '%s\n' --role --expires --into ;;
    "pack stage") printf '%s\n' --pack --state ;;
    "pack dry-run") printf '%s\n' --pack --remove --state ;;
    "pack plan") printf '%s\n' --pack --remove --generation --out --state ;;
    "pack approve") printf '%s\n' --reason --out --key --passphrase-file --operator --valid-hours ;;
    "pack install") printf '%s\n' --pack --remove --plan --approval --reason --key --passphrase-file --operator --no-rehearsal --state ;;
    "pack activate") printf '%s\n' --pack --generation --plan --approval --reason --key --passphrase-file --operator --state ;;
    "pack rollback") printf '%s\n' --pack --to --reason --approval --key --passphrase-file --operator --plan --state ;;
    "pack list") printf '%s\n' --state ;;
    "pack generations") printf '%s\n' --state ;;
    "pack info") printf '%s\n' --pack --state ;;
    "pack verify") printf '%s\n' --state ;;
    "pack gc") printf '%s\n' --state ;;
    "pack unblock") printf '%s\n' --reason --state ;;
    "pack data") printf '%s\n' --state ;;
    "pack export-data") printf '%s\n' --out --generation --state ;;
    "pack import-data") printf '%s\n' --reason --state ;;
    "pack restore-data") printf '%s\n' --generation --reason --state ;;
    "pack start") printf '%s\n' --pack --state --no-wait ;;
    "pack stop") printf '%s\n' --pack --state --no-wait ;;
    "pack status") printf '%s\n' --state ;;
    "pack logs") printf '%s\n' --pack --state --lines --follow ;;
    "pack health") printf '%s\n' --pack --state ;;
    "pack files") printf '%s\n' --out --usage --state ;;
    "agent run") printf '%s\n' --state --local --log-format ;;
    "start") printf '%s\n' --state --log-format ;;
    "device facts") printf '%s\n' --root --state ;;
    "device init") printf '%s\n' --name --operator-key --accept-console --accept-unsigned --state ;;
    "device log") printf '%s\n' --lines --export --state ;;
    "device jobs") printf '%s\n' --state ;;
    "device waive") printf '%s\n' --layer --days --reason --key --passphrase-file --operator --state ;;
    "login") printf '%s\n' --user --code-file --password-file --expires ;;
    "doctor") printf '%s\n' --state ;;
    esac
    printf '%s\n' --hub --token-file --ca-file --timeout --output --json --quiet --verbose --no-color --no-input --yes --help
}
_aurora_values() {
    case "$1" in
    token-file) printf '@file' ;;
    ca-file) printf '@file' ;;
    output) printf '%s\n' table json name ;;
    example) printf '@file' ;;
    state) printf '@file' ;;
    config) printf '@file' ;;
    only) printf '%s\n' updater dashboard ;;
    tls-cert) printf '@file' ;;
    tls-key) printf '@file' ;;
    log-format) printf '%s\n' text json ;;
    into) printf '@file' ;;
    keyring) printf '@file' ;;
    target) _aurora_live targets ;;
    key) printf '@file' ;;
    passphrase-file) printf '@file' ;;
    in-state) printf '%s\n' queued running done failed rolled-back aborted interrupted ;;
    log-key) printf '@file' ;;
    role) printf '%s\n' viewer release approver admin ;;
    out) printf '@file' ;;
    approval) printf '@file' ;;
    root) printf '@file' ;;
    export) printf '@file' ;;
    layer) printf '%s\n' cgroup ;;
    code-file) printf '@file' ;;
    password-file) printf '@file' ;;
    *) return 1 ;;
    esac
}
_aurora_live() { aurora complete "$1" --no-input 2>/dev/null | cut -f1; }
_aurora() {
    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" path="" word list
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ $word == -* ]] && continue
        word=$(_aurora_noun "$word" "$path")
        if _aurora_words "${path:+$path }$word" >/dev/null; then path="${path:+$path }$word"; fi
    done
    if [[ $previous == --* ]] && list=$(_aurora_values "${previous#--}"); then
        :
    elif [[ $current == -* ]]; then
        list=$(_aurora_options "$path")
    else
        list=$(_aurora_words "$path")
    fi
    if [[ $list == @file ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -W "$list" -- "$current")
    fi
}
_aurora_noun() {
    [[ -z $2 ]] || { printf '%s' "$1"; return; }
    case "$1" in
    hubs) printf '%s' hub ;;
    releases) printf '%s' release ;;
    targets) printf '%s' target ;;
    suggestions|approval|approvals) printf '%s' suggestion ;;
    changes) printf '%s' change ;;
    audits) printf '%s' audit ;;
    devices) printf '%s' device ;;
    keys) printf '%s' key ;;
    users) printf '%s' user ;;
    tokens) printf '%s' token ;;
    agents) printf '%s' agent ;;
    packs) printf '%s' pack ;;
    configs) printf '%s' config ;;
    *) printf '%s' "$1" ;;
    esac
}
complete -o filenames -F _aurora aurora
