import AuroraFields
package import AuroraModel

/// What is made of the tables of a manifest beside reading: the page and the schema of docs/reference.
package enum ManifestReference {
    /// The JSON Schema (draft 2020-12) that editors check a manifest with.
    package static var schema: JSONValue {
        FieldSchema.document(
            ManifestFields.facts, id: "urn:\(PackManifest.schema)", title: "the manifest of an Aurora pack")
    }

    /// Every file: its name below docs/reference and its text.
    package static var pages: [(name: String, text: String)] {
        [("manifest.md", page), ("manifest.schema.json", String(decoding: schema.prettyBytes, as: UTF8.self))]
    }

    private static var page: String {
        let text = """
            # The manifest of a pack

            Made from the table that reads the file by `make docs`; do not edit.

            `manifest.yaml`, `manifest.yml` or `manifest.json` in the pack's folder. Unknown fields are errors, and so are
            YAML anchors, aliases and tags. Every value is of the type this page names: text that could be read as a number or
            a truth value stands in quotes, and a field that is named has a value. Editors can check a manifest with
            [manifest.schema.json](manifest.schema.json). What the fields do together, how ranges and variants are read, and
            which manifest counts where there are two: [the format](../formats/manifest.md).

            ## The file


            """
        return (text + FieldReference.text(ManifestFields.facts)).withOneLineEnd
    }
}
