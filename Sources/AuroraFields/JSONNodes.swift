import AuroraModel
import AuroraYAML

/// Turns a JSON value and the places of its parts into the nodes that fields are read from.
///
/// Recursion is as deep as the parser allowed.
struct JSONNodes {
    /// As ``JSONParser/parseWithPlaces(_:maximumBytes:depth:)`` returns them.
    let places: [Range<Int>]
    let lines: LineIndex
    private var next = 0

    init(places: [Range<Int>], lines: LineIndex) {
        self.places = places
        self.lines = lines
    }

    /// The node of the value that comes next in the text.
    mutating func node(_ value: JSONValue) -> YAMLNode {
        let place = take()
        return YAMLNode(content(value), at: lines.position(of: place.lowerBound), span: lines.scalars(in: place))
    }

    private mutating func content(_ value: JSONValue) -> YAMLNode.Value {
        switch value {
        case .null: return .scalar("null", isPlain: true)
        case .bool(let flag): return .scalar(flag ? "true" : "false", isPlain: true)
        case .integer(let number): return .scalar("\(number)", isPlain: true)
        case .double(let number): return .scalar("\(number)", isPlain: true)
        case .string(let text): return .scalar(text, isPlain: false)
        case .array(let elements):
            var nodes: [YAMLNode] = []
            for element in elements { nodes.append(node(element)) }
            return .sequence(nodes)
        case .object(let object):
            var entries: [YAMLEntry] = []
            for member in object.members {
                let position = lines.position(of: take().lowerBound)
                entries.append(YAMLEntry(key: member.key, position: position, value: node(member.value)))
            }
            return .mapping(entries)
        }
    }

    private mutating func take() -> Range<Int> {
        guard places.indices.contains(next) else { return 0..<0 }
        next += 1
        return places[next - 1]
    }
}

/// Where the bytes of a text stand in lines and code points.
struct LineIndex {
    /// The first byte of each line.
    private var starts = [0]
    /// Code points before each byte, and before the end.
    private var counts: [Int] = []

    init(_ bytes: [UInt8]) {
        counts.reserveCapacity(bytes.count + 1)
        var count = 0
        for (offset, byte) in bytes.enumerated() {
            counts.append(count)
            if byte & 0xC0 != 0x80 { count += 1 }
            let isPair = byte == 0x0D && offset + 1 < bytes.count && bytes[offset + 1] == 0x0A
            if byte == 0x0A || (byte == 0x0D && !isPair) { starts.append(offset + 1) }
        }
        counts.append(count)
    }

    /// The line and column of a byte, both from 1; beyond the text it is the end.
    func position(of offset: Int) -> YAMLPosition {
        let offset = min(max(offset, 0), counts.count - 1)
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return YAMLPosition(line: low + 1, column: counts[offset] - counts[starts[low]] + 1)
    }

    /// The code points of a range of bytes, which must lie in the text.
    func scalars(in bytes: Range<Int>) -> Range<Int> { counts[bytes.lowerBound]..<counts[bytes.upperBound] }
}
