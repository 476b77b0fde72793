import Foundation

/// The vertical range of a chart, and what it leaves out.
///
/// A chart shows everything unless a few values would press all others flat. Then the range covers the bulk,
/// and every series whose extreme lies outside says so, with the value and where it was.
struct YRange: Sendable, Equatable {
    let scale: Scale
    let clipped: [Clipped]
    /// Whether a log axis would show more, for the reader to choose: the values are positive and span more
    /// than a factor of fifty.
    let suggestsLog: Bool
    /// Whether there is anything to show at all.
    let isEmpty: Bool

    /// One series' extreme outside the range.
    struct Clipped: Sendable, Equatable {
        let seriesIndex: Int
        let extreme: DataPoint
        let isAbove: Bool
    }

    /// What the choice is made from.
    struct Input: Sendable, Equatable {
        var points: [DataPoint]
        var minimum: DataPoint?
        var maximum: DataPoint?
        var percentiles: ClosedRange<Double>?
    }

    /// Extremes up to this many times the height of the bulk beyond it are simply shown: the steep start of
    /// a loss is part of its story.
    private static let modestFactor = 5.0
    /// Where something is clipped, this share of the bulk's height beyond it is still shown.
    private static let fenceFactor = 1.5
    private static let padding = 0.05
    /// Positive values that span more than this are unreadable on a linear axis.
    private static let automaticLogRatio = 1e4

    /// The range of a chart of these series.
    ///
    /// The axis is linear unless `allowsLog` and the values, none of them negative, span more than four
    /// decades with more than three of them inside the 5th to 95th percentile: curves that keep falling by
    /// factors, as losses of memorising networks do, and not curves with a spike.
    static func choose(for inputs: [Input], allowsLog: Bool = true) -> YRange {
        let minima = inputs.compactMap(\.minimum?.y).filter(\.isFinite)
        let maxima = inputs.compactMap(\.maximum?.y).filter(\.isFinite)
        guard let lowest = minima.min(), let highest = maxima.max() else {
            return YRange(scale: Scale(from: 0, to: 1), clipped: [], suggestsLog: false, isEmpty: true)
        }
        let suggestsLog = lowest > 0 && highest / lowest > 50
        let bulk = bulk(of: inputs, lowest: lowest, highest: highest)
        if allowsLog, lowest >= 0, let floor = smallestPositive(inputs, lowest: lowest),
            highest / floor > automaticLogRatio,
            bulk.lowerBound <= 0 || bulk.upperBound / bulk.lowerBound > automaticLogRatio / 10
        {
            return logarithmic(from: floor, to: highest, showsZero: lowest <= 0)
        }
        let shown = shown(bulk, inputs, lowest: lowest, highest: highest)
        let scale = linear(shown.lowerBound, shown.upperBound)
        var clipped: [Clipped] = []
        for (index, input) in inputs.enumerated() {
            if let maximum = input.maximum, maximum.y > scale.upper {
                clipped.append(Clipped(seriesIndex: index, extreme: maximum, isAbove: true))
            }
            if let minimum = input.minimum, minimum.y < scale.lower {
                clipped.append(Clipped(seriesIndex: index, extreme: minimum, isAbove: false))
            }
        }
        return YRange(scale: scale, clipped: clipped, suggestsLog: suggestsLog, isEmpty: false)
    }

    // MARK: Linear

    private static func bulk(of inputs: [Input], lowest: Double, highest: Double) -> ClosedRange<Double> {
        let lower = inputs.compactMap { $0.percentiles?.lowerBound ?? $0.minimum?.y }.filter(\.isFinite).min()
        let upper = inputs.compactMap { $0.percentiles?.upperBound ?? $0.maximum?.y }.filter(\.isFinite).max()
        guard let lower, let upper, lower <= upper else { return lowest...highest }
        return max(lower, lowest)...max(max(lower, lowest), min(upper, highest))
    }

