import AuroraDatabase
import AuroraTestSupport

/// As ``Desk/with(_:_:)`` for asynchronous tests.
func withDesk(_ body: (Desk) async throws -> Void) async throws {
    try await withAsyncTemporaryDirectory { folder in
        let desk = try Desk(in: folder)
        try await body(desk)
        desk.database.close()
    }
}
