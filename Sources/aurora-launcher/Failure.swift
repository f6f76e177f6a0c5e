import Glibc

/// A layer that could not be put in place.
struct Failure: Error {
    private let layer: Layer
    private let text: String
    private let code: Int32

    /// Keeps `errno` at the time of the call unless another code is given; 0 means there is none.
    init(_ layer: Layer, _ text: String, code: Int32 = errno) {
        self.layer = layer
        self.text = text
        self.code = code
    }

    /// Says so in one line to the parent and to a person, and ends with the layer's code.
    func end(status: Int32?) -> Never {
        let reason = code == 0 ? text : "\(text): \(String(cString: strerror(code)))"
        if let status { write("\(layer.rawValue) \(reason)\n", to: status) }
        write("aurora-launcher: \(layer.rawValue): \(reason)\n", to: STDERR_FILENO)
        _exit(layer.exitCode)
    }
}

/// Writes a short line; a pipe takes it whole or not at all.
func write(_ line: String, to descriptor: Int32) {
    let bytes = Array(line.utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
}
