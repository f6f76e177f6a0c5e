import AuroraModel

/// What is said to a client whose upload cannot go on.
enum UploadRefusals {
    static func unknown(_ id: UploadID) -> Refusal {
        Refusal(
            .notFound, code: "upload_unknown", "This account has no upload \(id.text).",
            subject: id.text, rule: "an interrupted upload is kept for 24 hours",
            remedy: "Begin the upload again.")
    }

    static func complete(_ record: UploadRecord) -> Refusal {
        Refusal(
            .conflict, code: "upload_complete", "The upload \(record.id) of \(record.fileName) is complete.",
            subject: record.id.text, rule: "a complete upload takes no more bytes", remedy: "Nothing is left to send.")
    }

    static func busy(_ record: UploadRecord) -> Refusal {
        Refusal(
            .conflict, code: "upload_busy", "Another request is writing to the upload \(record.id).",
            subject: record.id.text, rule: "one writer for each upload",
            remedy: "Wait until that request ends, then ask for the offset and go on.")
    }

    static func offset(_ record: UploadRecord, given: Int64, stored: Int64) -> Refusal {
        Refusal(
            .conflict, code: "upload_offset_mismatch",
            "The upload \(record.id) has \(stored) bytes; the part begins at \(given).", subject: record.id.text,
            rule: "a part begins where the stored bytes end", remedy: "Go on at offset \(stored).")
    }

    static func over(_ record: UploadRecord) -> Refusal {
        Refusal(
            .conflict, code: "upload_over", "The upload of \(record.fileName) is over and takes no more bytes.",
            subject: record.id.text, rule: "an upload that was refused or ended is gone",
            remedy: "Begin the upload again.")
    }

    static func negativeLength(_ name: String) -> Refusal {
        Refusal(
            .badRequest, code: "upload_length_mismatch", "The declared length of \(name) is negative.", subject: name,
            rule: "a length is a count of bytes", remedy: "Send the true length.")
    }

    static func lengthExceeded(_ record: UploadRecord, length: Int64) -> Refusal {
        Refusal(
            .badRequest, code: "upload_length_exceeded",
            "\(record.fileName) has more than the declared \(length) bytes.",
            subject: record.fileName, rule: "the body has exactly the declared length",
            remedy: "Declare the true length and send the file again.")
    }

    static func lengthMismatch(_ record: UploadRecord, length: Int64, offset: Int64) -> Refusal {
        Refusal(
            .badRequest, code: "upload_length_mismatch",
            "\(record.fileName) was declared with \(length) bytes and ended after \(offset).",
            subject: record.fileName, rule: "the body has exactly the declared length",
            remedy: "Declare the true length and send the file again.")
    }

    static func digest(_ record: UploadRecord, declared: Digest, computed: Digest) -> Refusal {
        Refusal(
            .badRequest, code: "digest_mismatch",
            "\(record.fileName) was declared as sha256 \(declared.hex) and arrived as \(computed.hex).",
            subject: record.fileName, rule: "the declared digest must be the digest of the bytes (RFC 9530)",
            remedy: "The file was damaged on the way or the digest is of another file: compute it and send again.")
    }
}
