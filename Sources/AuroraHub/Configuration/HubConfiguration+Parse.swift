import AuroraApprovals
package import AuroraFields
import AuroraModel
import AuroraSystem
import AuroraYAML

extension HubConfiguration {
    /// Reads and checks a configuration file without starting anything.
    ///
    /// - Returns: the configuration and notes that are no errors, such as a target directory that does not exist yet.
    /// - Throws: ``DocumentError`` with every problem, each with line, column, field and remedy.
    package static func check(file path: String) throws(DocumentError) -> (HubConfiguration, notes: [String]) {
        let configuration = try load(path)
        var notes: [String] = []
        for target in configuration.targets where !exists(FilePath.parent(of: target.description.path)) {
            notes.append(
                "target \(target.description.name): the folder \(FilePath.parent(of: target.description.path)) does not exist "
                    + "yet; make it before the hub starts")
        }
        for key in configuration.signing.keyring where !exists(key) {
            notes.append("signing.keyring: \(key) is not a readable file; export the release key there")
        }
        notes += configuration.foreignUsers().map { "\($0); start the hub as root, or change run_as" }
        if configuration.targets.isEmpty { notes.append("there are no targets: nothing can be promoted yet") }
        if configuration.signing.fingerprints.isEmpty {
            notes.append("signing.fingerprints is empty: no signature can be good; list the release keys")
        }
        return (configuration, notes)
    }

    /// Reads the file at `path`.
    static func load(_ path: String) throws(DocumentError) -> HubConfiguration {
        let bytes: [UInt8]
        do { bytes = try DurableFile.read(path, limit: 1 << 20) } catch {
            throw DocumentError(problems: [
                DocumentProblem(
                    file: path, line: 0, column: 0, field: "", problem: "cannot be read: \(error)",
                    remedy: "check the path given with --config")
            ])
        }
        return try parse(bytes, file: path)
    }

    /// Reads the bytes of a configuration; relative paths in it start at the file's folder.
    static func parse(_ bytes: [UInt8], file: String) throws(DocumentError) -> HubConfiguration {
        let root = try TextFormat.yaml.parse(bytes, file: file)
        let report = FieldReport(file: file)
        var configuration = HubConfiguration.read(FieldReader(root, path: "", report: report))
        configuration.file = file
        checkPolicies(of: configuration, report)
        try report.finish()
        return configuration
    }

    /// Complains about policies that are weaker than the safety class of a target allows.
    private static func checkPolicies(of configuration: HubConfiguration, _ report: FieldReport) {
        do { try configuration.policyBook(isDevelopment: false).check(configuration.targets.map(\.description)) } catch
        {
            report.add(YAMLPosition(line: 1, column: 1), "policies", error.message, error.remedy)
        }
    }

    private static func exists(_ path: String) -> Bool {
        let status = try? FileStatus.ifExists(path)
        return status != nil
    }
}
