import Audio
import Glibc

/// What the sound tells about itself, a hundred times a second: loudness, speech or silence, and pitch.
///
/// It takes about 2 kB per second of sound, and reads the sound in blocks, so long clips stay small.
struct SignalAnalysis: Sendable {
    /// Values per second.
    static let rateHz = 100

    /// Root of the mean square of 25 ms, shape `[values]`.
    private(set) var rms: [Float] = []
    /// The same against the loud parts of this sound, 0 to 1.
    private(set) var loudness: [Float] = []
    /// Whether somebody speaks.
    private(set) var isSpeech: [Bool] = []
    /// Pitch in semitones above 55 Hz; nil where there is no voice.
    private(set) var pitchSemitones: [Float?] = []
    /// Resonances and hiss, where they were asked for.
    private(set) var sounds: [SoundFeatures] = []

    /// How long the sound is, in seconds.
    private(set) var durationSeconds = 0.0

    /// - Parameters:
    ///   - blocks: sound of any rate and length.
    ///   - includesSounds: whether the mouth has to be guessed from the signal.
    /// - Throws: `AudioError`, `CancellationError`.
    init(_ blocks: consuming SoundBlocks, includesSounds: Bool) throws {
        var pitch = PitchTracker()
        var guess = SoundFeatures.Extractor()
        durationSeconds = try AnalysisWindows.visit(blocks) { window in
            let middle = window[200..<600]
            rms.append((middle.reduce(0) { $0 + $1 * $1 } / Float(middle.count)).squareRoot())
            pitchSemitones.append(pitch.semitones(of: window))
            if includesSounds { sounds.append(guess.features(of: middle)) }
        }
        normalize()
    }

    /// The value at a time, between samples by straight lines.
    static func value(of curve: [Float], atSeconds time: Double) -> Float {
        guard let last = curve.indices.last else { return 0 }
        let position = min(max(time * Double(rateHz) - 0.5, 0), Double(last))
        let index = Int(position)
        let next = min(index + 1, last)
        return curve[index] + (curve[next] - curve[index]) * Float(position - Double(index))
    }

    /// Whether there is speech at a time.
    func isSpeech(atSeconds time: Double) -> Bool {
        let index = Int(time * Double(Self.rateHz))
        return isSpeech.indices.contains(index) && isSpeech[index]
    }

    /// Stretches of speech, with gaps below 200 ms bridged, in seconds.
    func phrases() -> [ClosedRange<Double>] {
        var found: [ClosedRange<Double>] = []
        var start: Int?
        for index in 0...isSpeech.count {
            let speaks = index < isSpeech.count && isSpeech[index]
            if speaks, start == nil { start = index }
            guard !speaks, let first = start else { continue }
            start = nil
            let range = Double(first) / Double(Self.rateHz)...Double(index) / Double(Self.rateHz)
            if let last = found.last, range.lowerBound - last.upperBound < 0.2 {
                found[found.count - 1] = last.lowerBound...range.upperBound
            } else {
                found.append(range)
            }
        }
        return found.filter { $0.upperBound - $0.lowerBound >= 0.08 }
    }

    /// Loud parts are the 95th percentile; speech is what rises above the noise, a tail of 50 ms included.
    private mutating func normalize() {
        let ordered = rms.sorted()
        let loud = ordered[min(ordered.count - 1, ordered.count * 95 / 100)]
        let noise = ordered[ordered.count / 10]
        guard loud > 0.001 else {
            loudness = [Float](repeating: 0, count: rms.count)
            isSpeech = [Bool](repeating: false, count: rms.count)
            return
        }
        loudness = rms.map { min(1, $0 / loud) }
        let threshold = max(0.0015, loud * 0.06, noise < loud * 0.25 ? noise * 2.5 : 0)
        var hold = 0
        isSpeech = rms.map { value in
            hold = value > threshold ? 5 : hold - 1
            return hold > 0
        }
    }
}

/// Cuts a sound into overlapping windows of 50 ms at 16 kHz, one per 10 ms.
enum AnalysisWindows {
    static let sampleRateHz = 16_000
    static let length = 800
    private static let hop = 160

    /// Visits them in order, at least one; what lies beyond the sound is silence.
    ///
    /// - Parameters:
    ///   - blocks: sound of any rate; samples that are no numbers count as silence.
    ///   - body: gets 800 samples around the middle of each 10 ms, counted from 0.
    /// - Returns: how long the sound is, in seconds.
    /// - Throws: `AudioError`, `CancellationError`.
    static func visit(
        _ blocks: consuming SoundBlocks,
        _ body: (ArraySlice<Float>) -> Void
    ) throws -> Double {
        let rateHz = blocks.sampleRateHz
        var resampler = try Resampler(inputRateHz: rateHz, outputRateHz: sampleRateHz)
        // Half a window of silence before the sound, so that the first window lies around 5 ms.
        var buffer = [Float](repeating: 0, count: length / 2 - hop / 2)
        var (done, sampleCount) = (0, 0)
        func visit(upTo count: Int) {
            var start = 0
            while done < count, start + length <= buffer.count {
                // A slice from 0, so that the visitor can count from the start.
                body(Array(buffer[start..<start + length])[...])
                start += hop
                done += 1
            }
            buffer.removeFirst(start)
        }
        while let block = try blocks.next() {
            sampleCount += block.count
            buffer += try resampler.process(block.map { $0.isFinite ? min(max($0, -4), 4) : 0 })
            visit(upTo: .max)
        }
        let duration = Double(sampleCount) / Double(rateHz)
        buffer += try resampler.finish() + [Float](repeating: 0, count: 2 * length)
        visit(upTo: max(1, Int((duration * Double(SignalAnalysis.rateHz)).rounded(.up))))
        return duration
    }
}