    /// The bulk, extended to the extremes that are not too far from it, else to the farthest value that is
    /// not an outlier.
    private static func shown(
        _ bulk: ClosedRange<Double>,
        _ inputs: [Input],
        lowest: Double,
        highest: Double
    ) -> ClosedRange<Double> {
        let height = bulk.upperBound - bulk.lowerBound
        // Without height there is no bulk to protect: all the story is in the exceptions.
        guard height > 0, height.isFinite else { return lowest...highest }
        var lower = lowest
        var upper = highest
        let isFarAbove = highest - bulk.upperBound > modestFactor * height
        let isFarBelow = bulk.lowerBound - lowest > modestFactor * height
        guard isFarAbove || isFarBelow else { return lower...upper }
        if isFarAbove { upper = bulk.upperBound }
        if isFarBelow { lower = bulk.lowerBound }
        let fence = bulk.lowerBound - fenceFactor * height...bulk.upperBound + fenceFactor * height
        for input in inputs {
            for point in input.points where fence.contains(point.y) {
                if isFarAbove { upper = max(upper, point.y) }
                if isFarBelow { lower = min(lower, point.y) }
            }
        }
        return lower...upper
    }

    /// Padded by 5 % and widened to round ends; never below zero for values that are not.
    static func linear(_ lowest: Double, _ highest: Double) -> Scale {
        let limit = Double.greatestFiniteMagnitude / 4
        let lowest = max(-limit, min(limit, lowest))
        let highest = max(-limit, min(limit, highest))
        let magnitude = max(abs(lowest), abs(highest))
        if highest - lowest <= magnitude * 1e-9 || magnitude < 1e-290 {
            return flat(at: lowest / 2 + highest / 2)
        }
        let pad = (highest - lowest) * padding
        var lower = lowest - pad
        var upper = highest + pad
        if lowest >= 0, lower < 0 { lower = 0 }
        if highest <= 0, upper > 0 { upper = 0 }
        guard let step = NiceStep(covering: lower, upper, intervals: 12) else {
            return Scale(from: lower, to: upper)
        }
        let first = (lower / step.value + 1e-9).rounded(.down)
        let last = (upper / step.value - 1e-9).rounded(.up)
        guard abs(first) < 1e15, abs(last) < 1e15 else { return Scale(from: lower, to: upper) }
        return Scale(from: step.multiple(Int(first)), to: step.multiple(Int(last)))
    }

    /// A constant sits in the middle between zero and its double; zero sits on the floor.
    private static func flat(at value: Double) -> Scale {
        if abs(value) < 1e-290 { return Scale(from: 0, to: 1) }
        return value > 0 ? Scale(from: 0, to: 2 * value) : Scale(from: 2 * value, to: 0)
    }

    // MARK: Log

    /// Whole 1-2-5 steps around the values; a decade more below them where zeros are to be shown there.
    static func logarithmic(from lowest: Double, to highest: Double, showsZero: Bool) -> YRange {
        let lower = max(niceBelow(showsZero ? lowest / 10 : lowest / 1.1), 1e-300)
        let upper = min(niceAbove(highest * 1.1), 1e300)
        return YRange(
            scale: Scale(.log, from: lower, to: max(upper, lower * 10)),
            clipped: [],
            suggestsLog: true,
            isEmpty: false
        )
    }

    private static func niceBelow(_ value: Double) -> Double {
        let exponent = Int(log10(max(value, 1e-300)).rounded(.down))
        let candidates = [5, 2, 1].map { NiceStep.power(exponent, times: $0) }
        return candidates.first { $0 <= value * (1 + 1e-12) } ?? NiceStep.power(exponent - 1, times: 5)
    }

    private static func niceAbove(_ value: Double) -> Double {
        let exponent = Int(log10(min(value, 1e300)).rounded(.down))
        let candidates = [1, 2, 5, 10].map { NiceStep.power(exponent, times: $0) }
        return candidates.first { $0 >= value * (1 - 1e-12) } ?? NiceStep.power(exponent + 1, times: 2)
    }

    private static func smallestPositive(_ inputs: [Input], lowest: Double) -> Double? {
        if lowest > 0 { return lowest }
        var smallest = Double.infinity
        for input in inputs {
            for point in input.points where point.y > 0 && point.y < smallest { smallest = point.y }
        }
        return smallest.isFinite ? smallest : nil
    }
}
