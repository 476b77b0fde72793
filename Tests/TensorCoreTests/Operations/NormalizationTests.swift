import TestSupport
import Testing

@testable import TensorCore

/// Normalises the numbers at some places of an array with the statistics of others, as the definition says it.
private func normalize(
    _ x: [Double],
    statisticsOf valid: [Int],
    at places: [Int],
    into result: inout [Double],
    _ map: (Int, Double) -> Double
) {
    let count = Double(max(1, valid.count))
    let mean = valid.reduce(0) { $0 + x[$1] } / count
    let variance = valid.reduce(0) { $0 + (x[$1] - mean) * (x[$1] - mean) } / count
    let inverse = valid.isEmpty ? 0 : 1 / (variance + 1e-5).squareRoot()
    for place in places { result[place] = map(place, (x[place] - mean) * inverse) }
}

@Suite struct NormalizationTests {
    @Test(arguments: [(3, 4), (1, 1), (2, 17), (5, 33), (0, 3), (66, 3)], Activation.allCases)
    func rowsAreNormalised(_ size: (Int, Int), _ activation: Activation) throws {
        let (rows, columns) = size
        var random = SeededRandom(seed: UInt64(rows * 100 + columns))
        let inputs = [
            Input.random([rows, columns], &random), Input.random([columns], &random),
            Input.random([columns], &random),
        ]
        try checkOperation(inputs) { numbers in
            var result = numbers[0]
            for row in 0..<rows {
                let places = Array(row * columns..<(row + 1) * columns)
                normalize(numbers[0], statisticsOf: places, at: places, into: &result) { place, h in
                    plainActivation(activation, h * numbers[1][place % columns] + numbers[2][place % columns])
                }
            }
            return result
        } operation: {
            try $0[0].layerNormalized($0[1], $0[2], activation: activation)
        }
    }

    /// Ba, Kiros, Hinton 2016: the result does not depend on an offset of its row.
    @Test func anOffsetOfARowDoesNotMatter() throws {
        var random = SeededRandom(seed: 4)
        let x = (0..<512).map { _ in Float(Int.random(in: -512...512, using: &random)) / 512 }
        let weight = try Tensor.full(1, [512]), bias = try Tensor.zeros([512])
        let plain = try Tensor(x, [1, 512]).layerNormalized(weight, bias).floats()
        let moved = try Tensor(x.map { $0 + 64 }, [1, 512]).layerNormalized(weight, bias).floats()
        expectClose(moved, plain.map(Double.init), 2e-5, "moved row")
    }

    @Test(
        arguments: [
            (2, 7, 6, 3, nil), (2, 7, 6, 6, [7, 4]), (3, 5, 4, 1, [5, 0, 1]), (1, 1, 2, 2, nil),
            (2, 0, 4, 2, nil),
            (0, 3, 4, 2, nil), (2, 20, 6, 3, [20, 17]),
        ] as [(Int, Int, Int, Int, [Int]?)],
        [Activation.none, .gelu]
    )
    func groupsOfChannelsAreNormalisedOverValidFrames(
        _ size: (batch: Int, frames: Int, channels: Int, groups: Int, lengths: [Int]?),
        _ activation: Activation
    ) throws {
        let (batch, frames, channels, groups, lengths) = size
        var random = SeededRandom(seed: UInt64(frames * 10 + channels))
        let inputs = [
            Input.random([batch, frames, channels], &random), Input.random([channels], &random),
            Input.random([channels], &random),
        ]
        let width = channels / groups
        // Of one frame nothing is left but rounding, against which there is nothing to compare it with.
        try checkOperation(inputs, tolerance: frames == 1 ? 1e-3 : 2e-5) { numbers in
            var result = numbers[0]
            for b in 0..<batch {
                for group in 0..<groups {
                    func places(_ length: Int) -> [Int] {
                        (0..<length).flatMap { t in
                            (0..<width).map { (b * frames + t) * channels + group * width + $0 }
                        }
                    }
                    normalize(
                        numbers[0],
                        statisticsOf: places(lengths?[b] ?? frames),
                        at: places(frames),
                        into: &result
                    ) { place, h in
                        plainActivation(
                            activation,
                            h * numbers[1][place % channels] + numbers[2][place % channels]
                        )
                    }
                }
            }
            return result
        } operation: {
            try $0[0].groupNormalized(
                groupCount: groups,
                $0[1],
                $0[2],
                lengths: lengths,
                activation: activation
            )
        }
    }

