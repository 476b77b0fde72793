/// Why something of a corpus is left out of training.
public enum SkipReason: String, Sendable, Hashable, CaseIterable {
    /// Longer than `data.max_audio_len`: cutting it would leave text that nobody says.
    case tooLong = "too_long"
    /// Fewer than 400 samples at 16 kHz, of which the front end makes no frame.
    case tooShort = "too_short"
    /// No word is said.
    case emptyText = "empty_text"
    /// More tokens than `data.max_text_len`.
    case textTooLong = "text_too_long"
    /// A recording that no line of a transcript names.
    case missingTranscript = "missing_transcript"
    /// A line of a transcript whose recording is not there.
    case missingAudio = "missing_audio"
    /// A recording that was named before.
    case duplicate = "duplicate"
    /// A line or entry that is not of the expected form.
    case malformedEntry = "malformed_entry"
    /// A sound file that is broken or cut off.
    case damaged = "damaged"
    /// A file that the system does not let us read, or a folder that cannot be listed.
    case unreadable = "unreadable"

    /// The reason in words.
    public var words: String {
        switch self {
        case .tooLong: "too long"
        case .tooShort: "too short"
        case .emptyText: "without text"
        case .textTooLong: "text too long"
        case .missingTranscript: "without transcript"
        case .missingAudio: "without recording"
        case .duplicate: "named twice"
        case .malformedEntry: "malformed entries"
        case .damaged: "damaged"
        case .unreadable: "unreadable"
        }
    }
}

/// What was left out: how much for which reason, with the first few examples of each.
public struct SkipTally: Sendable, Equatable {
    /// How many examples of each reason are kept.
    public static let exampleLimit = 3

    /// How often each reason was met; reasons that were not are missing.
    public private(set) var counts: [SkipReason: Int] = [:]
    /// The first few of each: where it is, and what is wrong with it.
    public private(set) var examples: [SkipReason: [String]] = [:]

    /// Nothing yet.
    public init() {}

    /// What could not be loaded, as a tally.
    init(_ unread: [UnreadRecording]) {
        for recording in unread { add(recording.reason, recording.example) }
    }

    /// How much was left out in all.
    public var total: Int { counts.values.reduce(0, +) }

    /// Counts one more.
    ///
    /// - Parameters:
    ///   - reason: why it is left out.
    ///   - example: where it is, and what is wrong with it.
    public mutating func add(_ reason: SkipReason, _ example: String) {
        counts[reason, default: 0] += 1
        if examples[reason, default: []].count < Self.exampleLimit {
            examples[reason, default: []].append(example)
        }
    }

    /// Counts all of another tally behind the own ones.
    ///
    /// - Parameter other: what was counted elsewhere.
    public mutating func merge(_ other: SkipTally) {
        for (reason, count) in other.counts { counts[reason, default: 0] += count }
        for (reason, more) in other.examples {
            let all = examples[reason, default: []] + more
            examples[reason] = Array(all.prefix(Self.exampleLimit))
        }
    }

    /// Lines for the log: one for each reason, its examples below it; none where nothing was left out.
    public var lines: [String] {
        SkipReason.allCases.flatMap { reason -> [String] in
            guard let count = counts[reason], count > 0 else { return [] }
            let shown = examples[reason, default: []]
            var lines = ["\(count) left out: \(reason.words)"] + shown.map { "    \($0)" }
            if count > shown.count, !shown.isEmpty { lines.append("    and \(count - shown.count) more") }
            return lines
        }
    }
}
