public import Audio
import Foundation

/// Where somebody speaks in a signal, and how loud, by its energy alone.
///
/// Memory and time grow with the length of the signal; a frame is 10 ms.
public struct SpeechActivity: Sendable, Equatable {
    /// How long a frame is.
    public static let frameSeconds = 0.01
    /// The energy is taken over so many frames around each one.
    private static let windowFrames = 3
    /// Speech is louder than the noise by so much, and no more than so much quieter than the loudest sounds.
    private static let (aboveNoiseDecibels, belowPeakDecibels) = (9.0, 38.0)
    /// Nothing below this is heard at all.
    private static let quietestDecibels = -65.0
    /// Shorter pauses belong to the speech: closures of plosives are 50 to 150 ms.
    private static let shortestPauseFrames = 18
    /// Shorter sounds are clicks.
    private static let shortestSpeechFrames = 4

    /// The level of each frame in decibels below full scale, -100 for none.
    public let decibels: [Float]
    /// From silence (0) to the loudest speech of the signal (1), one number a frame.
    public let loudness: [Float]
    /// Whether somebody speaks, one answer a frame.
    public let isSpeech: [Bool]

    /// - Parameter signal: at any rate.
    public init(_ signal: AudioSignal) {
        decibels = Self.levels(signal)
        let sorted = decibels.sorted()
        func percentile(_ fraction: Double) -> Double {
            guard !sorted.isEmpty else { return -100 }
            return Double(sorted[min(sorted.count - 1, Int(fraction * Double(sorted.count)))])
        }
        let (noise, peak) = (percentile(0.1), percentile(0.98))
        // In speech without a pause the quietest tenth is speech as well: it must not raise the bar to its own level.
        let bar = max(min(noise + Self.aboveNoiseDecibels, peak - 20), peak - Self.belowPeakDecibels)
        let threshold = Float(max(bar, Self.quietestDecibels))
        isSpeech = Self.smoothed(decibels.map { $0 > threshold })
        let range = Float(max(1, peak - Double(threshold)))
        loudness = decibels.map { min(1, max(0, ($0 - threshold) / range)) }
    }

    /// The time in which somebody speaks: from the first sound to the last; nil for silence.
    public var spanSeconds: ClosedRange<Double>? {
        guard let first = isSpeech.firstIndex(of: true), let last = isSpeech.lastIndex(of: true) else {
            return nil
        }
        return Double(first) * Self.frameSeconds...Double(last + 1) * Self.frameSeconds
    }

    private static func levels(_ signal: AudioSignal) -> [Float] {
        let hop = max(1, Int((Double(signal.sampleRateHz) * frameSeconds).rounded()))
        let count = (signal.samples.count + hop - 1) / hop
        var energies = [Float](repeating: 0, count: count)
        signal.samples.withUnsafeBufferPointer { samples in
            for frame in 0..<count {
                var sum: Float = 0
                for index in frame * hop..<min((frame + 1) * hop, samples.count) {
                    sum += samples[index] * samples[index]
                }
                energies[frame] = sum / Float(hop)
            }
        }
        return energies.indices.map { frame in
            let around = max(0, frame - windowFrames / 2)...min(count - 1, frame + windowFrames / 2)
            let mean = energies[around].reduce(0, +) / Float(around.count)
            return mean > 1e-10 ? 10 * log10(mean) : -100
        }
    }

    private static func smoothed(_ flags: [Bool]) -> [Bool] {
        var result = flags
        close(&result, runsOf: true, shorterThan: shortestSpeechFrames)
        close(&result, runsOf: false, shorterThan: shortestPauseFrames)
        return result
    }

    /// Turns runs of `value` over that are too short; a pause at either end stays.
    private static func close(_ flags: inout [Bool], runsOf value: Bool, shorterThan limit: Int) {
        var start = 0
        while start < flags.count {
            var end = start
            while end < flags.count, flags[end] == flags[start] { end += 1 }
            let isInner = start > 0 && end < flags.count
            if flags[start] == value, end - start < limit, isInner || value {
                for index in start..<end { flags[index] = !value }
            }
            start = end
        }
    }
}
