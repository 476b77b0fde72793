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

    /// A bound that were above the truth would refuse models that fit.
    @Test func theLeastCountOfParametersIsNotAboveTheTrueOne() throws {
        for sizes in [
            TinyVoxFormer.configuration(),
            VoxFormer.Configuration(
                wavLM: WavLMTests.tiny(.base),
                encoder: EncoderSizes(width: 64, headCount: 4, levelCount: 3, innerWidth: 96),
                decoder: DecoderSizes(
                    vocabularySize: 100,
                    width: 64,
                    headCount: 4,
                    layerCount: 3,
                    innerWidth: 32
                )
            ),
        ] {
            let model = try VoxFormer(.random(seed: 1), sizes)
            let count = model.parameters.filter { !$0.name.hasPrefix("frontend.wavlm") }
                .reduce(0) { $0 + $1.shape.elementCount }
            #expect(sizes.leastParameterCount <= Double(count))
            #expect(sizes.leastParameterCount > Double(count) / 3)
        }
    }

    @Test func whatNoMemoryHoldsIsRefusedByName() throws {
        var sizes = VoxFormer.Configuration()
        sizes.encoder.width = 1 << 20
        sizes.decoder.width = 1 << 20
        let error = #expect(throws: TrainerError.self) { try sizes.requireRoom(freeByteCount: 64e9) }
        #expect("\(error, default: "")".contains("make d_model"))
        #expect("\(error, default: "")".contains("64.0 GB are free"))
        try sizes.requireRoom(freeByteCount: nil)
        // The published sizes train on 8 GB.
        try VoxFormer.Configuration().requireRoom(freeByteCount: 8e9)
    }
}
