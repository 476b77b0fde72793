import Files
import RunRecords

extension ManifestLine {
    /// The line with its newline, as one JSON object.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        LogValue.append(fields, to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private var fields: [LogField] {
        switch self {
        case .file(let entry): return entry.fields
        case .pass(let time, let succeeded, let message):
            var fields = [
                LogField("time", .number(time)), LogField("action", "pass"), LogField("ok", .bool(succeeded)),
            ]
            if let message { fields.append(LogField("message", .string(message))) }
            return fields
        }
    }

    /// Reads a line; a disk or an editor may have damaged it.
    ///
    /// Nil comes back for anything that is not a whole line of a manifest.
    ///
    /// - Parameter line: without its newline.
    init?(_ line: [UInt8]) {
        guard let json = try? JSONParser.parse(line), let time = json["time"]?.finite else { return nil }
        if json["action"]?.string == "pass" {
            guard let succeeded = json["ok"]?.bool else { return nil }
            self = .pass(time: time, succeeded: succeeded, message: json["message"]?.string)
            return
        }
        guard let entry = ManifestEntry(json, time: time) else { return nil }
        self = .file(entry)
    }
}

extension ManifestEntry {
    fileprivate var fields: [LogField] {
        var fields = [
            LogField("time", .number(time)), LogField("action", .string(action.rawValue)),
            LogField("name", .string(name.string)), LogField("path", .string(path.string)),
            LogField("source", .string(source)), LogField("bytes", .integer(byteCount)),
            LogField("sha256", .string(sha256.hex)), LogField("verification", .string(verification.rawValue)),
            LogField("kind", .string(kind.rawValue)),
        ]
        if let step { fields.append(LogField("step", .integer(step))) }
        // As text: a number in JSON is exact to 2^53 only, and these are larger.
        if let modifiedNanoseconds {
            fields.append(LogField("modified_nanoseconds", .string(String(modifiedNanoseconds))))
        }
        if let message { fields.append(LogField("message", .string(message))) }
        return fields
    }

    fileprivate init?(_ json: JSONValue, time: Double) {
        func text<Value>(_ key: String, _ make: (String) -> Value?) -> Value? {
            json[key]?.string.flatMap(make)
        }
        func integer(_ key: String) -> Int? {
            json[key]?.finite.flatMap { Int(exactly: $0) }
        }
        guard let action = text("action", Action.init(rawValue:)),
            let name = text("name", { try? RelativePath(validating: $0) }),
            let path = text("path", { try? RelativePath(validating: $0) }),
            let source = json["source"]?.string,
            let byteCount = integer("bytes"), byteCount >= 0,
            let sha256 = text("sha256", { SHA256Value(hex: $0) }),
            let verification = text("verification", BackupVerification.init(rawValue:)),
            let kind = text("kind", CheckpointName.Kind.init(rawValue:))
        else { return nil }
        self.init(
            time: time,
            action: action,
            name: name,
            path: path,
            source: source,
            byteCount: byteCount,
            sha256: sha256,
            verification: verification,
            kind: kind,
            step: integer("step"),
            modifiedNanoseconds: text("modified_nanoseconds") { Int64($0) },
            message: json["message"]?.string
        )
    }
}
