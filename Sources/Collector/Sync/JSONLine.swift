import RunRecords

/// One JSON object in one line, for `--json`.
struct JSONLine: Sendable {
    /// A value of a member.
    enum Value: Sendable {
        case string(String)
        case integer(Int)
        case object([(String, Value)])
    }

    private let members: [(String, Value)]

    /// - Parameter members: in order.
    init(_ members: KeyValuePairs<String, Value>) { self.members = members.map { ($0.key, $0.value) } }

    /// A change.
    init(_ item: SyncItem) {
        var members: [(String, Value)] = [
            ("change", .string(item.change.description)), ("path", .string(item.shownName)),
            ("bytes", .integer(item.byteCount)), ("carried", .integer(item.carriedByteCount)),
        ]
        if let level = item.verification { members.append(("verified", .string(level.rawValue))) }
        self.members = members
    }

    /// The end.
    init(_ result: SyncResult) {
        let statistics = result.statistics
        var members: [(String, Value)] = [
            ("exit", .integer(Int(result.exitStatus))), ("files", .integer(statistics.fileCount)),
            ("folders", .integer(statistics.folderCount)),
            ("transferred", .integer(statistics.transferredFileCount)),
            ("deleted", .integer(statistics.deletedCount)), ("problems", .integer(statistics.problemCount)),
            ("bytes", .integer(statistics.totalByteCount)),
            ("carried", .integer(statistics.literalByteCount)),
            ("reused", .integer(statistics.matchedByteCount)),
        ]
        let levels = statistics.verifications.sorted { $0.key < $1.key }
        members.append(("verified", .object(levels.map { ($0.key, .integer($0.value)) })))
        if let failure = result.failure { members.append(("failure", .string("\(failure)"))) }
        self.members = members
    }

    /// The object.
    var text: String { Self.text(members) }

    private static func text(_ members: [(String, Value)]) -> String {
        let parts = members.map { key, value in
            let text =
                switch value {
                case .string(let string): quoted(string)
                case .integer(let number): String(number)
                case .object(let members): self.text(members)
                }
            return quoted(key) + ":" + text
        }
        return "{" + parts.joined(separator: ",") + "}"
    }

    private static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONStringText.append(text, markupSafe: false, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
