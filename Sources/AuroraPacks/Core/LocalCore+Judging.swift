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
        for (id, room) in supervisor.openRooms {
            do {
                let renewed = try packs.renewed(room)
                let lost = room.waivers.keys.filter { renewed.waivers[$0] == nil }.map(\.rawValue).sorted()
                guard let layer = lost.first else { continue }
                supervisor.refuse(
                    id,
                    because:
                        "the waiver of the layer \(layer) has ended; sign another: aurora device waive \(id) --layer \(layer)"
                )
            } catch let refusal as Refusal where refusal.kind != .unavailable {
                supervisor.refuse(id, because: "\(refusal)")
            } catch {
                // It may pass; the next start is refused in any case.
                board.post(.trouble("\(id) could not be judged: \(error)"))
            }
        }
    }
}
