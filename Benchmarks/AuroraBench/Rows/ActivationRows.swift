import AuroraSystem

/// Promote and rollback: the switch itself through the real engine, against copying a tree into place.
enum ActivationRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let folder = try bench.makeFolder("promote")
        let large = bench.isQuick ? 256 << 20 : 2 << 30
        let targets = [
            try SwitchedTarget(folder, "small", bytes: 2 << 20), try SwitchedTarget(folder, "large", bytes: large),
        ]
        let copied = try CopiedTree(folder, isSmall: bench.isQuick)
        var promotes = [Samples(.seconds), Samples(.seconds)]
        var rollbacks = promotes
        var (replaced, beside, limit) = (Samples(.seconds), Samples(.seconds), Samples(.seconds))
        for _ in 0..<bench.rounds {
            try bench.settle()
            for turn in 0..<4 {
                // Preparing reads every byte of both trees, so the large one takes part in one turn of four.
                for (index, target) in targets.enumerated() where index == 0 || turn == 0 {
                    let number = try target.prepare()
                    try bench.settle()
                    promotes[index].add(try seconds { try target.promote(number) })
                    rollbacks[index].add(try seconds { try target.rollBack() })
                    try target.forget()
                }
                limit.add(try durableRename(folder))
            }
            try bench.settle()
            replaced.add(try copied.copyAndReplace())
            try bench.settle()
            beside.add(try copied.copyBeside())
        }
        let sizes = bench.isQuick ? ("2 MiB", "256 MiB sparse") : ("2 MiB", "2 GiB sparse")
        let copies = Copies(name: copied.name, isFull: !bench.isQuick, replaced: replaced, beside: beside)
        return rows("promote", promotes, copies, sizes, limit) + rows("rollback", rollbacks, copies, sizes, limit)
    }

    private struct Copies {
        let name: String
        /// Whether the tree has the size the bar speaks of.
        let isFull: Bool
        let replaced: Samples
        let beside: Samples
    }

    private static func rows(
        _ action: String, _ ours: [Samples], _ copies: Copies, _ sizes: (String, String), _ limit: Samples
    ) -> [ResultRow] {
        let (small, large) = (ours[0].median, ours[1].median)
        let (replaced, beside) = (copies.replaced.median, copies.beside.median)
        return [
            ResultRow(
                "\(action), 20 files, \(sizes.0)", ours: ours[0].text,
                peer: "limit, one rename made durable: \(limit.text)", ratio: times(small, limit.median),
                bar: "≤ 5 ms", isMet: small <= 0.005),
            ResultRow(
                "\(action), 20 files, \(sizes.1)", ours: ours[1].text, peer: "\(sizes.0): \(ours[0].text)",
                ratio: times(large, small), bar: "same cost (≤ 1.5×, for noise)", isMet: large <= 1.5 * small),
            ResultRow(
                "\(action) against copy and replace", ours: ours[1].text,
                peer: "back up, remove, copy, sync \(copies.name): \(copies.replaced.text)",
                ratio: "\(times(replaced, large)) cheaper", bar: "≥ 1,000× cheaper for 200 MiB",
                isMet: copies.isFull ? replaced >= 1000 * large : nil),
            ResultRow(
                "\(action) against a copy moved into place", ours: ours[1].text,
                peer: "copy beside, sync, move \(copies.name): \(copies.beside.text)",
                ratio: "\(times(beside, large)) cheaper"),
        ]
    }

    /// The least that any switch can cost here: one new link renamed over the old one, and its folder flushed.
    private static func durableRename(_ folder: String) throws -> Double {
        let link = "\(folder)/limit"
        try FileTree.remove("\(link).new")
        try DurableFile.symlink("nowhere", at: "\(link).new")
        return try seconds { try DurableFile.rename("\(link).new", to: link) }
    }
}
