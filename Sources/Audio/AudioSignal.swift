/// Sound of one channel, evenly sampled.
///
/// A plain value, so it goes from thread to thread as it is.
public struct AudioSignal: Equatable, Sendable {
    /// The samples in the order of time, shape `[samples]`; full scale is -1 to 1.
    public var samples: [Float]
    /// How many samples make a second.
    public var sampleRateHz: Int

    /// A signal of given samples.
    ///
    /// - Parameters:
    ///   - samples: in the order of time; full scale is -1 to 1.
    ///   - sampleRateHz: samples per second, at least 1.
    public init(samples: [Float], sampleRateHz: Int) {
        precondition(sampleRateHz > 0, "a signal needs a sample rate")
        self.samples = samples
        self.sampleRateHz = sampleRateHz
    }

    /// How long the sound is.
    public var durationSeconds: Double { Double(samples.count) / Double(sampleRateHz) }

    /// The same sound at another rate.
    ///
    /// - Parameter rateHz: samples per second, within ``AudioLimits/sampleRatesHz``.
    /// - Returns: ``Resampler/outputCount(inputCount:inputRateHz:outputRateHz:)`` samples.
    /// - Throws: ``AudioError/resampling(inputRateHz:outputRateHz:reason:)``.
    public func resampled(toRateHz rateHz: Int) throws(AudioError) -> AudioSignal {
        guard rateHz != sampleRateHz else { return self }
        var resampler = try Resampler(inputRateHz: sampleRateHz, outputRateHz: rateHz)
        var output = try resampler.process(samples)
        output += try resampler.finish()
        return AudioSignal(samples: output, sampleRateHz: rateHz)
    }
}
