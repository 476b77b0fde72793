import TensorCore
import Testing

@testable import Trainer

/// Sizes come from a file: none of them may trap.
@Suite struct ModelSizesTests {
    @Test(arguments: [
        (EncoderSizes(width: 0), "width"), (EncoderSizes(headCount: 0), "heads"),
        (EncoderSizes(width: 30, headCount: 4), "4 heads"),
        (EncoderSizes(width: 12, headCount: 4), "4 heads"),
        (EncoderSizes(levelCount: -1), "levels"), (EncoderSizes(layersPerBlock: 0), "layers per block"),
        (EncoderSizes(innerWidth: -8), "inner width"), (EncoderSizes(kernelSize: 30), "kernel size is 30"),
    ])
    func anEncoderNamesTheSizeThatDoesNotSuit(_ sizes: EncoderSizes, _ part: String) {
        let error = #expect(throws: TensorError.self) { try ZipformerEncoder(.random(seed: 1), sizes) }
        #expect("\(error, default: "")".contains(part))
    }

    @Test(arguments: [
        (DecoderSizes(vocabularySize: 0), "vocabulary"), (DecoderSizes(headCount: -1), "heads"),
        (DecoderSizes(width: 24, headCount: 8), "8 heads"), (DecoderSizes(layerCount: 0), "layers"),
        (DecoderSizes(innerWidth: 0), "inner width"),
    ])
    func aDecoderNamesTheSizeThatDoesNotSuit(_ sizes: DecoderSizes, _ part: String) {
        let error = #expect(throws: TensorError.self) { try TransformerDecoder(.random(seed: 1), sizes) }
        #expect("\(error, default: "")".contains(part))
    }

    @Test func encoderAndDecoderHaveOneWidth() {
        let sizes = VoxFormer.Configuration(decoder: DecoderSizes(width: 256))
        let error = #expect(throws: TensorError.self) { try VoxFormer(.random(seed: 1), sizes) }
        #expect("\(error, default: "")".contains("256"))
    }
}
