import AuroraApprovals
import AuroraHTTP
import AuroraModel
import AuroraReleases

/// What the dashboard's plain forms do: the same acts as the native API, then a page to look at next.
///
/// They work without scripts. What is refused comes back as a page with the reason (``ErrorPage``).
struct DashboardForms {
    let releases: Releases
    let accounts: Accounts
    let sessions: SessionRoutes
    let trials: AwaitedTrials
    let suggestions: SuggestionRoutes

    var routes: [Route] { [logIn, logOut, upload, stage, promote, rollBack, approve, reject, start] }

    // MARK: In and out

    private var logIn: Route {
        Route(
            .post, "/ui/session", .open, family: .page, "Log in from the login page.",
            body: .form([
                BodyField("code", .string(minimum: 0, maximum: 200), required: false, "The one-time code."),
                BodyField("user", .string(minimum: 0, maximum: 64), required: false, "The account."),
                BodyField("password", .string(minimum: 0, maximum: 256), required: false, "Its password."),
            ]), responses: [.seeOther], audited: true
        ) { [sessions] context in
            var filled = context
            filled.fields = JSONObject(
                context.fields.members.filter { $0.value != .string("") }.map { ($0.key, $0.value) })
            var answer = try sessions.logIn(filled)
            answer.status = 303
            answer.headers["Location"] = "/"
            answer.body = .none
            return answer
        }
    }

    private var logOut: Route {
        form("/ui/logout", .account, "Log out.", []) { [sessions] context in
            var answer = try sessions.logOut(context)
            answer.status = 303
            answer.headers["Location"] = "/login"
            return answer
        }
    }

    // MARK: Releases

    /// For browsers without scripts; with them the page sends the file to the native API and shows how far it is.
    private var upload: Route {
        Route(
            .post, "/ui/upload", .right(.upload), family: .page, "Upload one file from a form.",
            body: .multipart(field: "artifact") { [releases] context in
                try ArtifactReceiver(releases.uploads, fileName: nil, context: context) { _, _ in .seeOther("/") }
            },
            responses: [.seeOther]
        ) { _ in .seeOther("/") }
    }

    private var stage: Route {
        form(
            "/ui/stage", .right(.stage), "Stage an uploaded artifact.",
            [BodyField("artifact", .digest, "Its SHA-256.")]
        ) { [releases] context in
            let change = try releases.stager.stageInBackground(
                ArtifactName(context.text("artifact")), for: nil, by: context.actor())
            return .seeOther("/changes/\(change.id)")
        }
    }

    // MARK: Changes

    private var promote: Route {
        form(
            "/ui/promote", .right(.request), "Ask for a release to become active.",
            [.text("target", maximum: 64, "The target."), BodyField("release", .digest, "The release."), .reason()]
        ) { [releases, trials] context in
            guard let release = context.optionalDigest("release") else { throw Problem.badRequest("no release") }
            let target = try TargetName.require(context.text("target"))
            let actor = try context.actor()
            return try trials.before(release, on: target, by: actor) {
                let outcome = try releases.promoter.promote(
                    release, on: target, by: actor, reason: context.text("reason"))
                return Self.next(outcome, target)
            }
        }
    }

    /// Where to look after asking for a change.
    private static func next(_ outcome: PromoteOutcome, _ target: TargetName) -> HTTPResponse {
        switch outcome {
        case .alreadyActive: .seeOther("/targets/\(target)")
        case .started(let change): .seeOther("/changes/\(change.id)")
        case .approvalRequired(let suggestion): .seeOther("/suggestions/\(suggestion.id)")
        }
    }

    private var rollBack: Route {
        form(
            "/ui/rollback", .right(.rollBack), "Take the last change of a target back.",
            [.text("target", maximum: 64, "The target."), .reason()]
        ) { [releases] context in
            let target = try TargetName.require(context.text("target"))
            let outcome = try releases.promoter.rollback(target, by: context.actor(), reason: context.text("reason"))
            return Self.next(outcome, target)
        }
    }

    // MARK: Decisions

    private var approve: Route { decision("/ui/approve", "Approve one plan.", .approve) }
    private var reject: Route { decision("/ui/reject", "Reject one plan.", .reject) }

    private func decision(_ path: String, _ summary: String, _ decision: ApprovalStatement.Decision) -> Route {
        form(path, .right(.vote), summary, Self.planFields + [.reason()]) { [suggestions] context in
            guard let plan = context.optionalDigest("plan") else { throw Problem.badRequest("no plan digest") }
            let suggestion = try suggestions.cast(
                decision, on: SuggestionID.require(context.text("suggestion")), plan: plan,
                reason: context.text("reason"), envelope: nil, context)
            return .seeOther(suggestion.change.map { "/changes/\($0)" } ?? "/suggestions/\(suggestion.id)")
        }
    }

    private var start: Route {
        form("/ui/start", .right(.start), "Start an approved change.", Self.planFields) { [releases] context in
            let change = try releases.promoter.start(
                SuggestionID.require(context.text("suggestion")), expecting: context.optionalDigest("plan"),
                by: context.actor())
            return .seeOther("/changes/\(change.id)")
        }
    }

    private static let planFields = [
        BodyField.text("suggestion", maximum: 64, "The suggestion."),
        BodyField("plan", .digest, "The digest of the plan that was on the page."),
    ]

    private func form(
        _ path: String, _ access: Route.Access, _ summary: String, _ fields: [BodyField],
        _ act: @escaping Route.Handler
    ) -> Route {
        let csrf = BodyField("csrf", .string(minimum: 0, maximum: 200), required: false, "The form's own value.")
        return Route(
            .post, path, access, family: .page, summary, body: .form(fields + [csrf]), responses: [.seeOther],
            handler: act)
    }
}