    @Test(
        arguments: [
            (3, 5, 4, nil), (3, 5, 4, [5, 2, 0]), (1, 1, 3, nil), (2, 3, 17, [1, 3]), (2, 0, 3, nil),
            (2, 40, 3, [40, 17]),
        ] as [(Int, Int, Int, [Int]?)]
    )
    func channelsAreNormalisedOverTheValidFramesOfTheBatch(
        _ size: (batch: Int, frames: Int, channels: Int, lengths: [Int]?)
    ) throws {
        let (batch, frames, channels, lengths) = size
        var random = SeededRandom(seed: UInt64(frames * 10 + channels))
        let inputs = [
            Input.random([batch, frames, channels], &random), Input.random([channels], &random),
            Input.random([channels], &random),
        ]
        func places(_ channel: Int, _ isValid: Bool) -> [Int] {
            (0..<batch).flatMap { b in
                (0..<(isValid ? lengths?[b] ?? frames : frames)).map {
                    (b * frames + $0) * channels + channel
                }
            }
        }
        // Of one frame nothing is left but rounding, against which there is nothing to compare it with.
        try checkOperation(inputs, tolerance: frames == 1 ? 1e-3 : 2e-5) { numbers in
            var result = numbers[0]
            for channel in 0..<channels {
                normalize(
                    numbers[0],
                    statisticsOf: places(channel, true),
                    at: places(channel, false),
                    into: &result
                ) { _, h in h * numbers[1][channel] + numbers[2][channel] }
            }
            return result
        } operation: {
            try $0[0].batchNormalizedInTraining($0[1], $0[2], lengths: lengths).0
        }

        let x = inputs[0].values.map(Double.init)
        let (_, mean, variance, count) = try Tensor(inputs[0].values, inputs[0].shape)
            .batchNormalizedInTraining(Tensor.full(1, [channels]), Tensor.zeros([channels]), lengths: lengths)
        #expect(count == (lengths ?? [Int](repeating: frames, count: batch)).reduce(0, +))
        let means = (0..<channels).map { channel in
            places(channel, true).reduce(0) { $0 + x[$1] } / Double(max(1, count))
        }
        let variances = (0..<channels).map { channel in
            places(channel, true).reduce(0) { $0 + (x[$1] - means[channel]) * (x[$1] - means[channel]) }
                / Double(max(1, count))
        }
        expectClose(try mean.floats(), means, 1e-6, "mean")
        expectClose(try variance.floats(), variances, 1e-6, "variance")
    }

    @Test func evaluationTakesTheStatisticsThatItIsGiven() throws {
        var random = SeededRandom(seed: 9)
        let mean = Input.random([5], &random)
        let variance = Input(shape: [5], values: [0.25, 1, 4, 0.01, 2])
        let inputs = [
            Input.random([2, 3, 5], &random), Input.random([5], &random), Input.random([5], &random),
        ]
        try checkOperation(inputs) { numbers in
            numbers[0].enumerated().map { place, x in
                let deviation = (Double(variance.values[place % 5]) + 1e-5).squareRoot()
                let h = (x - Double(mean.values[place % 5])) / deviation
                return plainActivation(.silu, h * numbers[1][place % 5] + numbers[2][place % 5])
            }
        } operation: {
            try $0[0].batchNormalized(
                $0[1],
                $0[2],
                mean: Tensor(mean.values, [5]),
                variance: Tensor(variance.values, [5]),
                activation: .silu
            )
        }
    }

    /// The first convolution of WavLM: sixteen thousand frames whose mean is far from zero for their deviation.
    @Test func longSequencesKeepTheirPrecision() throws {
        var random = SeededRandom(seed: 12)
        let (frames, channels) = (16_000, 24)
        let input = Input(
            shape: [1, frames, channels],
            values: (0..<frames * channels).map {
                10 + 0.1 * Float($0 % channels) * .random(in: -1...1, using: &random)
            }
        )
        let x = input.values.map(Double.init)
        var expected = x
        for channel in 0..<channels {
            let places = Array(stride(from: channel, to: x.count, by: channels))
            normalize(x, statisticsOf: places, at: places, into: &expected) { _, h in h }
        }
        let result = try Tensor(input.values, input.shape)
            .groupNormalized(groupCount: channels, Tensor.full(1, [channels]), Tensor.zeros([channels]))
        expectClose(try result.floats(), expected, 1e-5, "group norm")
    }

    @Test func mismatchesNameTheOperationAndBothShapes() throws {
        let x = try Tensor.zeros([2, 3, 4]), four = try Tensor.zeros([4]), five = try Tensor.zeros([5])
        #expect(throws: TensorError.shapeMismatch(operation: "layer norm", left: [2, 3, 4], right: [5])) {
            try x.layerNormalized(five, five)
        }
        #expect(throws: TensorError.shapeMismatch(operation: "layer norm bias", left: [4], right: [5])) {
            try x.layerNormalized(four, five)
        }
        #expect(throws: TensorError.self) { try x.groupNormalized(groupCount: 3, four, four) }
        #expect(throws: TensorError.self) { try x.groupNormalized(groupCount: 2, four, four, lengths: [1]) }
        #expect(throws: TensorError.self) { try x.batchNormalizedInTraining(four, four, lengths: [1, 4]) }
        #expect(throws: TensorError.self) { try x.batchNormalized(four, four, mean: five, variance: four) }
    }
}
