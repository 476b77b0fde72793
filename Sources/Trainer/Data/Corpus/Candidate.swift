import Audio
import Files
import Glibc

/// A recording with a text, before anybody looked at the recording.
struct Candidate: Sendable {
    /// Its name in the corpus.
    let id: String
    let audioPath: String
    /// Normalised.
    let text: String
    /// As its source says; nil to ask the file.
    let durationSeconds: Double?
    /// Where it is named, for messages: `path:line`.
    let place: String

    /// The utterance; nil where it is left out, which is then counted.
    func measured(_ limits: CorpusLimits, _ tally: inout SkipTally) -> Utterance? {
        do throws(AudioError) {
            let seconds = try seconds(limits)
            if let (reason, detail) = limits.reason(seconds: seconds) {
                tally.add(reason, "\(audioPath): \(detail)")
                return nil
            }
            return Utterance(id: id, audioPath: audioPath, text: text, durationSeconds: seconds)
        } catch {
            tally.add(error.skipReason, "\(error)")
            return nil
        }
    }

    private func seconds(_ limits: CorpusLimits) throws(AudioError) -> Double {
        if let durationSeconds { return durationSeconds }
        return try Self.duration(audioPath, limits)
    }

    /// What the header claims; where it claims nothing, the file is decoded.
    private static func duration(_ path: String, _ limits: CorpusLimits) throws(AudioError) -> Double {
        let information = try AudioFile.information(path)
        if let seconds = information.durationSeconds, !information.isFrameCountEstimated { return seconds }
        // A little more than is allowed is enough to know that it is too long.
        let limit = (limits.maximumSeconds + 1) * Double(CorpusLimits.sampleRateHz)
        do throws(AudioError) {
            return try AudioFile.read(
                path,
                sampleRateHz: CorpusLimits.sampleRateHz,
                limitSampleCount: Int(exactly: limit.rounded()) ?? AudioLimits.standardSampleCount
            ).durationSeconds
        } catch .tooLong {
            return limits.maximumSeconds + 1
        }
    }
}

extension AudioError {
    /// Under what the failure is counted.
    var skipReason: SkipReason {
        switch self {
        case .file(let error): error.code == ENOENT ? .missingAudio : .unreadable
        case .tooLong: .tooLong
        case .empty(_, let byteCount): byteCount == 0 ? .damaged : .tooShort
        case .notAudio, .unsupported, .damaged, .truncated, .outOfRange, .resampling, .encoding: .damaged
        }
    }
}
