import Audio

/// Finds which moments of two signals belong together.
///
/// Coarse to fine, so that time and memory grow with the length and not with its square: ten minutes against ten minutes
/// take some megabytes.
///
/// Source: Sakoe and Chiba, "Dynamic programming algorithm optimization for spoken word recognition", IEEE Transactions
/// on Acoustics, Speech, and Signal Processing 26(1), 1978; Salvador and Chan, "FastDTW: Toward Accurate Dynamic Time
/// Warping in Linear Time and Space", Intelligent Data Analysis 11(5), 2007.
struct DynamicTimeWarping {
    /// How much a step that stays in one of the signals costs more, in the unit of the distances.
    var stepPenalty: Float = 0.3
    /// How far the fine path may leave the coarse one, in frames of each level.
    var radius = 24
    /// Signals shorter than this are compared as a whole.
    var wholeFrameCount = 96

    /// One moment of each signal.
    struct Pair: Equatable, Sendable {
        var reference: Int
        var target: Int
    }

    /// The cheapest way through both signals, from their first frames to their last.
    ///
    /// - Parameters:
    ///   - reference: shape `[frames, features]`.
    ///   - target: the same features, its own number of frames.
    /// - Returns: both never go back; each frame of either is there. Empty where a signal is.
    /// - Throws: `CancellationError`.
    func path(reference: FrameMatrix, target: FrameMatrix) throws -> [Pair] {
        precondition(reference.featureCount == target.featureCount, "both signals need the same features")
        guard reference.frameCount > 0, target.frameCount > 0 else { return [] }
        guard min(reference.frameCount, target.frameCount) > wholeFrameCount else {
            let all = 0..<target.frameCount
            return try search(reference, target, Array(repeating: all, count: reference.frameCount))
        }
        let coarse = try path(reference: Self.halved(reference), target: Self.halved(target))
        return try search(reference, target, window(around: coarse, reference.frameCount, target.frameCount))
    }

    /// Each two frames as their mean; a last odd one is left out, but never the only one.
    private static func halved(_ matrix: FrameMatrix) -> FrameMatrix {
        let (count, width) = (matrix.frameCount / 2, matrix.featureCount)
        var values = [Float](repeating: 0, count: count * width)
        matrix.values.withUnsafeBufferPointer { source in
            for frame in 0..<count {
                for feature in 0..<width {
                    let place = 2 * frame * width + feature
                    values[frame * width + feature] = (source[place] + source[place + width]) / 2
                }
            }
        }
        return FrameMatrix(values: values, frameCount: count, featureCount: width)
    }

    /// Which frames of the target are looked at for each frame of the reference.
    private func window(around coarse: [Pair], _ referenceCount: Int, _ targetCount: Int) -> [Range<Int>] {
        var low = [Int](repeating: targetCount, count: referenceCount)
        var high = [Int](repeating: 0, count: referenceCount)
        for pair in coarse {
            let (first, last) = (
                max(0, 2 * pair.target - radius), min(targetCount, 2 * pair.target + 2 + radius)
            )
            for row in 2 * pair.reference...2 * pair.reference + 1 where row < referenceCount {
                low[row] = min(low[row], first)
                high[row] = max(high[row], last)
            }
        }
        // The odd last frames, which the coarse path does not know, and the ends, which must be inside.
        for row in 0..<referenceCount where low[row] > high[row] {
            low[row] = row > 0 ? low[row - 1] : 0
            high[row] = row > 0 ? high[row - 1] : targetCount
        }
        low[0] = 0
        high[referenceCount - 1] = targetCount
        for row in 1..<referenceCount {
            high[row] = max(high[row], high[row - 1])
            // Each row must touch the one before it, or there is no way through.
            low[row] = min(low[row], high[row - 1] - 1)
        }
        for row in stride(from: referenceCount - 2, through: 0, by: -1) {
            low[row] = min(low[row], low[row + 1])
        }
        return zip(low, high).map { $0..<$1 }
    }

    private enum Step: UInt8 {
        case both, reference, target
    }

    private func search(
        _ reference: FrameMatrix,
        _ target: FrameMatrix,
        _ window: [Range<Int>]
    ) throws -> [Pair] {
        var offsets: [Int] = []
        var total = 0
        for range in window {
            offsets.append(total)
            total += range.count
        }
        var steps = [UInt8](repeating: 0, count: total)
        var before: [Float] = []
        for row in window.indices {
            if row.isMultiple(of: 256) { try Task.checkCancellation() }
            let range = window[row]
            let earlier = row > 0 ? window[row - 1] : 0..<0
            var costs = [Float](repeating: .infinity, count: range.count)
            let width = reference.featureCount
            reference.values.withUnsafeBufferPointer { one in
                target.values.withUnsafeBufferPointer { other in
                    for column in range {
                        var best = Float.infinity
                        var step = Step.both
                        if row == 0, column == 0 { best = 0 }
                        if earlier.contains(column - 1) { best = before[column - 1 - earlier.lowerBound] }
                        if earlier.contains(column) {
                            let cost = before[column - earlier.lowerBound] + stepPenalty
                            if cost < best { (best, step) = (cost, .reference) }
                        }
                        if column > range.lowerBound {
                            let cost = costs[column - 1 - range.lowerBound] + stepPenalty
                            if cost < best { (best, step) = (cost, .target) }
                        }
                        var sum: Float = 0
                        for feature in 0..<width {
                            let difference = one[row * width + feature] - other[column * width + feature]
                            sum += difference * difference
                        }
                        costs[column - range.lowerBound] = best + sum.squareRoot()
                        steps[offsets[row] + column - range.lowerBound] = step.rawValue
                    }
                }
            }
            before = costs
        }
        return walk(back: steps, offsets, window, target.frameCount)
    }

    private func walk(
        back steps: [UInt8],
        _ offsets: [Int],
        _ window: [Range<Int>],
        _ targetCount: Int
    ) -> [Pair] {
        var pair = Pair(reference: window.count - 1, target: targetCount - 1)
        var path = [pair]
        while pair.reference > 0 || pair.target > 0 {
            let place = offsets[pair.reference] + pair.target - window[pair.reference].lowerBound
            switch Step(rawValue: steps[place]) {
            case .reference: pair.reference -= 1
            case .target: pair.target -= 1
            default:
                pair.reference -= 1
                pair.target -= 1
            }
            // The windows overlap from row to row, so no step leads out of them.
            guard pair.reference >= 0, window[pair.reference].contains(pair.target) else { break }
            path.append(pair)
        }
        return path.reversed()
    }
}
