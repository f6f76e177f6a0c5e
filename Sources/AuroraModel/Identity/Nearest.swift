/// Finds the word somebody probably meant.
package enum Nearest {
    /// The candidate nearest to `word`, if it is near enough to be worth a guess; none for a word of over 100 bytes.
    package static func match(_ word: String, in candidates: some Sequence<String>) -> String? {
        guard word.utf8.count <= 100 else { return nil }
        var best: (word: String, distance: Int)?
        for candidate in candidates {
            let distance = distance(Array(word), Array(candidate))
            let limit = max(1, min(word.count, candidate.count) / 3)
            guard distance <= limit || isPrefix(word, of: candidate) else { continue }
            if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
        }
        return best?.word
    }

    private static func isPrefix(_ word: String, of candidate: String) -> Bool {
        word.count >= 3 && candidate.hasPrefix(word)
    }

    /// Single-character edits and swaps of neighbours between two words.
    private static func distance(_ from: [Character], _ to: [Character]) -> Int {
        if from.isEmpty || to.isEmpty { return max(from.count, to.count) }
        var beforePrevious: [Int] = []
        var previous = Array(0...to.count)
        for row in 1...from.count {
            var current = [row]
            for column in 1...to.count {
                let same = from[row - 1] == to[column - 1]
                var cost = min(
                    previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (same ? 0 : 1))
                if row > 1, column > 1, from[row - 1] == to[column - 2], from[row - 2] == to[column - 1] {
                    cost = min(cost, beforePrevious[column - 2] + 1)
                }
                current.append(cost)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[to.count]
    }
}
