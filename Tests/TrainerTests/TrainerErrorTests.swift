import Testing

@testable import Trainer

@Suite struct TrainerErrorTests {
    @Test func messagesNameTheKey() {
        #expect("\(TrainerError.configuration(key: "d_model", reason: "it is 0"))" == "d_model: it is 0")
    }
}
