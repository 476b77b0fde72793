/// Utterances that are ready to be learnt from.
public struct TrainingBatch: Sendable {
    /// One utterance.
    public struct Item: Sendable, Hashable {
        /// What it is.
        public var utterance: Utterance
        /// How fast it is played, in percent.
        public var speedPercent: Int
        /// The tokens of its text, without special ones.
        public var targets: [Int32]
    }

    /// The sound of those utterances whose features are not kept.
    public struct Waveforms: Sendable, Hashable {
        /// Which of the batch's items they are, ascending.
        public var rows: [Int]
        /// At 16 kHz, shape `[rows, sampleCount]`, rows first, with zeros behind the end of each.
        public var samples: [Float]
        /// How many samples a row has, padding included.
        public var sampleCount: Int
        /// How many samples each row has without padding; at least 400.
        public var sampleCounts: [Int]

        /// Pads sounds to the length of the longest; nil where there is none.
        ///
        /// - Parameter sounds: with the item that each belongs to.
        init?(padding sounds: [(row: Int, samples: [Float])]) {
            guard let longest = sounds.map(\.samples.count).max() else { return nil }
            rows = sounds.map(\.row)
            sampleCounts = sounds.map(\.samples.count)
            sampleCount = longest
            samples = []
            samples.reserveCapacity(longest * sounds.count)
            for (_, sound) in sounds {
                samples += sound
                samples.append(contentsOf: repeatElement(0, count: longest - sound.count))
            }
        }
    }

    /// Its place in the plan: a run that stops behind it goes on with the next.
    public let position: Int
    /// From 0.
    public let epoch: Int
    /// The utterances that could be read, in the order of the plan; at least one.
    public let items: [Item]
    /// The sound of those whose features are not kept; nil where all are.
    public let waveforms: Waveforms?
    /// The kept features of the others; nil where there are none.
    public let features: PaddedFeatures?

    /// How much is heard, without padding.
    public var totalSeconds: Double {
        items.reduce(0) {
            $0 + SpeedPerturbation.seconds($1.utterance.durationSeconds, atPercent: $1.speedPercent)
        }
    }

    /// How many tokens all targets have.
    public var targetCount: Int { items.reduce(0) { $0 + $1.targets.count } }
}
