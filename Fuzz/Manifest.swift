/// libFuzzer target: manifests in both formats, from bytes to findings and back to bytes.
///
/// Nothing may trap, every complaint is one harmless line, a range says the same when it is read again from what it means,
/// and digests that are written into a manifest change nothing else in it. See Fuzz/run.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzManifest(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = Array(UnsafeBufferPointer(start: bytes, count: count))
    for format in [TextFormat.yaml, .json] {
        do throws(DocumentError) {
            seal(try ManifestDocument(text, file: "m", format: format))
        } catch {
            precondition(!error.problems.isEmpty, "a refusal without a reason")
            for problem in error.problems { check(problem) }
        }
    }
    let decoded = String(decoding: text, as: UTF8.self)
    if let range = try? VersionRange(decoded) {
        let again = try? VersionRange(range.meaning)
        precondition(again == nil || again == range, "what a range means is another range")
    }
    return 0
}

private func check(_ problem: DocumentProblem) {
    precondition(problem.description.unicodeScalars.allSatisfy(\.isHarmlessInLine), "a refusal of two lines")
}

/// Seals with digests that differ, advises, and seals again.
private func seal(_ document: ManifestDocument) {
    for finding in ManifestAdvice(document: document).findings { check(finding.problem) }
    _ = document.programPlaces
    let digests = document.artifactPlaces.enumerated().map { index, _ in
        Digest(hashing: [UInt8(truncatingIfNeeded: index)])
    }
    do throws(DocumentError) {
        let sealed = try document.sealed(with: digests)
        let read = try ManifestDocument(sealed, file: "m", format: document.format)
        precondition(read.manifest.isSealed, "sealed and yet not")
        let again = try read.sealed(with: digests)
        precondition(again == sealed, "sealing twice is not sealing once")
    } catch {
        for problem in error.problems { check(problem) }
    }
}
