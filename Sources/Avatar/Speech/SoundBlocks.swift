import Audio

/// Sound that comes block by block, from memory or from a file, so that its length costs no memory.
///
/// Between blocks it looks whether anybody still wants it: a cancelled task gets no further one.
struct SoundBlocks: ~Copyable {
    /// Samples per second.
    let sampleRateHz: Int
    private let samples: [Float]
    private var position = 0
    private var stream: AudioStream?

    /// A second and a half at 22 kHz.
    private static let blockLength = 1 << 15

    /// Of a sound in memory.
    init(_ signal: AudioSignal) {
        sampleRateHz = signal.sampleRateHz
        samples = signal.samples
    }

    /// Of a file.
    init(_ stream: consuming AudioStream) {
        sampleRateHz = stream.sampleRateHz
        samples = []
        self.stream = consume stream
    }

    /// The next samples, never none; nil at the end.
    ///
    /// - Throws: `AudioError`, `CancellationError`.
    mutating func next() throws -> [Float]? {
        try Task.checkCancellation()
        if stream != nil { return try stream?.nextBlock(frameCount: Self.blockLength) }
        guard position < samples.count else { return nil }
        let end = min(position + Self.blockLength, samples.count)
        defer { position = end }
        return Array(samples[position..<end])
    }

    /// Another rate, in memory as a whole.
    ///
    /// - Throws: `AudioError`, `CancellationError`.
    consuming func collected(rateHz: Int) throws -> AudioSignal {
        var resampler =
            rateHz == sampleRateHz ? nil : try Resampler(inputRateHz: sampleRateHz, outputRateHz: rateHz)
        var all: [Float] = []
        while let block = try next() { all += try resampler?.process(block) ?? block }
        all += try resampler?.finish() ?? []
        return AudioSignal(samples: all, sampleRateHz: rateHz)
    }
}
