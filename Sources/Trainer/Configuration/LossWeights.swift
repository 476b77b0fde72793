/// How much CTC and cross-entropy count at each update of the weights.
public struct LossWeights: Sendable, Hashable {
    /// The two weights of one update.
    public struct Pair: Sendable, Hashable {
        /// Of the CTC loss.
        public var ctc: Double
        /// Of the cross-entropy.
        public var crossEntropy: Double

        /// - Parameters:
        ///   - ctc: of the CTC loss.
        ///   - crossEntropy: of the cross-entropy; what CTC leaves of 1 unless given.
        public init(ctc: Double, crossEntropy: Double? = nil) {
            self.ctc = ctc
            self.crossEntropy = crossEntropy ?? max(0, 1 - ctc)
        }

        /// The loss that is made small.
        ///
        /// - Parameters:
        ///   - ctc: the CTC loss.
        ///   - crossEntropy: the cross-entropy.
        /// - Returns: their weighted sum.
        public func total(ctc: Double, crossEntropy: Double) -> Double {
            self.ctc * ctc + self.crossEntropy * crossEntropy
        }
    }

    /// How the weights go.
    private enum Course: Hashable {
        case fixed(Pair, warmUp: Pair, steps: Int)
        case line(from: Pair, to: Pair, steps: Int)
    }

    private let course: Course

    /// The same weights throughout.
    ///
    /// - Parameter pair: the weights.
    public init(fixed pair: Pair) { course = .fixed(pair, warmUp: pair, steps: 0) }

    /// Other weights for the first updates.
    ///
    /// - Parameters:
    ///   - warmUp: the weights of the first updates.
    ///   - steps: how many those are.
    ///   - pair: the weights of all later ones.
    public init(warmUp: Pair, steps: Int, then pair: Pair) {
        course = .fixed(pair, warmUp: warmUp, steps: max(0, steps))
    }

    /// Weights that go in a line.
    ///
    /// - Parameters:
    ///   - start: the weights of update 0.
    ///   - end: the weights from update `steps` on.
    ///   - steps: at least 1.
    public init(from start: Pair, to end: Pair, steps: Int) {
        course = .line(from: start, to: end, steps: max(1, steps))
    }

    /// The weights that a configuration asks for.
    ///
    /// - Parameters:
    ///   - settings: the section `loss`.
    ///   - modelWeight: `model.ctc_weight`, which holds where the section says nothing.
    public init(_ settings: LossSettings, modelWeight: Double? = nil) {
        if let steps = settings.annealingSteps {
            self.init(
                from: Pair(
                    ctc: settings.ctcWeightStart ?? 0,
                    crossEntropy: settings.crossEntropyWeightStart
                ),
                to: Pair(ctc: settings.ctcWeightEnd ?? 0, crossEntropy: settings.crossEntropyWeightEnd),
                steps: steps
            )
            return
        }
        let pair = Pair(
            ctc: settings.ctcWeight ?? modelWeight ?? 0.3,
            crossEntropy: settings.crossEntropyWeight
        )
        var warmUp = pair
        if let ctc = settings.warmUpCTCWeight {
            warmUp = Pair(ctc: ctc, crossEntropy: settings.warmUpCrossEntropyWeight)
        } else if let crossEntropy = settings.warmUpCrossEntropyWeight {
            warmUp.crossEntropy = crossEntropy
        }
        self.init(warmUp: warmUp, steps: settings.warmUpSteps, then: pair)
    }

    /// The weights of an update.
    ///
    /// - Parameter update: from 0; updates of the weights, not batches.
    /// - Returns: both weights.
    public func weights(atUpdate update: Int) -> Pair {
        switch course {
        case .fixed(let pair, let warmUp, let steps): return update < steps ? warmUp : pair
        case .line(let start, let end, let steps):
            let share = min(1, max(0, Double(update) / Double(steps)))
            return Pair(
                ctc: start.ctc + (end.ctc - start.ctc) * share,
                crossEntropy: start.crossEntropy + (end.crossEntropy - start.crossEntropy) * share
            )
        }
    }
}
