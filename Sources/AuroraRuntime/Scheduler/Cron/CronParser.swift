/// Reads the five fields of a cron expression: numbers, names, `*`, ranges, steps and lists, and nothing else.
struct CronParser {
    private let text: String
    private let bytes: [UInt8]
    private var position = 0

    private static let lengthLimit = 256

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// The five fields in their order.
    mutating func fields() throws(SchedulerError) -> [CronField] {
        guard bytes.count <= Self.lengthLimit else {
            throw SchedulerError.badCron(
                String(text.prefix(40)) + "…", column: Self.lengthLimit + 1,
                problem: "it is longer than \(Self.lengthLimit) bytes", remedy: "split it into several jobs")
        }
        skipBlanks()
        if isNext("@") { throw failure("a word instead of fields", "write all five, such as 0 0 * * * for each day") }
        var fields: [CronField] = []
        for rule in CronFieldRule.all {
            if isAtEnd {
                throw failure(
                    "the \(rule.name) is missing",
                    "write five fields: minute, hour, day of the month, month, day of the week")
            }
            fields.append(try field(rule))
            if !isAtEnd && !isBlank { throw unexpected(in: rule) }
            skipBlanks()
        }
        if !isAtEnd { throw failure("there is a sixth field", "leave out seconds, years and commands") }
        return fields
    }

    /// Items joined by commas.
    private mutating func field(_ rule: CronFieldRule) throws(SchedulerError) -> CronField {
        var field = CronField(isStar: isNext("*"))
        repeat { field.bits |= try item(rule) } while skip(",")
        return field
    }

    /// `*`, `a`, `a-b`, and a step after the first and the last of them.
    private mutating func item(_ rule: CronFieldRule) throws(SchedulerError) -> UInt64 {
        var range = rule.values
        var mayStep = true
        if !skip("*") {
            let start = position
            let low = try value(rule)
            mayStep = skip("-")
            let high = mayStep ? try value(rule) : low
            guard low <= high else {
                throw failure(
                    "the range \(low)-\(high) runs backwards", "write it as two ranges joined by a comma", at: start)
            }
            range = low...high
        } else if rule.values.upperBound == 7 {
            range = 0...6
        }
        var step = 1
        if isNext("/") {
            guard mayStep else {
                throw failure("a step after a single value", "write \(range.lowerBound)-\(rule.values.upperBound)/n")
            }
            _ = skip("/")
            step = try self.step(rule)
        }
        return bits(of: range, step: step, rule)
    }

    private func bits(of range: ClosedRange<Int>, step: Int, _ rule: CronFieldRule) -> UInt64 {
        var bits: UInt64 = 0
        for value in stride(from: range.lowerBound, through: range.upperBound, by: step) {
            // Sunday is both 0 and 7.
            bits |= 1 << UInt64(rule.values.upperBound == 7 ? value % 7 : value)
        }
        return bits
    }

    private mutating func step(_ rule: CronFieldRule) throws(SchedulerError) -> Int {
        let start = position
        guard let step = number() else { throw unexpected(in: rule) }
        guard (1...rule.values.upperBound).contains(step) else {
            throw failure(
                "the step \(bytesText(start)) of the \(rule.name) is outside 1-\(rule.values.upperBound)",
                "give a step within it", at: start)
        }
        return step
    }

    private mutating func value(_ rule: CronFieldRule) throws(SchedulerError) -> Int {
        let start = position
        if let number = number() {
            guard rule.values.contains(number) else {
                throw failure(
                    "\(bytesText(start)) is no \(rule.name)",
                    "use \(rule.values.lowerBound)-\(rule.values.upperBound)", at: start)
            }
            return number
        }
        while position < bytes.count, Self.isLetter(bytes[position]) { position += 1 }
        guard position > start else { throw unexpected(in: rule) }
        let word = bytesText(start).uppercased()
        guard let index = rule.names.firstIndex(of: word) else {
            let choice = rule.names.isEmpty ? "a number" : "a number or one of \(rule.names.joined(separator: " "))"
            throw failure("\"\(word)\" is no \(rule.name)", "use \(choice)", at: start)
        }
        return rule.values.lowerBound + index
    }

    /// Digits; more than four are cut, as no field has such values.
    private mutating func number() -> Int? {
        let start = position
        var value = 0
        while position < bytes.count, (48...57).contains(bytes[position]) {
            if position - start < 4 { value = value * 10 + Int(bytes[position] - 48) } else { value = Int(Int32.max) }
            position += 1
        }
        return position > start ? value : nil
    }

    // MARK: Bytes

    private var isAtEnd: Bool { position == bytes.count }
    private var isBlank: Bool { isNext(" ") || isNext("\t") }

    private func isNext(_ character: Unicode.Scalar) -> Bool {
        position < bytes.count && bytes[position] == UInt8(ascii: character)
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard isNext(character) else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() { while isBlank { position += 1 } }

    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }

    private func bytesText(_ start: Int) -> String { String(decoding: bytes[start..<position], as: UTF8.self) }

    private func unexpected(in rule: CronFieldRule) -> SchedulerError {
        guard position < bytes.count, !isBlank else {
            return failure("the \(rule.name) ends too early", "write a value, a range or * there")
        }
        let shown = (0x21..<0x7F).contains(bytes[position]) ? "\"\(Unicode.Scalar(bytes[position]))\"" : "this byte"
        return failure("\(shown) is not allowed in the \(rule.name)", "use numbers, names, * , - and /")
    }

    private func failure(_ problem: String, _ remedy: String, at place: Int? = nil) -> SchedulerError {
        .badCron(text, column: (place ?? position) + 1, problem: problem, remedy: remedy)
    }
}
