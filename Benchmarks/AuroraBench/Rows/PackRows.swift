import AuroraSystem

/// A set of 20 packs activated and taken back through the real engine, and installed as an operator does it, both without
/// the packs' own programs.
enum PackRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let folder = try bench.makeFolder("packs")
        let large = bench.isQuick ? 200 << 20 : 2 << 30
        let sets = [
            try SwitchedSet("\(folder)/small", packs: 20, bytes: 2 << 20),
            try SwitchedSet("\(folder)/large", packs: 20, bytes: large),
        ]
        var activations = [Samples(.seconds), Samples(.seconds)]
        var rollbacks = activations
        var limit = Samples(.seconds)
        for _ in 0..<bench.rounds {
            for turn in 0..<4 {
                // Preparing reads every byte, so the large one takes part in one turn of four.
                for (index, set) in sets.enumerated() where index == 0 || turn == 0 {
                    let number = try set.prepare()
                    try bench.settle()
                    activations[index].add(try seconds { try set.activate(number) })
                    rollbacks[index].add(try seconds { try set.rollBack() })
                    try set.forget()
                }
                try DurableFile.remove("\(folder)/limit.new")
                try DurableFile.symlink("nowhere", at: "\(folder)/limit.new")
                limit.add(try seconds { try DurableFile.rename("\(folder)/limit.new", to: "\(folder)/limit") })
            }
        }
        let name = bench.isQuick ? "200 MiB sparse" : "2 GiB sparse"
        return rows("activate", activations, name, limit) + rows("roll back", rollbacks, name, limit)
            + [try install(bench, "\(folder)/device", limit)]
    }

    private static func install(_ bench: Bench, _ root: String, _ limit: Samples) throws -> ResultRow {
        let packs = try InstalledPacks(bench, root, packs: 20)
        try packs.install()
        try packs.takeBack()
        var whole = Samples(.seconds)
        for _ in 0..<bench.rounds * 4 {
            try bench.settle()
            whole.add(try seconds { try packs.install() })
            try packs.takeBack()
        }
        let flushes = try FlushCount.during(bench) { try packs.install() }
        let count = flushes.map { "\($0) waits for the disk" } ?? "its waits for the disk not counted: strace cannot"
        return ResultRow(
            "plan, approve and install 20 packs, their programs apart", ours: whole.text,
            peer: "\(count); one rename made durable: \(limit.text)", ratio: times(whole.median, limit.median))
    }

    private static func rows(_ action: String, _ ours: [Samples], _ name: String, _ limit: Samples) -> [ResultRow] {
        let (small, large) = (ours[0].median, ours[1].median)
        return [
            ResultRow(
                "\(action) 20 packs, 2 MiB", ours: ours[0].text,
                peer: "limit, one rename made durable: \(limit.text)", ratio: times(small, limit.median),
                bar: "≤ 5 ms, stop and start apart", isMet: small <= 0.005),
            ResultRow(
                "\(action) 20 packs, \(name)", ours: ours[1].text, peer: "2 MiB: \(ours[0].text)",
                ratio: times(large, small), bar: "same cost (≤ 1.5×, for noise)", isMet: large <= 1.5 * small),
        ]
    }
}
