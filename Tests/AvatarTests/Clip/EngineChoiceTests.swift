import Testing

@testable import Avatar

@Suite struct EngineChoiceTests {
    private let choice = EngineChoice([
        StandInEngine(name: "better", missing: "it is not installed; run: make better"),
        StandInEngine(name: "good"),
    ])

    @Test func `auto takes the best that can be used and says why not a better one`() async throws {
        let decision = try await choice.decide("auto")
        #expect(decision.engines.map(\.name) == ["good"])
        #expect(
            decision.reason
                == "good is taken, as better cannot be used: it is not installed; run: make better"
        )
    }

    @Test func `an engine that was named is used or complained of`() async throws {
        #expect(try await choice.decide("good").reason == "good was asked for")
        await #expect { try await choice.decide("better") } throws: { "\($0)".contains("make better") }
        await #expect { try await choice.decide("\u{1b}[0m") } throws: {
            "\($0)".contains("there are: auto, better, good") && !"\($0)".contains("\u{1b}")
        }
    }

    @Test func `without any engine auto says what each needs`() async throws {
        let none = EngineChoice([
            StandInEngine(name: "a", missing: "x"), StandInEngine(name: "b", missing: "y"),
        ])
        await #expect { try await none.decide("auto") } throws: { "\($0)".contains("a: x; b: y") }
    }

    @Test func `what nobody has set up is not expected, and is named last`() async throws {
        let choice = EngineChoice([
            StandInEngine(name: "a", missing: "x", isSetUp: false), StandInEngine(name: "b", missing: "y"),
        ])
        #expect(choice.expected?.name == "b")
        await #expect { try await choice.decide("auto") } throws: { "\($0)".contains("b: y; a: x") }
        #expect(!SadTalkerAnimation(environment: [:]).isSetUp)
        #expect(SadTalkerAnimation(environment: ["VOXSITE_SADTALKER_CHECKOUT": "/nowhere"]).isSetUp)
        #expect(SadTalkerAnimation(environment: ["VOXSITE_SADTALKER_SIZE": "three"]).isSetUp)
    }

    @Test func `the rig says that its encoder is missing`() async throws {
        #expect(
            await RigEngine(encoderProgram: "no-such-encoder").problem()?.contains("apt install ffmpeg")
                == true
        )
        #expect(await RigEngine(encoderProgram: "/nowhere/ffmpeg").problem() != nil)
    }
}
