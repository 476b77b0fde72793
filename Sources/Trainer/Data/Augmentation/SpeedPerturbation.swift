import Audio

/// Plays a recording faster or slower, pitch and all, so that few speakers sound like more.
///
/// Source: Ko et al., "Audio Augmentation for Speech Recognition", Interspeech 2015.
public struct SpeedPerturbation: Sendable, Hashable {
    /// The speeds, in percent; each is as likely as the others.
    public static let percents = [90, 100, 110]

    /// The run's seed.
    public var seed: UInt64
    /// No recording becomes longer.
    public var maximumSeconds: Double

    /// - Parameters:
    ///   - seed: the run's.
    ///   - maximumSeconds: no recording becomes longer.
    public init(seed: UInt64, maximumSeconds: Double) {
        self.seed = seed
        self.maximumSeconds = maximumSeconds
    }

    /// How fast an utterance is played in an epoch.
    ///
    /// - Parameters:
    ///   - utterance: with its length.
    ///   - epoch: from 0.
    /// - Returns: one of ``percents``; 100 where another speed would make it too long or too short.
    public func percent(for utterance: Utterance, epoch: Int) -> Int {
        var numbers = UtteranceRandom.numbers(seed: seed, epoch: epoch, id: utterance.id, .speed)
        let percent = Self.percents[numbers.below(Self.percents.count)]
        let seconds = Self.seconds(utterance.durationSeconds, atPercent: percent)
        let samples = seconds * Double(CorpusLimits.sampleRateHz)
        let suits = seconds <= maximumSeconds && samples >= Double(CorpusLimits.minimumSampleCount + 1)
        return suits ? percent : 100
    }

    /// How long a recording is at a speed.
    static func seconds(_ seconds: Double, atPercent percent: Int) -> Double {
        seconds * 100 / Double(max(1, percent))
    }

    /// A signal at a speed, and at the rate of the front end.
    ///
    /// - Parameters:
    ///   - signal: of any rate.
    ///   - percent: the speed.
    /// - Returns: the samples at 16 kHz.
    /// - Throws: ``AudioError/resampling(inputRateHz:outputRateHz:reason:)``.
    static func samples(_ signal: AudioSignal, atPercent percent: Int) throws(AudioError) -> [Float] {
        // Samples that were taken faster than they are said to be play slower: 90 % of the rate is 90 % of the speed.
        let (product, overflows) = signal.sampleRateHz.multipliedReportingOverflow(by: percent)
        let rate = overflows ? signal.sampleRateHz : max(1, (product + 50) / 100)
        return try AudioSignal(samples: signal.samples, sampleRateHz: rate)
            .resampled(toRateHz: CorpusLimits.sampleRateHz)
            .samples
    }
}
