/// A path with named holes, such as `/api/v1/users/{name}`; a last `{rest*}` takes all segments that are left.
struct RoutePattern: Hashable, Sendable {
    /// One piece between slashes.
    enum Piece: Hashable, Sendable {
        case literal(String)
        case hole(String)
        case rest(String)
    }

    let text: String
    let pieces: [Piece]

    init(_ text: String) {
        self.text = text
        pieces = text.split(separator: "/").map { piece in
            guard piece.hasPrefix("{"), piece.hasSuffix("}") else { return .literal(String(piece)) }
            let name = piece.dropFirst().dropLast()
            return name.hasSuffix("*") ? .rest(String(name.dropLast())) : .hole(String(name))
        }
    }

    /// The values of the holes when `segments` (already percent-decoded) fit, else nil.
    func match(_ segments: [String]) -> [String: String]? {
        var values: [String: String] = [:]
        for (index, piece) in pieces.enumerated() {
            if case .rest(let name) = piece {
                guard index < segments.count else { return nil }
                values[name] = segments[index...].joined(separator: "/")
                return values
            }
            guard index < segments.count else { return nil }
            switch piece {
            case .literal(let literal): guard literal == segments[index] else { return nil }
            case .hole(let name): values[name] = segments[index]
            case .rest: return nil
            }
        }
        return pieces.count == segments.count ? values : nil
    }

    /// Names of the holes, in order.
    var holes: [String] {
        pieces.compactMap { piece in
            switch piece {
            case .literal: nil
            case .hole(let name), .rest(let name): name
            }
        }
    }

    /// The pattern as OpenAPI writes it: `{rest*}` has no counterpart there and becomes `{rest}`.
    var openAPIPath: String { text.replacing("*}", with: "}") }

    /// How specific the pattern is: literals win over holes, position by position.
    var rank: [Int] {
        pieces.map { piece in
            switch piece {
            case .literal: 0
            case .hole: 1
            case .rest: 2
            }
        }
    }
}
