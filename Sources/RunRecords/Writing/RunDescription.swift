import Files

/// What a run is and plans to do: `runs/<id>/run.json`.
///
/// Written once at the start and replaced as a whole when the plan changes, so a reader never meets half of it.
public struct RunDescription: Sendable, Equatable {
    /// The machine a run lives on.
    public struct Host: Sendable, Equatable {
        /// The machine's name.
        public var name: String
        /// The graphics card's name; nil where none is used.
        public var gpu: String?

        /// Describes a machine.
        public init(name: String, gpu: String? = nil) {
            self.name = name
            self.gpu = gpu
        }
    }

    /// The version of this format.
    public static let schema = 1

    /// The run's name in paths and addresses.
    public var id: RunID
    /// The run's name for people.
    public var name: String
    /// The program that writes the log.
    public var engine: String
    /// The part of a larger plan this run is.
    public var stage: String?
    /// Seconds since 1970.
    public var started: Double
    /// How many epochs are planned; nil if that is open.
    public var totalEpochs: Int?
    /// How many optimiser steps an epoch has; nil if that is open.
    public var stepsPerEpoch: Int?
    /// How many optimiser steps are planned; nil if that is open, or all steps of all epochs.
    public var totalSteps: Int?
    /// The machine.
    public var host: Host?
    /// Settings, in the order to show.
    public var configuration: [JSONMember]
    /// Words to find the run by.
    public var tags: [String]
    /// Remarks for people.
    public var notes: String

    /// Describes a run.
    public init(
        id: RunID,
        name: String,
        engine: String,
        stage: String? = nil,
        started: Double,
        totalEpochs: Int? = nil,
        stepsPerEpoch: Int? = nil,
        totalSteps: Int? = nil,
        host: Host? = nil,
        configuration: [JSONMember] = [],
        tags: [String] = [],
        notes: String = ""
    ) {
        self.id = id
        self.name = name
        self.engine = engine
        self.stage = stage
        self.started = started
        self.totalEpochs = totalEpochs
        self.stepsPerEpoch = stepsPerEpoch
        self.totalSteps = totalSteps
        self.host = host
        self.configuration = configuration
        self.tags = tags
        self.notes = notes
    }

    /// The description as one line of JSON with its newline, without what is not known.
    public var json: [UInt8] {
        var fields = [
            LogField("schema", .integer(Self.schema)), LogField("id", .string(id.string)),
            LogField("name", .string(name)), LogField("engine", .string(engine)),
        ]
        if let stage { fields.append(LogField("stage", .string(stage))) }
        fields.append(LogField("started", .number(started)))
        if let totalEpochs { fields.append(LogField("total_epochs", .integer(totalEpochs))) }
        if let stepsPerEpoch { fields.append(LogField("steps_per_epoch", .integer(stepsPerEpoch))) }
        if let totalSteps { fields.append(LogField("total_steps", .integer(totalSteps))) }
        if let host {
            var members = [LogField("name", .string(host.name))]
            if let gpu = host.gpu { members.append(LogField("gpu", .string(gpu))) }
            fields.append(LogField("host", .object(members)))
        }
        fields.append(LogField("config", LogValue(.object(configuration))))
        fields.append(LogField("tags", .array(tags.map(LogValue.string))))
        fields.append(LogField("notes", .string(notes)))
        var bytes: [UInt8] = []
        LogValue.append(fields, to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// Creates the run's folder if needed and replaces `run.json` in it at one stroke.
    ///
    /// - Parameter runs: The folder of all runs.
    /// - Throws: `RunRecordsError.write`.
    public func write(runs: String) throws(RunRecordsError) {
        let folder = runs + "/" + id.string
        let path = folder + "/run.json"
        try RunFolder.create(folder)
        do {
            try AtomicFile.write(json, to: path)
        } catch {
            throw .write(path: path, reason: String(describing: error))
        }
    }
}

extension LogValue {
    /// A JSON value as a log would hold it.
    public init(_ value: JSONValue) {
        self =
            switch value {
            case .null: .null
            case .bool(let value): .bool(value)
            case .number(let value): .number(value)
            case .string(let value): .string(value)
            case .array(let values): .array(values.map(LogValue.init))
            case .object(let members): .object(members.map { LogField($0.key, LogValue($0.value)) })
            }
    }
}
