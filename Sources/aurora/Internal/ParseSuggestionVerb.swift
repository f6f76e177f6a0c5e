import AuroraModel
import AuroraSystem

/// `aurora internal parse-suggestion`: reads one drop-folder file on standard input, answers with one line of JSON.
///
/// `{"suggestion":{…}}` in the form of `NewSuggestionRequest` and exit code 0, or `{"code":…,"message":…}` and 3.
enum ParseSuggestionVerb {
    static func run() -> Int32 {
        do throws(Refusal) {
            let request = try NewSuggestionRequest.parse(try input())
            answer(JSONObject([("suggestion", request.json)]))
            return 0
        } catch {
            answer(JSONObject([("code", .string(error.code)), ("message", .string(error.message))]))
            return 3
        }
    }

    private static func input() throws(Refusal) -> [UInt8] {
        let limit = NewSuggestionRequest.maximumBytes
        do {
            return try Descriptor(adopting: 0).readAll(limit: limit)
        } catch {
            throw Refusal(
                .tooLarge, code: "bad_document", "the suggestion cannot be read, or has more than \(limit) bytes",
                rule: "a suggestion file has at most \(limit) bytes", remedy: "shorten the file")
        }
    }

    private static func answer(_ object: JSONObject) {
        Standard.writeOutput(String(decoding: JSONValue.object(object).compactBytes, as: UTF8.self) + "\n")
    }
}
