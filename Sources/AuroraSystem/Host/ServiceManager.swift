import CShims
import Glibc

/// Tells systemd about the state of this service (`sd_notify(3)` without its library).
package enum ServiceManager {
    /// Sends one state, for example `READY=1` or `STOPPING=1`, to `$NOTIFY_SOCKET`.
    ///
    /// - Returns: whether a message was sent; false without a service manager. Never blocks the service by an error.
    @discardableResult
    package static func notify(_ state: String) -> Bool {
        guard let socket = getenv("NOTIFY_SOCKET") else { return false }
        let text = Array(state.utf8CString.dropLast())
        return aurora_send_datagram(socket, strlen(socket), text, text.count) == 0
    }
}
