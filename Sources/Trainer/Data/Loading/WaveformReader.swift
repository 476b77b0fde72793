import Audio

/// Reads one recording as the front end takes it.
enum WaveformReader {
    /// The samples at 16 kHz, one channel, full scale -1 to 1, or why there are none.
    ///
    /// - Parameters:
    ///   - utterance: with the path of its recording.
    ///   - speedPercent: how fast it is played.
    ///   - maximumSeconds: a longer recording is left out, whatever its manifest said.
    /// - Returns: at least 400 samples.
    static func read(
        _ utterance: Utterance,
        speedPercent: Int,
        maximumSeconds: Double
    ) -> Result<[Float], WaveformFault> {
        let limits = CorpusLimits(maximumSeconds: maximumSeconds)
        do throws(AudioError) {
            let samples: [Float]
            let seconds: Double
            if speedPercent == 100 {
                // Rounding may add a sample.
                let limit = maximumSeconds * Double(CorpusLimits.sampleRateHz) + 2
                samples = try AudioFile.read(
                    utterance.audioPath,
                    sampleRateHz: CorpusLimits.sampleRateHz,
                    limitSampleCount: count(limit)
                ).samples
                seconds = Double(samples.count - 1) / Double(CorpusLimits.sampleRateHz)
            } else {
                let information = try AudioFile.information(utterance.audioPath)
                let limit = maximumSeconds * Double(information.sampleRateHz) + 2
                let signal = try AudioFile.read(utterance.audioPath, limitSampleCount: count(limit))
                seconds = signal.durationSeconds - 1 / Double(signal.sampleRateHz)
                samples = try SpeedPerturbation.samples(signal, atPercent: speedPercent)
            }
            if seconds > maximumSeconds, let (reason, detail) = limits.reason(seconds: seconds) {
                return .failure(WaveformFault(reason, "\(utterance.audioPath): \(detail)"))
            }
            guard samples.count >= CorpusLimits.minimumSampleCount else {
                return .failure(
                    WaveformFault(
                        .tooShort,
                        "\(utterance.audioPath): \(samples.count) samples; at least "
                            + "\(CorpusLimits.minimumSampleCount) are needed"
                    )
                )
            }
            guard samples.allSatisfy(\.isFinite) else {
                return .failure(
                    WaveformFault(.damaged, "\(utterance.audioPath): a sample is not a number")
                )
            }
            return .success(samples)
        } catch {
            return .failure(WaveformFault(error.skipReason, "\(error)"))
        }
    }

    private static func count(_ limit: Double) -> Int {
        Int(exactly: min(limit, Double(AudioLimits.standardSampleCount)).rounded(.up))
            ?? AudioLimits.standardSampleCount
    }
}

/// Why a recording is left out.
struct WaveformFault: Error {
    let reason: SkipReason
    /// Where it is, and what is wrong with it.
    let example: String

    init(_ reason: SkipReason, _ example: String) {
        self.reason = reason
        self.example = example
    }
}
