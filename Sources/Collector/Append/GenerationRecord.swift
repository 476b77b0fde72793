import Files
import RunRecords

/// One line of `.voxsite/generations.jsonl`: which file began anew, when, why, and what it was before.
///
/// It is written for people and for later checks, and never read by the collector. A crash may leave the same
/// record twice.
struct GenerationRecord: Sendable, Hashable {
    var time: Double
    var source: String
    /// The file's own name.
    var path: RelativePath
    /// The name under which the earlier bytes are kept; nil where there were none.
    var savedAs: RelativePath?
    var number: Int
    var reason: GenerationReason
    /// How many of its bytes had been recorded.
    var synced: Int
    var headHash: SHA256Value
    /// Of everything under ``savedAs``; nil where the destination does not hash.
    var sha256: SHA256Value?

    /// The line with its line break.
    var line: [UInt8] {
        var bytes = Array("{\"time\":".utf8)
        NumberText.append(time, to: &bytes)
        func text(_ key: String, _ value: String?) {
            guard let value else { return }
            bytes.append(contentsOf: ",\"\(key)\":".utf8)
            JSONStringText.append(value, markupSafe: false, to: &bytes)
        }
        func number(_ key: String, _ value: Int) {
            bytes.append(contentsOf: ",\"\(key)\":".utf8)
            NumberText.append(value, to: &bytes)
        }
        text("source", source)
        text("path", path.string)
        text("saved_as", savedAs?.string)
        number("number", self.number)
        text("reason", reason.text)
        number("synced", synced)
        text("head_sha256", headHash.hex)
        text("sha256", sha256?.hex)
        bytes.append(contentsOf: "}\n".utf8)
        return bytes
    }
}
