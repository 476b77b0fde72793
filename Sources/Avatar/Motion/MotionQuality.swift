/// Measures of how well a motion fits its sound.
///
/// They are proxies: nobody has watched the clip.
public struct MotionQuality: Sendable, Codable, Equatable {
    /// The greatest correlation of mouth opening and loudness on speech, within eight pictures of lag; nil without
    /// speech.
    public var syncCorrelation: Double?
    /// Where that is; positive means that the picture comes late.
    public var syncLagFrames: Int?
    /// The mean difference of both, each scaled to 0...1, on speech (THEval's lip sync).
    public var syncMeanDifference: Double?
    /// The share of m, b and p that are seen closed; nil where the sounds are unknown.
    public var closureHitRate: Double?
    /// The median distance of the opening from its mean in silences of 300 ms and more.
    public var silentDifference: Double?
    /// The mean opening in them.
    public var silentOpening: Double?
    /// The 95th percentile of the opening less the 5th.
    public var lipRange: Double
    /// Blinks for each minute.
    public var blinksPerMinute: Double
    /// Standard deviations of yaw, pitch and roll in degrees.
    public var headDeviationDegrees: [Double]
    /// The farthest that any part of the face moves from one picture to the next, against the height of the head.
    public var largestJump: Double
}

/// Collects the motion of a clip, picture by picture, and measures it.
struct MotionMeasurement {
    /// Lips nearer than this, against the distance of the eyes, are closed.
    static let closedOpenness = 0.03
    private static let longestLag = 8

    private(set) var openness: [Float] = []
    private var angles: [SIMD4<Float>] = []
    private var previousLandmarks: [SIMD2<Double>] = []
    private var largestJump = 0.0

    /// - Parameters:
    ///   - frame: the next picture's.
    ///   - skin: the face that it moves.
    mutating func add(_ frame: MotionFrame, skin: any FaceSkin) {
        openness.append(Float(skin.openness(frame)))
        let landmarks = skin.landmarks(frame)
        for (before, after) in zip(previousLandmarks, landmarks) {
            let step = after - before
            largestJump = max(largestJump, (step.x * step.x + step.y * step.y).squareRoot())
        }
        previousLandmarks = landmarks
        angles.append(SIMD4(frame.yawDegrees, frame.pitchDegrees, frame.rollDegrees, 0))
    }

    /// Measures what was collected.
    func quality(of motion: MotionSequence, phonemes: [TimedPhoneme]) -> MotionQuality {
        let loudness = openness.indices.map { Self.loudness(motion.analysis, frame: $0) }
        let speech = openness.indices.filter { isSpeech(motion.analysis, frame: $0) }
        let sync = bestLag(loudness, speech)
        let ordered = openness.sorted()
        let silence = longSilences(motion.analysis)
        return MotionQuality(
            syncCorrelation: sync?.correlation,
            syncLagFrames: sync?.lag,
            syncMeanDifference: meanDifference(loudness, speech),
            closureHitRate: closureHitRate(phonemes),
            silentDifference: silence.isEmpty ? nil : Self.medianDeviation(silence),
            silentOpening: silence.isEmpty ? nil : Self.mean(silence),
            lipRange: ordered.isEmpty
                ? 0
                : Double(ordered[(ordered.count - 1) * 95 / 100] - ordered[(ordered.count - 1) * 5 / 100]),
            blinksPerMinute: motion.duration > 0 ? Double(motion.blinkCount) * 60 / motion.duration : 0,
            headDeviationDegrees: (0..<3).map { axis in Self.deviation(angles.map { Double($0[axis]) }) },
            largestJump: largestJump
        )
    }

    /// The loudness while a picture is shown.
    private static func loudness(_ analysis: SignalAnalysis, frame: Int) -> Double {
        let first = min(frame * 4, analysis.loudness.count)
        let values = analysis.loudness[first..<min(first + 4, analysis.loudness.count)]
        return values.isEmpty ? 0 : Double(values.reduce(0, +)) / Double(values.count)
    }

    private func isSpeech(_ analysis: SignalAnalysis, frame: Int) -> Bool {
        analysis.isSpeech(atSeconds: MotionFrame.timeSeconds(ofFrame: frame))
    }

    private func bestLag(_ loudness: [Double], _ speech: [Int]) -> (correlation: Double, lag: Int)? {
        guard speech.count > 2 else { return nil }
        var best: (correlation: Double, lag: Int)?
        for lag in -Self.longestLag...Self.longestLag {
            let pairs = speech.filter { openness.indices.contains($0 + lag) }
            let value = Self.correlation(pairs.map { Double(openness[$0 + lag]) }, pairs.map { loudness[$0] })
            if value > best?.correlation ?? -2 { best = (value, lag) }
        }
        return best
    }

    private func meanDifference(_ loudness: [Double], _ speech: [Int]) -> Double? {
        let top = speech.map { Double(openness[$0]) }.max() ?? 0
        let loudest = speech.map { loudness[$0] }.max() ?? 0
        guard top > 0, loudest > 0 else { return nil }
        return Self.mean(speech.map { abs(Double(openness[$0]) / top - loudness[$0] / loudest) })
    }

    /// A sound of m, b or p is hit when a picture shown during it, or right beside it, has closed lips.
    private func closureHitRate(_ phonemes: [TimedPhoneme]) -> Double? {
        let closures = phonemes.filter {
            $0.startSeconds.isFinite && $0.endSeconds.isFinite
                && ["m", "b", "p"].contains($0.symbol.prefix(1))
        }
        guard !closures.isEmpty else { return nil }
        let hits = closures.filter { sound in
            let rate = Double(MotionFrame.framesPerSecond)
            let first = Int((sound.startSeconds * rate).clamped(to: 0...1e9).rounded(.down))
            let last = Int((sound.endSeconds * rate).clamped(to: 0...1e9).rounded(.up))
            return (first...max(first, last)).contains {
                openness.indices.contains($0) && Double(openness[$0]) < Self.closedOpenness
            }
        }
        return Double(hits.count) / Double(closures.count)
    }

    /// Openings in silences of at least 300 ms, less the 250 ms in which a mouth comes to rest.
    private func longSilences(_ analysis: SignalAnalysis) -> [Double] {
        var found: [Double] = []
        var run: [Double] = []
        for index in 0...openness.count {
            if index < openness.count, !isSpeech(analysis, frame: index) {
                run.append(Double(openness[index]))
                continue
            }
            if run.count >= 8 { found += run.dropFirst(6).dropLast(2) }
            run = []
        }
        return found
    }

    private static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }

    private static func deviation(_ values: [Double]) -> Double {
        let center = mean(values)
        return mean(values.map { ($0 - center) * ($0 - center) }).squareRoot()
    }

    private static func medianDeviation(_ values: [Double]) -> Double {
        let center = mean(values)
        let ordered = values.map { abs($0 - center) }.sorted()
        return ordered.isEmpty ? 0 : ordered[ordered.count / 2]
    }

    private static func correlation(_ left: [Double], _ right: [Double]) -> Double {
        let (leftMean, rightMean) = (mean(left), mean(right))
        var (product, leftSquare, rightSquare) = (0.0, 0.0, 0.0)
        for (a, b) in zip(left, right) {
            product += (a - leftMean) * (b - rightMean)
            leftSquare += (a - leftMean) * (a - leftMean)
            rightSquare += (b - rightMean) * (b - rightMean)
        }
        let scale = (leftSquare * rightSquare).squareRoot()
        return scale > 1e-12 ? product / scale : 0
    }
}
