import TestSupport
import Testing

@testable import TensorCore

@Suite struct AdamWTests {
    @Test func stepsMatchPyTorch() throws {
        let file = try FixtureReader("optim_adamw")
        let names = ["a", "b", "c"]
        let parameters = try names.map { name in
            let input = try file("init.\(name)")
            return Parameter(name, try Tensor(input.values, input.shape))
        }
        let optimizer = try AdamW(parameters) { $0.name != "b" }
        let rates = try file("lr").values
        for step in 1...6 {
            try optimizer.clearGradients()
            for parameter in parameters {
                let slope = try file("grad\(step).\(parameter.name)")
                let place = try #require(parameter.gradient)
                try place.backend.copy(Tensor(slope.values, slope.shape), to: place)
            }
            let norm = try optimizer.step(learningRate: rates[step - 1], maximumNorm: 1)
            expectClose(
                [Float(norm)],
                try file("step\(step).grad_norm").values.map(Double.init),
                2e-6,
                "norm"
            )
            let state = try optimizer.state()
            for parameter in parameters {
                let key = "step\(step).\(parameter.name)"
                let moments = try #require(state.moments[parameter.name])
                for (tensor, name) in [
                    (parameter.value, key), (moments.first, key + ".exp_avg"),
                    (moments.second, key + ".exp_avg_sq"),
                ] {
                    expectClose(try tensor.floats(), try file(name).values.map(Double.init), 2e-6, name)
                }
            }
        }
    }

    private func parameters() throws -> [Parameter] {
        [
            Parameter("layer.weight", try Tensor([1, 2, 3, 4, 5, 6], [2, 3])),
            Parameter("layer.bias", try Tensor([1, 2], [2])),
            Parameter("frozen", try Tensor([5], [1]), isTrainable: false),
        ]
    }

    private func train(_ parameters: [Parameter], _ optimizer: AdamW, _ steps: Int) throws {
        let x = try Tensor([0.5, -1, 2], [1, 3])
        for _ in 0..<steps {
            try optimizer.clearGradients()
            let y = try x.linear(parameters[0].tensor, bias: parameters[1].tensor)
            try y.multiplying(y).sum().backward()
            try optimizer.step(learningRate: 0.1)
        }
    }

    @Test func aRunThatWasBrokenOffGoesOnExactly() throws {
        let whole = try parameters()
        try train(whole, try AdamW(whole), 7)
        let first = try parameters()
        let before = try AdamW(first)
        try train(first, before, 3)
        let second = try first.map { Parameter($0.name, try $0.value.copied(), isTrainable: $0.isTrainable) }
        let after = try AdamW(second)
        try after.restore(try before.state())
        try train(second, after, 4)
        #expect(after.stepCount == 7)
        for (left, right) in zip(whole, second) { #expect(try left.value.floats() == right.value.floats()) }
        #expect(try whole[2].value.floats() == [5])
    }

    @Test func aStateOfOtherParametersIsRefusedWhole() throws {
        let optimizer = try AdamW(parameters())
        var state = try optimizer.state()
        state.moments["other"] = state.moments["layer.bias"]
        state.moments["layer.bias"] = nil
        state.moments["layer.weight"]?.first = try .zeros([3, 2])
        #expect(
            throws: TensorError.parameters(
                missing: ["optimiser state of layer.bias"],
                extra: ["other"],
                misshapen: ["layer.weight: [3, 2] in the state, [2, 3] in the model"]
            )
        ) { try optimizer.restore(state) }
    }

    @Test func notANumberChangesNothing() throws {
        let parameters = try parameters()
        let optimizer = try AdamW(parameters)
        let before = try parameters[0].value.floats()
        let place = try #require(parameters[1].gradient)
        try place.backend.copy(Tensor([.nan, 1], [2]), to: place)
        #expect(throws: TensorError.self) { try optimizer.step(learningRate: 0.1) }
        #expect(try parameters[0].value.floats() == before)
        #expect(optimizer.stepCount == 0)
    }

    @Test func whatIsSetElsewhereIsTakenBack() throws {
        let expected = try parameters(), found = try parameters()
        let first = try AdamW(expected), second = try AdamW(found)
        try train(expected, first, 2)
        try train(found, second, 2)
        // Weights are loaded, and derivatives are cleared as loops without an optimiser do it.
        let loaded = try Tensor([6, 5, 4, 3, 2, 1], [2, 3])
        try expected[0].value.backend.copy(loaded, to: expected[0].value)
        found[0].value = loaded
        for parameter in found { parameter.gradient = nil }
        try first.clearGradients()
        for (parameters, optimizer) in [(expected, first), (found, second)] {
            let x = try Tensor([0.5, -1, 2], [1, 3])
            let y = try x.linear(parameters[0].tensor, bias: parameters[1].tensor)
            try y.multiplying(y).sum().backward()
            try optimizer.step(learningRate: 0.1)
        }
        for (left, right) in zip(expected, found) {
            #expect(try left.value.floats() == right.value.floats())
        }
        #expect(try found[0].value.floats() != loaded.floats())
    }

    @Test func aParameterThatWasFrozenSinceIsAnError() throws {
        let parameters = try parameters()
        let optimizer = try AdamW(parameters)
        parameters[1].isTrainable = false
        #expect(
            throws: TensorError.invalidArgument(
                operation: "AdamW",
                reason: "layer.bias was frozen since; make a new optimiser of what is trained now"
            )
        ) { try optimizer.step(learningRate: 0.1) }
    }

    @Test func rulesTellWhatShrinks() throws {
        func rule(_ name: String, _ shape: Shape) throws -> [Bool] {
            let parameter = Parameter(name, try .zeros(shape))
            return [WeightDecayRule.standard(parameter), WeightDecayRule.byName(parameter)]
        }
        #expect(try rule("fc.weight", [2, 3]) == [true, true])
        #expect(try rule("fc.bias", [3]) == [false, false])
        #expect(try rule("norm1.weight", [3]) == [false, true])
        #expect(try rule("layer_norm.weight", [3]) == [false, false])
        #expect(try rule("token_embedding.weight", [9, 3]) == [false, true])
        #expect(try rule("gru_rel_pos_const", [1, 4, 1, 1]) == [false, true])
    }

    @Test(arguments: ["w5000_t17840", "w2_t10", "w0_t10", "w20_t10"])
    func theScheduleMatchesTheOriginals(_ name: String) throws {
        let file = try FixtureReader("optim_schedule")
        let parts = name.dropFirst().split(separator: "_")
        let schedule = LearningRateSchedule(
            peak: 1,
            warmUpSteps: try #require(Int(parts[0])),
            totalSteps: try #require(Int(parts[1].dropFirst())),
            form: .unbounded
        )
        let factors = try file.integers("\(name).step").map { schedule.factor(at: $0) }
        expectClose(factors, try file("\(name).factor").values.map(Double.init), 1e-6, name)
    }

    @Test func ourScheduleBeginsAboveZeroAndStaysAtItsFloor() {
        let schedule = LearningRateSchedule(peak: 2, warmUpSteps: 4, totalSteps: 10)
        #expect(schedule.rate(at: 0) == 0.5 && schedule.rate(at: 3) == 2 && schedule.rate(at: 4) == 2)
        #expect(abs(schedule.rate(at: 10) - 0.2) < 1e-6 && schedule.rate(at: 1000) == schedule.rate(at: 10))
        #expect((4..<10).allSatisfy { schedule.rate(at: $0 + 1) < schedule.rate(at: $0) })
    }
}
