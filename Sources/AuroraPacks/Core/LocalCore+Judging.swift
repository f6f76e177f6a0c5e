import AuroraModel
import AuroraRuntime
import AuroraSandbox

/// Whether what runs may go on running.
extension LocalCore {
    /// Looks at every open room as if it were to be opened now, and ends those that would not be.
    ///
    /// A pack that keeps more than it may, or whose waiver of a sandbox layer has ended, fails with that reason; it is started
    /// again like any that failed, and refused for as long as the reason stands.
    package func judgeRunning() {
        for open in supervisor.openServices {
            do {
                let renewed = try packs.renewed(open.defined)
                let lost = open.opened.waivers.keys.filter { renewed.waivers[$0] == nil }.map(\.rawValue).sorted()
                guard let layer = lost.first else { continue }
                supervisor.refuse(
                    open,
                    because: "the waiver of the layer \(layer) has ended; sign another: "
                        + "aurora device waive \(open.id) --layer \(layer)")
            } catch let refusal as Refusal where refusal.kind != .unavailable {
                supervisor.refuse(open, because: "\(refusal)")
            } catch {
                // It may pass; the next start is refused in any case.
                board.post(.trouble("\(open.id) could not be judged: \(error)"))
            }
        }
    }
}
