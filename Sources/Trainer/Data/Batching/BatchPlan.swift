import TensorCore

/// Which utterances go together in one epoch, and in which order: a function of corpus, limits, seed and epoch.
///
/// So a run that was stopped after batch `n` goes on with batch `n` of the same plan, and nothing else needs to be
/// kept. Every utterance is in exactly one batch. Utterances of similar length go together, so little is padding: they
/// are put in random order, sorted by length in classes of 5 %, cut into batches, and the batches shuffled.
public struct BatchPlan: Sendable, Hashable {
    /// One utterance of a batch.
    public struct Entry: Sendable, Hashable {
        /// Its place in the corpus.
        public var index: Int
        /// How fast it is played, in percent.
        public var speedPercent: Int
    }

    /// From 0.
    public let epoch: Int
    /// The batches in their order; none is empty.
    public let batches: [[Entry]]

    /// Plans an epoch; O(n log n).
    ///
    /// - Parameters:
    ///   - corpus: all utterances.
    ///   - limits: how large a batch may be.
    ///   - seed: the run's.
    ///   - epoch: from 0.
    ///   - speed: how fast utterances are played; nil for as they are.
    public init(
        _ corpus: Corpus,
        limits: BatchLimits,
        seed: UInt64,
        epoch: Int,
        speed: SpeedPerturbation? = nil
    ) {
        self.epoch = epoch
        var numbers = UtteranceRandom.numbers(seed: seed, epoch: epoch, id: "", .order)
        var order = Array(corpus.utterances.indices)
        numbers.shuffle(&order)
        let planned = order.map { index in
            let utterance = corpus.utterances[index]
            let percent = speed?.percent(for: utterance, epoch: epoch) ?? 100
            return Planned(
                entry: Entry(index: index, speedPercent: percent),
                seconds: SpeedPerturbation.seconds(utterance.durationSeconds, atPercent: percent)
            )
        }
        var batches = Self.cut(Self.sorted(planned), limits)
        numbers.shuffle(&batches)
        self.batches = batches
    }

    /// The utterances of an evaluation: every one as it is, longest first, in an order without chance.
    ///
    /// - Parameters:
    ///   - corpus: all utterances.
    ///   - limits: how large a batch may be.
    public init(inOrderOf corpus: Corpus, limits: BatchLimits) {
        epoch = 0
        let planned = corpus.utterances.enumerated().map {
            Planned(entry: Entry(index: $0.offset, speedPercent: 100), seconds: $0.element.durationSeconds)
        }
        let sorted = planned.sorted { ($1.seconds, $0.entry.index) < ($0.seconds, $1.entry.index) }
        batches = Self.cut(sorted, limits)
    }

    private struct Planned {
        let entry: Entry
        let seconds: Double
    }

    /// By classes of length, in each class as they were.
    private static func sorted(_ planned: [Planned]) -> [Planned] {
        let classes = planned.enumerated().map { (lengthClass($0.element.seconds), $0.offset) }
        return classes.sorted { $0 < $1 }.map { planned[$0.1] }
    }

    /// Classes that are 5 % wide, from a hundredth of a second on.
    ///
    /// By multiplication alone: a logarithm may differ in its last place from one library to the next.
    private static func lengthClass(_ seconds: Double) -> Int {
        var number = 0
        var bound = 0.01
        while bound < seconds, number < 1000 {
            bound *= 1.05
            number += 1
        }
        return number
    }

    private static func cut(_ planned: [Planned], _ limits: BatchLimits) -> [[Entry]] {
        var batches: [[Entry]] = []
        var batch: [Entry] = []
        var longest = 0.0
        for next in planned {
            let padded = max(longest, next.seconds) * Double(batch.count + 1)
            if !batch.isEmpty, batch.count >= limits.maximumCount || !(padded <= limits.maximumSeconds) {
                batches.append(batch)
                batch = []
                longest = 0
            }
            batch.append(next.entry)
            longest = max(longest, next.seconds)
        }
        if !batch.isEmpty { batches.append(batch) }
        return batches
    }
}
