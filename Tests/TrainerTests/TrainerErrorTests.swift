import Testing

@testable import Trainer

@Suite struct TrainerErrorTests {
    @Test func messagesNameTheKey() {
        #expect("\(TrainerError.configuration(key: "d_model", reason: "it is 0"))" == "d_model: it is 0")
        #expect("\(TrainerError.tokenizer(path: "t.model", reason: "it is empty"))" == "t.model: it is empty")
        #expect(
            "\(TrainerError.tokenizerTraining(reason: "the corpus is empty"))"
                == "tokenizer training: the corpus is empty"
        )
    }
}
