public import TensorCore

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
        /// How many samples it has at 16 kHz, without padding; nil where its features were kept.
        public var sampleCount: Int?
    }

    /// What the model gets.
    public enum Input: Sendable {
        /// Samples of shape `[utterances, samples]`, rows first, with zeros behind the end of each.
        case waveforms([Float], sampleCount: Int)
        /// For each utterance the features that were kept of it: shape `[layers, frames, features]`, float16.
        case features([StoredTensor])
    }

    /// Its place in the plan: a run that stops behind it goes on with the next.
    public let position: Int
    /// From 0.
    public let epoch: Int
    /// The utterances that could be read, in the order of the plan; at least one.
    public let items: [Item]
    /// What the model gets, in the same order.
    public let input: Input

    /// How much is heard, without padding.
    public var totalSeconds: Double {
        items.reduce(0) {
            $0 + SpeedPerturbation.seconds($1.utterance.durationSeconds, atPercent: $1.speedPercent)
        }
    }

    /// How many samples each utterance has; nil where features were kept.
    public var sampleCounts: [Int]? {
        guard case .waveforms = input else { return nil }
        return items.map { $0.sampleCount ?? 0 }
    }

    /// How many tokens all targets have.
    public var targetCount: Int { items.reduce(0) { $0 + $1.targets.count } }
}
