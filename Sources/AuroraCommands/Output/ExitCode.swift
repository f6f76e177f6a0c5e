/// How the program ended, for scripts.
///
/// The numbers never change their meaning.
package enum ExitCode: Int32, CaseIterable, Sendable {
    case success = 0
    case failure = 1
    case usage = 2
    case notFound = 3
    case notAuthenticated = 4
    case forbidden = 5
    case conflict = 6
    case unreachable = 7
    case stillRunning = 8
    case verificationFailed = 9
    case approvalPending = 10
    case approvalRefused = 11
    case rolledBack = 12
    case halted = 13
    case changesFound = 20
    case interrupted = 130

    /// What it means, one line, for help and the reference page.
    package var summary: String {
        switch self {
        case .success: "done"
        case .failure: "failed, for a reason without a number of its own"
        case .usage: "the command line or device.yaml is wrong, or an answer is needed and nobody can be asked"
        case .notFound: "there is no such thing"
        case .notAuthenticated: "not logged in, or the token is not valid any more"
        case .forbidden: "not allowed for this account, approving one's own request included"
        case .conflict: "in conflict with the present state: a stale plan, a name that is taken"
        case .unreachable: "nobody answers (the hub, the local core), or the sandbox is not to be had"
        case .stillRunning: "the time was over; the change is still running"
        case .verificationFailed: "a signature, digest, archive or the audit log did not verify"
        case .approvalPending: "an approval is needed; the suggestion has been filed"
        case .approvalRefused: "the suggestion was rejected, has expired, is stale or was withdrawn"
        case .rolledBack: "the change failed and was rolled back"
        case .halted: "the change stopped half way on its own account; somebody must look"
        case .changesFound: "diff with --exit-code found differences"
        case .interrupted: "interrupted from the keyboard; a change that was started goes on"
        }
    }
}
