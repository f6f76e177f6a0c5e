import AuroraSystem
import Glibc

/// A time zone of the IANA database: which offset from UTC holds when.
///
/// Moments are seconds since 1970 UTC; offsets are seconds east of UTC.
package struct Zone: Hashable, Sendable {
    /// A span of time with one offset.
    struct Segment {
        /// The offset before this segment, and when it gave way; nil at the beginning of time.
        var begin: (moment: Int64, previousOffset: Int64)?
        var offset: Int64
        /// The first moment that is not in it any more, and the offset from then on; nil at the end of time.
        var end: (moment: Int64, nextOffset: Int64)?
    }

    /// Its name, such as `Europe/Berlin`.
    package let name: String
    private let moments: [Int64]
    /// One more than `moments`: the offset before all of them comes first.
    private let offsets: [Int64]
    private let rule: ZoneRule?

    /// Coordinated Universal Time, without any file.
    package static let utc = Zone(name: "UTC", moments: [], offsets: [0], rule: nil)

    private init(name: String, moments: [Int64], offsets: [Int64], rule: ZoneRule?) {
        self.name = name
        self.moments = moments
        self.offsets = offsets
        self.rule = rule
    }

    /// Reads a zone of the system's database.
    ///
    /// - Parameters:
    ///   - name: as the database has it; `UTC` needs no file.
    ///   - folder: where the database lies.
    /// - Throws: ``SchedulerError/badZone(_:reason:)``.
    package static func named(
        _ name: String, in folder: String = "/usr/share/zoneinfo"
    ) throws(SchedulerError) -> Zone {
        if name == "UTC" { return .utc }
        guard isName(name) else { throw .badZone(String(name.prefix(64)), reason: "that is no name of a zone") }
        let bytes: [UInt8]
        do {
            let file = try Descriptor.open("\(folder)/\(name)", [.readOnly, .nonBlocking])
            guard try file.stat().kind == .regular else { throw SystemError(operation: "open", errno: EINVAL) }
            bytes = try file.readAll(limit: 1 << 20)
        } catch {
            throw .badZone(name, reason: "\(error) (is the package tzdata installed?)")
        }
        do { return try Zone(name: name, bytes: bytes) } catch { throw .badZone(name, reason: error.reason) }
    }

    /// Reads the bytes of a compiled zone.
    init(name: String, bytes: [UInt8]) throws(ZoneFile.Damage) {
        let file = try ZoneFile(bytes)
        self.init(
            name: name, moments: file.moments, offsets: [file.offsets[0]] + file.kinds.map { file.offsets[Int($0)] },
            rule: file.rule)
    }

    /// Components of letters, digits, `_`, `+` and `-`, joined by slashes; nothing that could leave the folder.
    private static func isName(_ name: String) -> Bool {
        guard name.utf8.count <= 64 else { return false }
        return name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.first, first >= 65 else { return false }
            return part.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 43
                    || byte == 45 || byte == 95
            }
        }
    }

    /// Seconds east of UTC at a moment.
    package func offset(at moment: Int64) -> Int64 {
        let index = count(upTo: moment)
        if index == moments.count, let rule { return rule.offset(at: moment) }
        return offsets[index]
    }

    /// The span with one offset that a moment lies in.
    func segment(at moment: Int64) -> Segment {
        let offset = offset(at: moment)
        let end = change(after: moment)
        guard let start = lastChange(upTo: moment) else { return Segment(begin: nil, offset: offset, end: end) }
        return Segment(begin: (start, self.offset(at: start - 1)), offset: offset, end: end)
    }

    /// The next moment at which the offset becomes another.
    private func change(after moment: Int64) -> (moment: Int64, nextOffset: Int64)? {
        let present = offset(at: moment)
        var index = count(upTo: moment)
        while index < moments.count {
            let next = offset(at: moments[index])
            if next != present { return (moments[index], next) }
            index += 1
        }
        guard let change = rule?.change(after: max(moment, moments.last ?? moment)) else { return nil }
        return (change.moment, change.offset)
    }

    private func lastChange(upTo moment: Int64) -> Int64? {
        if count(upTo: moment) == moments.count, let rule {
            // Far enough back that at least one change of the rule lies in between, if it has any.
            var last: Int64?
            var next = rule.change(after: moment - 2 * 366 * 86400)
            while let change = next, change.moment <= moment {
                if change.moment > moments.last ?? Int64.min { last = change.moment }
                next = rule.change(after: change.moment)
            }
            if let last { return last }
        }
        var index = count(upTo: moment) - 1
        while index >= 0 {
            if offset(at: moments[index] - 1) != offset(at: moments[index]) { return moments[index] }
            index -= 1
        }
        return nil
    }

    /// How many of the file's moments are not after this one.
    private func count(upTo moment: Int64) -> Int {
        var low = 0
        var high = moments.count
        while low < high {
            let middle = (low + high) / 2
            if moments[middle] <= moment { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
