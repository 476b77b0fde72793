public import Foundation

extension SadTalkerConfiguration {
    /// The environment variable with the path of a JSON file; the other variables override what it says.
    public static let fileVariable = "VOXSITE_SADTALKER_CONFIG"
    /// What every other variable begins with: the keys of the file follow in capitals.
    public static let variablePrefix = "VOXSITE_SADTALKER_"

    /// The file as it is written: every key but `checkout` may be missing.
    private struct File: Decodable {
        var checkout: String?
        var python: String?
        var checkpoints: String?
        var size: Int?
        var enhancer: String?
        var preprocess: String?
        var still: Bool?
        var old_version: Bool?
        var batch_size: Int?
        var pose_style: Int?
        var timeout_seconds: Double?
        var host: String?
        var portraits: [String: String]?
    }

    private static let keys: Set<String> = [
        "checkout", "python", "checkpoints", "size", "enhancer", "preprocess", "still", "old_version",
        "batch_size", "pose_style", "timeout_seconds", "host", "portraits",
    ]

    /// What a JSON file says.
    ///
    /// - Parameter json: an object with `checkout` and any of `python`, `checkpoints`, `size`, `enhancer`, `preprocess`,
    ///   `still`, `old_version`, `batch_size`, `pose_style`, `timeout_seconds`, `host`, `portraits`.
    /// - Throws: ``AvatarError/sadTalkerConfiguration(key:reason:)``.
    public init(json: Data) throws(AvatarError) {
        self = try Self.make(try Self.decode(json))
    }

    /// What the environment says, and the file that it names.
    ///
    /// - Parameters:
    ///   - environment: `VOXSITE_SADTALKER_CHECKOUT`, `…_PYTHON`, `…_SIZE` and so on; `VOXSITE_SADTALKER_CONFIG`
    ///     is the path of a file. Portraits can only be named there.
    ///   - read: reads a file.
    /// - Returns: nil where neither names a checkout, so that there is no SadTalker.
    /// - Throws: ``AvatarError/sadTalkerConfiguration(key:reason:)``.
    public static func find(
        environment: [String: String],
        read: (String) throws -> Data = { try Data(contentsOf: URL(filePath: $0)) }
    ) throws(AvatarError) -> SadTalkerConfiguration? {
        var file = File()
        if let path = environment[fileVariable], !path.isEmpty {
            let data: Data
            do { data = try read(path) } catch {
                throw .sadTalkerConfiguration(
                    key: fileVariable,
                    reason: "\(VisibleText.line(path)) cannot be read"
                )
            }
            file = try decode(data)
        }
        func value(_ key: String) -> String? {
            environment[variablePrefix + key.uppercased()].flatMap { $0.isEmpty ? nil : $0 }
        }
        func number<Number: LosslessStringConvertible>(_ key: String) throws(AvatarError) -> Number? {
            guard let text = value(key) else { return nil }
            if let number = Number(text) { return number }
            throw .sadTalkerConfiguration(
                key: variablePrefix + key.uppercased(),
                reason: "\(VisibleText.quoted(text)) is no number"
            )
        }
        func flag(_ key: String) throws(AvatarError) -> Bool? {
            switch value(key)?.lowercased() {
            case nil: return nil
            case "1", "true", "yes": return true
            case "0", "false", "no": return false
            case .some(let text):
                throw .sadTalkerConfiguration(
                    key: variablePrefix + key.uppercased(),
                    reason: "\(VisibleText.quoted(text)) is neither true nor false"
                )
            }
        }
        file.checkout = value("checkout") ?? file.checkout
        file.python = value("python") ?? file.python
        file.checkpoints = value("checkpoints") ?? file.checkpoints
        file.size = try number("size") ?? file.size
        file.enhancer = value("enhancer") ?? file.enhancer
        file.preprocess = value("preprocess") ?? file.preprocess
        file.still = try flag("still") ?? file.still
        file.old_version = try flag("old_version") ?? file.old_version
        file.batch_size = try number("batch_size") ?? file.batch_size
        file.pose_style = try number("pose_style") ?? file.pose_style
        file.timeout_seconds = try number("timeout_seconds") ?? file.timeout_seconds
        file.host = value("host") ?? file.host
        guard file.checkout != nil || environment[fileVariable]?.isEmpty == false else { return nil }
        return try make(file)
    }

    private static func decode(_ json: Data) throws(AvatarError) -> File {
        let object: Any
        do { object = try JSONSerialization.jsonObject(with: json) } catch {
            throw .sadTalkerConfiguration(key: "", reason: "it is no JSON")
        }
        guard let object = object as? [String: Any] else {
            throw .sadTalkerConfiguration(key: "", reason: "it is no JSON object")
        }
        // A misspelt key would be a setting that silently does nothing.
        if let unknown = object.keys.sorted().first(where: { !keys.contains($0) }) {
            throw .sadTalkerConfiguration(
                key: VisibleText.line(unknown, limit: 80),
                reason: "there is no such key; there are \(keys.sorted().joined(separator: ", "))"
            )
        }
        do { return try JSONDecoder().decode(File.self, from: json) } catch {
            guard case DecodingError.typeMismatch(let type, let context) = error else {
                throw .sadTalkerConfiguration(key: "", reason: "a value has the wrong type")
            }
            let key = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw .sadTalkerConfiguration(
                key: VisibleText.line(key, limit: 80),
                reason: "it must be a \(type)"
            )
        }
    }

    private static func make(_ file: File) throws(AvatarError) -> SadTalkerConfiguration {
        guard let checkout = file.checkout else {
            throw .sadTalkerConfiguration(
                key: "checkout",
                reason: "it is missing: the folder with inference.py"
            )
        }
        var made = SadTalkerConfiguration(checkout: checkout)
        made.python = file.python ?? made.python
        made.checkpoints = file.checkpoints ?? made.checkpoints
        if let size = file.size { made.size = try choose(size, "size") }
        if let enhancer = file.enhancer, enhancer != "none" {
            made.enhancer = try choose(enhancer, "enhancer", extra: ["none"])
        }
        if let preprocess = file.preprocess { made.preprocess = try choose(preprocess, "preprocess") }
        made.isStill = file.still ?? made.isStill
        made.usesOldVersion = file.old_version ?? made.usesOldVersion
        made.batchSize = file.batch_size ?? made.batchSize
        made.poseStyle = file.pose_style ?? made.poseStyle
        made.timeoutSeconds = file.timeout_seconds ?? made.timeoutSeconds
        made.hostName = file.host
        made.portraits = file.portraits ?? [:]
        try made.validate()
        return made
    }

    private static func choose<Choice: RawRepresentable & CaseIterable>(
        _ raw: Choice.RawValue,
        _ key: String,
        extra: [String] = []
    ) throws(AvatarError) -> Choice {
        if let choice = Choice(rawValue: raw) { return choice }
        let names = (Choice.allCases.map { "\($0.rawValue)" } + extra).joined(separator: ", ")
        throw .sadTalkerConfiguration(
            key: key,
            reason: "\(VisibleText.quoted("\(raw)")) is none of \(names)"
        )
    }
}
