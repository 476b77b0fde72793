import Testing

@testable import TensorCore

@Suite struct ParameterBuilderTests {
    private struct Pair {
        let first: Linear
        let second: Linear
        init(_ builder: ParameterBuilder) throws(TensorError) {
            first = try Linear(builder.scoped("layers").scoped(0), inputs: 3, outputs: 2)
            second = try Linear(builder.scoped("layers").scoped(1), inputs: 2, outputs: 2, hasBias: false)
        }
    }

    @Test func pathsAreNamesJoinedByDots() throws {
        let builder = ParameterBuilder.random(seed: 1)
        _ = try Pair(builder)
        #expect(builder.parameters.map(\.name) == ["layers.0.weight", "layers.0.bias", "layers.1.weight"])
        #expect(builder.scoped("layers").scoped(1).parameters.map(\.name) == ["layers.1.weight"])
        try builder.finish()
    }

    @Test func equalSeedsGiveEqualNumbersAndOthersGiveOthers() throws {
        func weights(_ seed: UInt64) throws -> [Float] {
            try Pair(.random(seed: seed)).first.weight.value.floats()
        }
        #expect(try weights(1) == weights(1))
        #expect(try weights(1) != weights(2))
        // PyTorch's default bound is 1/√(fan in).
        #expect(try weights(1).allSatisfy { abs($0) <= 1 / Float(3).squareRoot() })
    }

    @Test func aLoadedModelHasTheNumbersOfTheFile() throws {
        let made = ParameterBuilder.random(seed: 5)
        _ = try Pair(made)
        let values = Dictionary(uniqueKeysWithValues: made.parameters.map { ($0.name, $0.value) })
        let builder = ParameterBuilder.loading(ParameterDictionary(values))
        let loaded = try Pair(builder)
        try builder.finish()
        #expect(try loaded.first.weight.value.floats() == values["layers.0.weight"]?.floats())
    }

    @Test func allDifferencesAreToldAtOnce() throws {
        let builder = ParameterBuilder.loading(
            ParameterDictionary([
                "layers.0.weight": try .zeros([3, 2]), "layers.0.bias": try .zeros([2]),
                "head.weight": try .zeros([1]),
            ])
        )
        _ = try Pair(builder)
        #expect(
            throws: TensorError.parameters(
                missing: ["layers.1.weight [2, 2]"],
                extra: ["head.weight"],
                misshapen: ["layers.0.weight: [3, 2] in the file, [2, 3] in the model"]
            )
        ) { try builder.finish() }
    }
}
