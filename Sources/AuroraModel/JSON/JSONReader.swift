/// Reads one JSON object field by field; every error names the path, and fields nobody asked for can be refused.
///
/// ```swift
/// var reader = try JSONReader(value)
/// let name = try reader.string("name")
/// let count = try reader.optionalInteger("count", in: 1...16) ?? 1
/// try reader.finish()
/// ```
package struct JSONReader {
    /// Where this object stands in the document, for messages.
    package let path: String
    package let object: JSONObject
    private var asked: [String] = []

    /// Starts reading `value`, which must be an object.
    package init(_ value: JSONValue, path: String = "") throws(JSONShapeError) {
        guard case .object(let object) = value else {
            throw JSONShapeError(path: path, problem: "must be an object, not \(value.kindName)")
        }
        self.path = path
        self.object = object
    }

    /// The path of member `key`.
    package func path(of key: String) -> String { path.isEmpty ? key : path + "." + key }

    /// An error about member `key`.
    package func error(_ key: String, _ problem: String) -> JSONShapeError {
        JSONShapeError(path: path(of: key), problem: problem)
    }

    /// The member, or nil when it is absent or null.
    package mutating func optional(_ key: String) -> JSONValue? {
        asked.append(key)
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    /// The member, which must be there.
    package mutating func value(_ key: String) throws(JSONShapeError) -> JSONValue {
        guard let value = optional(key) else { throw error(key, "is missing") }
        return value
    }

    package mutating func string(_ key: String) throws(JSONShapeError) -> String {
        let value = try value(key)
        guard let string = value.string else { throw error(key, "must be a string, not \(value.kindName)") }
        return string
    }

    package mutating func optionalString(_ key: String) throws(JSONShapeError) -> String? {
        optional(key) == nil ? nil : try string(key)
    }

    package mutating func integer(
        _ key: String, in range: ClosedRange<Int64> = Int64.min...Int64.max
    ) throws(JSONShapeError) -> Int64 {
        let value = try value(key)
        guard let number = value.integer else { throw error(key, "must be an integer, not \(value.kindName)") }
        guard range.contains(number) else {
            throw error(key, "is \(number), but must be from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    package mutating func optionalInteger(
        _ key: String, in range: ClosedRange<Int64> = Int64.min...Int64.max
    ) throws(JSONShapeError) -> Int64? {
        optional(key) == nil ? nil : try integer(key, in: range)
    }

    package mutating func bool(_ key: String) throws(JSONShapeError) -> Bool {
        let value = try value(key)
        guard let flag = value.bool else { throw error(key, "must be true or false, not \(value.kindName)") }
        return flag
    }

    package mutating func optionalBool(_ key: String) throws(JSONShapeError) -> Bool? {
        optional(key) == nil ? nil : try bool(key)
    }

    package mutating func array(_ key: String) throws(JSONShapeError) -> [JSONValue] {
        let value = try value(key)
        guard let elements = value.array else { throw error(key, "must be an array, not \(value.kindName)") }
        return elements
    }

    package mutating func strings(_ key: String) throws(JSONShapeError) -> [String] {
        var strings: [String] = []
        for (index, element) in try array(key).enumerated() {
            guard let string = element.string else {
                throw error("\(key)[\(index)]", "must be a string, not \(element.kindName)")
            }
            strings.append(string)
        }
        return strings
    }

    package mutating func optionalStrings(_ key: String) throws(JSONShapeError) -> [String]? {
        optional(key) == nil ? nil : try strings(key)
    }

    /// A reader for the object in member `key`.
    package mutating func reader(_ key: String) throws(JSONShapeError) -> JSONReader {
        try JSONReader(try value(key), path: path(of: key))
    }

    /// A reader for the object in member `key`, or nil when it is absent or null.
    package mutating func optionalReader(_ key: String) throws(JSONShapeError) -> JSONReader? {
        optional(key) == nil ? nil : try reader(key)
    }

    /// Readers for the objects in the array `key`.
    package mutating func readers(_ key: String) throws(JSONShapeError) -> [JSONReader] {
        var readers: [JSONReader] = []
        for (index, element) in try array(key).enumerated() {
            readers.append(try JSONReader(element, path: path(of: key) + "[\(index)]"))
        }
        return readers
    }

    /// Reads a string and makes something of it; nil from `make` is an error that says what was `expected`.
    package mutating func parsed<T>(
        _ key: String, expected: String, _ make: (String) -> T?
    ) throws(JSONShapeError) -> T {
        let text = try string(key)
        guard let value = make(text) else { throw error(key, "is \"\(text.printable(limit: 80))\", not \(expected)") }
        return value
    }

    /// As ``parsed(_:expected:_:)``, nil when the member is absent or null.
    package mutating func optionalParsed<T>(
        _ key: String, expected: String, _ make: (String) -> T?
    ) throws(JSONShapeError) -> T? {
        optional(key) == nil ? nil : try parsed(key, expected: expected, make)
    }

    /// Refuses members that nobody asked for: a misspelt setting must not be silently ignored.
    package func finish() throws(JSONShapeError) {
        for key in object.keys where !asked.contains(where: { $0.hasSameCodePoints(as: key) }) {
            throw error(key.printable(limit: 80), "is not a known member; known are \(asked.joined(separator: ", "))")
        }
    }
}
