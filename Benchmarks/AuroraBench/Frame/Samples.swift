import Foundation

/// What a figure counts.
enum Unit {
    case seconds
    /// Operations each second.
    case rate
    case bytes
    case bytesPerSecond

    /// The value as a person reads it.
    func text(_ value: Double) -> String {
        switch self {
        case .seconds where value < 0.001: String(format: "%.0f µs", value * 1e6)
        case .seconds where value < 1: String(format: "%.2f ms", value * 1e3)
        case .seconds: String(format: "%.2f s", value)
        case .rate where value >= 100: String(format: "%.0f/s", value)
        case .rate: String(format: "%.1f/s", value)
        case .bytes: String(format: "%.1f MiB", value / 1_048_576)
        case .bytesPerSecond: String(format: "%.0f MiB/s", value / 1_048_576)
        }
    }
}

/// The measurements of one figure, one for each round.
struct Samples {
    let unit: Unit
    private(set) var values: [Double] = []

    init(_ unit: Unit, _ values: [Double] = []) {
        self.unit = unit
        self.values = values
    }

    mutating func add(_ value: Double) { values.append(value) }

    /// The middle one; 0 without any.
    var median: Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// Median and, in brackets, the smallest and the largest.
    var text: String {
        guard let least = values.min(), let most = values.max() else { return "not measured" }
        guard values.count > 1 else { return unit.text(median) }
        return "\(unit.text(median)) (\(unit.text(least)) – \(unit.text(most)))"
    }
}
