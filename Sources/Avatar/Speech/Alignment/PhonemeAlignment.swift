import Audio

/// Finds in audio the sounds of a text that another voice has spoken.
///
/// Both are compared by their cepstral coefficients, which say little about who speaks and much about what is said, and
/// warped onto each other; the sounds move with the audio that they belong to.
enum PhonemeAlignment {
    private static let coefficients = CepstralCoefficients(count: 13)
    /// The rate at which sound is compared.
    static let rateHz = 16_000
    private static let hopSeconds = 0.01
    /// How much silence around the speech is compared, too.
    private static let marginSeconds = 0.1

    /// Moves the sounds of a reference to audio that says the same.
    ///
    /// - Parameters:
    ///   - reference: speech whose sounds are known.
    ///   - target: a recording of the same text.
    /// - Returns: the sounds on the recording, covering it; one silence where it is silent.
    /// - Throws: ``AvatarError/recording(_:)`` for a rate that cannot be converted, `CancellationError`.
    @concurrent
    static func align(_ reference: Speech, to target: AudioSignal) async throws -> [TimedPhoneme] {
        let duration = target.durationSeconds
        guard let one = try features(of: reference.audio), let other = try features(of: target) else {
            return PhonemeTrack.covering([], durationSeconds: duration)
        }
        let path = try DynamicTimeWarping().path(reference: one.matrix, target: other.matrix)
        let map = FrameMap(path, referenceCount: one.matrix.frameCount)
        func moved(_ seconds: Double) -> Double {
            let frame = (seconds - one.startSeconds) / hopSeconds
            return min(max(0, other.startSeconds + map.target(frame) * hopSeconds), duration)
        }
        let phonemes = reference.phonemes.filter { !$0.symbol.isEmpty }.map { phoneme in
            TimedPhoneme(
                symbol: phoneme.symbol,
                startSeconds: moved(phoneme.startSeconds),
                endSeconds: moved(phoneme.endSeconds),
                isStressed: phoneme.isStressed
            )
        }
        return PhonemeTrack.covering(spread(phonemes), durationSeconds: duration)
    }

    private struct Features {
        var matrix: FrameMatrix
        var startSeconds: Double
    }

    /// What is compared: the part in which somebody speaks; nil for silence.
    private static func features(of signal: AudioSignal) throws -> Features? {
        let converted: AudioSignal
        do {
            converted = try SoundBlocks(signal).collected(rateHz: rateHz)
        } catch let error as AudioError {
            throw AvatarError.recording(error)
        }
        guard let span = SpeechActivity(converted).spanSeconds else { return nil }
        let rate = Double(rateHz)
        let start = max(0, Int((span.lowerBound - marginSeconds) * rate))
        let end = min(converted.samples.count, Int((span.upperBound + marginSeconds) * rate))
        guard start < end else { return nil }
        let matrix = try cepstrum(of: converted.samples[start..<end])
        guard matrix.frameCount > 0 else { return nil }
        return Features(matrix: matrix, startSeconds: Double(start) / rate)
    }

    /// ``coefficients`` of sound at 16 kHz, ten seconds at a time: the spectrum of all of it would be large.
    private static func cepstrum(of samples: ArraySlice<Float>) throws -> FrameMatrix {
        let bands = coefficients.bands
        let hop = bands.transform.hopSize
        let count = bands.transform.frameCount(sampleCount: samples.count)
        var values: [Float] = []
        values.reserveCapacity(count * bands.filters.bandCount)
        for first in stride(from: 0, to: count, by: 1_000) {
            try Task.checkCancellation()
            let end = min(first + 1_000, count)
            // A frame reaches one and a quarter steps to both sides of its middle.
            let context = min(first, 2)
            let from = samples.startIndex + (first - context) * hop
            let piece = samples[from..<min(samples.endIndex, samples.startIndex + (end + 1) * hop)]
            let part = bands.bands(AudioSignal(samples: Array(piece), sampleRateHz: rateHz))
            let width = part.featureCount
            values += part.values[context * width..<(context + end - first) * width]
        }
        let all = FrameMatrix(values: values, frameCount: count, featureCount: bands.filters.bandCount)
        return coefficients.transform.transformed(Decibels.ofPower(all, rangeDecibels: 80)).standardized
    }

    /// Sounds that fell onto one moment share the time until the next one.
    private static func spread(_ phonemes: [TimedPhoneme]) -> [TimedPhoneme] {
        var result = phonemes
        var index = 0
        while index < result.count {
            var end = index + 1
            while end < result.count, result[end].startSeconds <= result[index].startSeconds { end += 1 }
            if end - index > 1 {
                let start = result[index].startSeconds
                let limit = end < result.count ? result[end].startSeconds : result[end - 1].endSeconds
                let step = max(0, limit - start) / Double(end - index)
                for place in index..<end {
                    result[place].startSeconds = start + step * Double(place - index)
                    result[place].endSeconds = start + step * Double(place - index + 1)
                }
            }
            index = end
        }
        return result
    }
}

/// Where each frame of the reference lies in the target.
private struct FrameMap {
    private let targets: [Double]

    init(_ path: [DynamicTimeWarping.Pair], referenceCount: Int) {
        var sums = [Double](repeating: 0, count: referenceCount)
        var counts = sums
        for pair in path {
            sums[pair.reference] += Double(pair.target)
            counts[pair.reference] += 1
        }
        targets = zip(sums, counts).map { $1 > 0 ? $0 / $1 : 0 }
    }

    /// The place of a moment between two frames; before the first and behind the last, time goes on as it does.
    func target(_ frame: Double) -> Double {
        guard let first = targets.first, let last = targets.last else { return frame }
        if frame <= 0 { return first + frame }
        let end = Double(targets.count - 1)
        if frame >= end { return last + frame - end }
        let (index, part) = (Int(frame), frame - frame.rounded(.down))
        return targets[index] * (1 - part) + targets[min(index + 1, targets.count - 1)] * part
    }
}
