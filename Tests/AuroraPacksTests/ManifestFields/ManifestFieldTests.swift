import AuroraModel
import AuroraSandbox
import Testing

/// Every field of a manifest does something: with another value the same pack behaves in another way.
@Suite struct ManifestFieldTests {
    @Test("each field of the table that reads manifests has a case here, and each case is about one of them")
    func completeness() {
        #expect(Set(FieldCase.all.map(\.field)) == Set(FieldCase.table))
    }

    @Test("a field with another value is another behaviour", arguments: FieldCase.all)
    func behaviour(_ field: FieldCase) throws {
        #expect(Set(field.expected.map(\.behaviour)).count > 1, "no two values differ")
        for (value, behaviour) in field.expected {
            var pack = field.pack
            pack.set(field.field, value)
            try withBench { bench in
                let seen = try field.observe(FieldTrial(bench, pack))
                #expect(seen == behaviour, "\(field.field): \(value?.description ?? "left out")")
            }
        }
    }
}
