import CShims
import Glibc

/// The Landlock rule set: opened with the rights of the start, put in force without them.
///
/// Every right the kernel's ABI knows is handled, so what no rule allows is denied; a rule's rights that the ABI does not
/// know are left out of the rule. From ABI 4 all TCP is denied
/// unless the specification leaves it alone, from ABI 6 abstract sockets and signals to the outside.
struct Landlock {
    /// Rights that make sense for a file; the kernel refuses a rule with others for a file.
    private static let fileRights: UInt64 = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15

    let ruleset: Int32
    private let handled: UInt64
    private let opened: [(descriptor: Int32, access: UInt64)]

    /// Makes the rule set and opens every path of the rules.
    init(_ specification: Specification) throws(Failure) {
        let abi = aurora_launcher_landlock_abi()
        guard abi >= 0 else { throw Failure(.landlock, "this kernel does not offer it") }
        guard abi >= Int32(specification.landlockFloor) else {
            throw Failure(.landlock, "the kernel has ABI \(abi), ABI \(specification.landlockFloor) is needed", code: 0)
        }
        handled = Landlock.rights(abi)
        let network: UInt64 = abi >= 4 && !specification.wantsNetwork ? 3 : 0
        var rules = aurora_landlock_ruleset(files: handled, network: network, scopes: abi >= 6 ? 3 : 0)
        ruleset = aurora_launcher_landlock_create(&rules, abi >= 6 ? 24 : abi >= 4 ? 16 : 8)
        guard ruleset >= 0 else { throw Failure(.landlock, "no rule set can be made") }
        opened = try Landlock.open(specification.rules)
    }

    /// Adds the rules; done after the rights were dropped, so that it needs none.
    func addRules() throws(Failure) {
        for rule in opened {
            var status = stat()
            guard fstat(rule.descriptor, &status) == 0 else { throw Failure(.landlock, "a rule's place has gone") }
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            let access = rule.access & handled & (isDirectory ? UInt64.max : Landlock.fileRights)
            if access != 0, aurora_launcher_landlock_allow(ruleset, access, rule.descriptor) != 0 {
                throw Failure(.landlock, "a rule was refused")
            }
        }
    }

    /// Puts the rules in force for this thread and everything it becomes.
    func restrict() throws(Failure) {
        if aurora_launcher_landlock_restrict(ruleset) != 0 { throw Failure(.landlock, "it cannot be put in force") }
    }

    private static func rights(_ abi: Int32) -> UInt64 {
        var rights: UInt64 = 1 << 13 - 1
        if abi >= 2 { rights |= 1 << 13 }
        if abi >= 3 { rights |= 1 << 14 }
        if abi >= 5 { rights |= 1 << 15 }
        return rights
    }

    private static func open(_ rules: [Specification.Rule]) throws(Failure) -> [(descriptor: Int32, access: UInt64)] {
        var opened: [(descriptor: Int32, access: UInt64)] = []
        for rule in rules {
            var descriptor = Int32(bitPattern: rule.descriptor)
            if rule.descriptor == Specification.none {
                descriptor = aurora_launcher_open_path(rule.path)
                if descriptor < 0, rule.isOptional, errno == ENOENT || errno == ENOTDIR { continue }
                guard descriptor >= 0 else { throw Failure(.landlock, String(cString: rule.path)) }
            }
            opened.append((descriptor, rule.access))
        }
        return opened
    }
}
