/// Masks stripes of features and of time, so that no part of an utterance is relied upon.
///
/// Source: Park et al., "SpecAugment: A Simple Data Augmentation Method for Automatic Speech Recognition", Interspeech
/// 2019, without time warping; the adaptive form is that of Park et al., "SpecAugment on Large Scale Datasets", ICASSP
/// 2020.
public struct SpecAugment: Sendable, Hashable {
    /// Which stripes of time there are.
    public enum TimeMasks: Sendable, Hashable {
        /// So many, none longer than `width` frames or the part `share` of the utterance.
        case fixed(count: Int, width: Int, share: Double)
        /// As many as 4 % of the frames, at most 20, none longer than 4 % of the utterance or `width` frames.
        case adaptive(width: Int)
    }

    /// What is masked in one utterance.
    public struct Mask: Sendable, Hashable {
        /// Masked frames; ranges may overlap.
        public var frames: [Range<Int>]
        /// Masked features; ranges may overlap.
        public var features: [Range<Int>]

        /// Factors for frames: 0 for masked ones, 1 for others.
        ///
        /// - Parameter frameCount: how many are wanted, padding included.
        /// - Returns: shape `[frames]`.
        public func frameFactors(count frameCount: Int) -> [Float] { Self.factors(frames, frameCount) }

        /// Factors for features: 0 for masked ones, 1 for others.
        ///
        /// - Parameter featureCount: how many are wanted.
        /// - Returns: shape `[features]`.
        public func featureFactors(count featureCount: Int) -> [Float] {
            Self.factors(features, featureCount)
        }

        private static func factors(_ ranges: [Range<Int>], _ count: Int) -> [Float] {
            var factors = [Float](repeating: 1, count: max(0, count))
            for range in ranges {
                for index in range.clamped(to: 0..<factors.count) { factors[index] = 0 }
            }
            return factors
        }
    }

    /// How many stripes of features there are.
    public var featureMaskCount: Int
    /// No stripe of features is wider.
    public var featureMaskWidth: Int
    /// Which stripes of time there are.
    public var timeMasks: TimeMasks

    /// - Parameters:
    ///   - featureMaskCount: how many stripes of features there are.
    ///   - featureMaskWidth: no stripe of features is wider.
    ///   - timeMasks: which stripes of time there are.
    public init(
        featureMaskCount: Int = 2,
        featureMaskWidth: Int = 27,
        timeMasks: TimeMasks = .fixed(count: 2, width: 100, share: 0.2)
    ) {
        self.featureMaskCount = featureMaskCount
        self.featureMaskWidth = featureMaskWidth
        self.timeMasks = timeMasks
    }

    /// What a configuration asks for; nil where it masks nothing.
    ///
    /// - Parameter settings: the section `data`.
    public init?(_ settings: DataSettings) {
        guard settings.usesSpecAugment else { return nil }
        self.init(
            featureMaskCount: settings.featureMaskCount,
            featureMaskWidth: settings.featureMaskWidth,
            timeMasks: settings.timeMaskCount.map {
                .fixed(count: $0, width: settings.timeMaskWidth, share: settings.timeMaskShare)
            } ?? .adaptive(width: settings.timeMaskWidth)
        )
    }

    /// What is masked in an utterance: the same whenever it is asked for.
    ///
    /// - Parameters:
    ///   - frameCount: how many frames the utterance has, without padding.
    ///   - featureCount: how many features a frame has.
    ///   - seed: the run's.
    ///   - epoch: from 0.
    ///   - id: the utterance's.
    /// - Returns: ranges within the utterance.
    public func mask(
        frameCount: Int,
        featureCount: Int,
        seed: UInt64,
        epoch: Int,
        id: String
    ) -> Mask {
        var numbers = UtteranceRandom.numbers(seed: seed, epoch: epoch, id: id, .mask)
        /// A stripe of 0 to `width` places, all of them within `0..<extent`.
        func stripe(_ width: Int, _ extent: Int) -> Range<Int> {
            let length = numbers.below(max(0, min(width, extent)) + 1)
            let start = numbers.below(extent - length + 1)
            return start..<start + length
        }
        let features = (0..<max(0, featureMaskCount)).map { _ in
            stripe(featureMaskWidth, max(0, featureCount))
        }
        let frameCount = max(0, frameCount)
        let (count, width) = timeStripes(frameCount)
        let frames = (0..<max(0, count)).map { _ in stripe(width, frameCount) }
        return Mask(frames: frames.filter { !$0.isEmpty }, features: features.filter { !$0.isEmpty })
    }

    private func timeStripes(_ frameCount: Int) -> (count: Int, width: Int) {
        switch timeMasks {
        case .fixed(let count, let width, let share):
            let limit = Double(frameCount) * min(1, max(0, share.isNaN ? 0 : share))
            return (count, min(width, Int(limit)))
        case .adaptive(let width): return (min(20, frameCount / 25), min(width, frameCount / 25))
        }
    }
}
