import AuroraModel
import AuroraPacks
import Testing

@Suite struct DevicePlacesTests {
    @Test func everyPlaceLiesBelowTheRoot() throws {
        let places = DevicePlaces(root: "/srv/device")
        let id = try #require(PackID("pack03_os_base"))
        #expect(places.data(of: id, schema: 2) == "/srv/device/data/pack03_os_base/2")
        #expect(places.logs(of: id) == "/srv/device/logs/pack03_os_base")
        #expect(places.live == "/srv/device/live")
    }
}
