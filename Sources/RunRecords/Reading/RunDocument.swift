import Files

/// What a `run.json` says, each part nil or empty where it says nothing of the kind.
///
/// The reader's side of `RunDescription`: any program may have written it, so nothing is required of it.
package struct RunDocument: Sendable, Equatable {
    package var name: String?
    package var engine: String?
    package var stage: String?
    /// Seconds since 1970.
    package var started: Double?
    package var totalEpochs: Double?
    package var stepsPerEpoch: Double?
    package var totalSteps: Double?
    package var hostName: String?
    package var gpuName: String?
    package var configuration: JSONValue = .null
    package var tags: [String] = []
    package var notes = ""

    /// A longer file is not a description.
    static let sizeLimit = 4 << 20

    package init() {}

    package init(_ json: JSONValue) {
        func text(_ value: JSONValue?) -> String? {
            guard let text = value?.string, !text.isEmpty else { return nil }
            return text
        }
        func positive(_ keys: String...) -> Double? {
            for key in keys {
                if let value = json[key]?.finite, value > 0, value < 1e15 { return value }
            }
            return nil
        }
        name = text(json["name"])
        engine = text(json["engine"])
        stage = text(json["stage"])
        started = positive("started", "start_time", "created")
        totalEpochs = positive("total_epochs", "num_epochs", "max_epochs")
        stepsPerEpoch = positive("steps_per_epoch")
        totalSteps = positive("total_steps", "max_steps")
        hostName = text(json["host"]?["name"]) ?? text(json["host"])
        gpuName = text(json["host"]?["gpu"]) ?? text(json["gpu"])
        configuration = json["config"] ?? json["configuration"] ?? .null
        tags = (json["tags"]?.array ?? []).compactMap(\.string)
        notes = text(json["notes"]) ?? ""
    }

    /// Reads a description; a missing file is an empty one.
    ///
    /// - Throws: `RunRecordsError.read` with what is wrong and where, for a file that is not JSON or not an object.
    package static func read(_ path: String) throws(RunRecordsError) -> RunDocument {
        guard FileIdentity.find(path) != nil else { return RunDocument() }
        let bytes: [UInt8]
        do {
            bytes = try OpenFile.reading(path).readAll(limit: sizeLimit)
        } catch {
            throw .read(path: path, reason: error.systemReason ?? error.description)
        }
        do {
            let json = try JSONParser.parse(bytes)
            guard case .object = json else {
                throw RunRecordsError.json(offset: 0, reason: "it is not an object")
            }
            return RunDocument(json)
        } catch {
            throw .read(path: path, reason: "\(error)")
        }
    }
}
