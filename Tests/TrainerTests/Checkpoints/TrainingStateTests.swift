import SpeechSupport
import Testing

@testable import Trainer

/// Which batches a checkpoint counts.
@Suite struct TrainingStateTests {
    private let language: ToneLanguage

    init() throws { language = try ToneLanguage() }

    private let corpus = Corpus(utterances: [])

    private func state(_ batches: String?) -> TrainingState {
        var state = TrainingState(run: "run", stage: "stage1")
        (state.batch, state.batches) = (3, batches)
        return state
    }

    @Test func whatThePlanFollowsFromTellsPlansApart() throws {
        let plans = try [
            "training.log_interval=7", "training.seed=7", "data.use_speed_perturbation=true",
            "training.batch_size=3",
        ].map { TrainingState.batches(of: corpus, try language.configuration($0)) }
        #expect(Set(plans).count == plans.count)
        let usual = TrainingState.batches(of: corpus, try language.configuration())
        #expect(plans[0] == usual)
        // Nothing is changed that has a length.
        let shorter = try language.configuration("data.max_batch_seconds=30", "data.max_audio_len=9")
        #expect(
            TrainingState.batches(of: corpus, shorter)
                == TrainingState.batches(of: corpus, try language.configuration("data.max_batch_seconds=30"))
        )
    }

    /// Checkpoints of earlier versions leave out seed and speed; the configuration in them tells.
    @Test func whatAnEarlierVersionWroteGoesOn() throws {
        let configuration = try language.configuration("training.seed=9")
        let planned = TrainingState.batches(of: corpus, configuration)
        let words = planned.split(separator: " ")
        #expect(words.count == 5)
        let old = words.prefix(3).joined(separator: " ")
        var same = state(old)
        same.completeBatches(from: configuration)
        let isSameAnew = same.setBatches(planned)
        #expect(!isSameAnew)
        #expect(same.batch == 3)
        var other = state(old)
        other.completeBatches(from: try language.configuration("training.seed=10"))
        let isOtherAnew = other.setBatches(planned)
        #expect(isOtherAnew)
        #expect(other.batch == 0)
        #expect(other.batches == planned)
        // What is complete is as it was, and a run without batches begins with the first.
        other.completeBatches(from: try language.configuration("training.seed=10"))
        #expect(other.batches == planned)
        var first = state(nil)
        let isFirstAnew = first.setBatches(planned)
        #expect(!isFirstAnew)
    }
}
