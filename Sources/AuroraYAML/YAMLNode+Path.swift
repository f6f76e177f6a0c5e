extension YAMLNode {
    /// The node at a path such as `policies.core.windows[0]`, or the deepest one on the way to it.
    ///
    /// Made for messages: whoever reads the values names the path, this finds the place in the text.
    package func deepest(at path: String) -> YAMLNode {
        var node = self
        for part in path.split(whereSeparator: { $0 == "." || $0 == "[" }) {
            let step = part.last == "]" ? part.dropLast() : part
            if let index = Int(step), let elements = node.sequence, elements.indices.contains(index) {
                node = elements[index]
            } else if let next = node[String(step)] {
                node = next
            } else {
                return node
            }
        }
        return node
    }
}
