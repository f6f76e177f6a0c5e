/// The members of a JSON object, in order, without duplicates by code points.
package struct JSONObject: Sendable {
    package private(set) var members: [(key: String, value: JSONValue)]

    /// Makes an object of `members`; of two members with the same key the later one is kept, in the earlier place.
    package init(_ members: [(String, JSONValue)] = []) {
        self.members = []
        self.members.reserveCapacity(members.count)
        for (key, value) in members { self[key] = value }
    }

    /// Takes members whose keys are known to differ; the parser has checked them.
    init(distinct members: [(key: String, value: JSONValue)]) {
        self.members = members
    }

    package var keys: [String] { members.map(\.key) }
    package var isEmpty: Bool { members.isEmpty }
    package var count: Int { members.count }

    /// The value of `key`; setting nil removes the member.
    package subscript(key: String) -> JSONValue? {
        get { members.first { $0.key.hasSameCodePoints(as: key) }?.value }
        set {
            let place = members.firstIndex { $0.key.hasSameCodePoints(as: key) }
            switch (place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append((key, value))
            case (nil, nil): break
            }
        }
    }

    /// The members sorted by the UTF-8 bytes of their keys, which is the order of code points.
    package var sortedMembers: [(key: String, value: JSONValue)] {
        members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}

extension JSONObject: Hashable {
    /// Objects are equal when they hold the same members, in whatever order.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left.sortedMembers, right.sortedMembers).allSatisfy { a, b in
            a.key.hasSameCodePoints(as: b.key) && a.value == b.value
        }
    }

    package func hash(into hasher: inout Hasher) {
        for member in sortedMembers {
            hasher.combine(JSONValue.string(member.key))
            hasher.combine(member.value)
        }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
