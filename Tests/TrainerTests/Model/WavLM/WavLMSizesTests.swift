import TensorCore
import Testing

@testable import Trainer

/// Sizes come from a file: none of them may trap.
@Suite struct WavLMSizesTests {
    private static func tiny(_ change: (inout WavLMConfiguration) -> Void) -> WavLMConfiguration {
        var configuration = WavLMTests.tiny(.base)
        change(&configuration)
        return configuration
    }

    @Test(arguments: [
        (tiny { $0.convolutions = [] }, "no convolutions"),
        (tiny { $0.convolutions[3].width = 0 }, "width of convolution 3"),
        (tiny { $0.convolutions[0].kernelSize = -1 }, "kernel size of convolution 0"),
        (tiny { $0.convolutions[6].stride = 0 }, "stride of convolution 6"),
        (tiny { $0.width = 0 }, "the width is 0"), (tiny { $0.width = .max }, "the width is"),
        (tiny { $0.layerCount = -1 }, "number of layers"), (tiny { $0.headCount = 0 }, "number of heads"),
        (tiny { $0.headCount = 5 }, "5 heads"), (tiny { $0.innerWidth = 0 }, "inner width"),
        (tiny { $0.positionKernelSize = 0 }, "positional kernel size"),
        (tiny { $0.positionGroupCount = 0 }, "number of positional groups"),
        (tiny { $0.positionGroupCount = 3 }, "3 positional groups"),
        (tiny { $0.bucketCount = 3 }, "classes of distances is 3"),
        (tiny { $0.maximumDistance = 8 }, "maximum distance is 8"),
    ])
    func theSizeThatDoesNotSuitIsNamed(_ configuration: WavLMConfiguration, _ part: String) {
        let error = #expect(throws: TensorError.self) { try WavLM(.random(seed: 1), configuration) }
        #expect("\(error, default: "")".contains(part))
    }

    @Test func publishedSizesSuit() throws {
        try WavLMConfiguration.base.validate()
        try WavLMConfiguration.large.validate()
    }

    /// The fewest classes that are let through still tell distances apart, up to any distance.
    @Test func theSmallestNumberOfClassesIsEnough() throws {
        let smallest = Self.tiny {
            $0.bucketCount = 4
            $0.maximumDistance = 2
        }
        try smallest.validate()
        let positions = RelativePositions(bucketCount: 4, maximumDistance: 2)
        #expect([-9, -1, 0, 1, 9, 1 << 40].map(positions.bucket) == [1, 1, 0, 3, 3, 3])
    }
}
