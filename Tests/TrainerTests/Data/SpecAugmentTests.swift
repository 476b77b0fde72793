import TestSupport
import Testing

@testable import Trainer

@Suite struct SpecAugmentTests {
    /// F, T, the numbers of masks and the bound p·τ hold for any sizes.
    ///
    /// Source: Park et al., 2019, section 2.
    @Test func masksStayWithinTheirBounds() {
        var random = SeededRandom.fresh()
        for number in 0..<500 {
            let width = Int.random(in: 0...150, using: &random)
            let share = Double.random(in: 0...1, using: &random)
            let augment = SpecAugment(
                featureMaskCount: Int.random(in: 0...4, using: &random),
                featureMaskWidth: Int.random(in: 0...40, using: &random),
                timeMasks: Bool.random(using: &random)
                    ? .fixed(count: Int.random(in: 0...4, using: &random), width: width, share: share)
                    : .adaptive(width: width)
            )
            let frameCount = Int.random(in: 0...1500, using: &random)
            let featureCount = Int.random(in: 0...80, using: &random)
            let mask = augment.mask(
                frameCount: frameCount,
                featureCount: featureCount,
                seed: 1,
                epoch: 0,
                id: "\(number)"
            )
            #expect(mask.features.count <= augment.featureMaskCount, "\(random)")
            for range in mask.features {
                #expect(range.count <= augment.featureMaskWidth, "\(random)")
                #expect(range.lowerBound >= 0 && range.upperBound <= featureCount, "\(random)")
            }
            let (count, limit) =
                switch augment.timeMasks {
                case .fixed(let count, let width, let share):
                    (count, min(Double(width), share * Double(frameCount)))
                case .adaptive(let width):
                    (min(20, frameCount / 25), min(Double(width), 0.04 * Double(frameCount)))
                }
            #expect(mask.frames.count <= count, "\(random)")
            for range in mask.frames {
                #expect(Double(range.count) <= limit, "\(random)")
                #expect(range.lowerBound >= 0 && range.upperBound <= frameCount, "\(random)")
            }
        }
    }

    /// Widths are drawn from 0 to the bound, each as likely, and every place is reached.
    @Test func widthsAndPlacesAreSpreadEvenly() {
        let augment = SpecAugment(
            featureMaskCount: 1,
            featureMaskWidth: 4,
            timeMasks: .fixed(count: 1, width: 9, share: 1)
        )
        var widths = [Int](repeating: 0, count: 5)
        var masked = [Int](repeating: 0, count: 10)
        for number in 0..<5000 {
            let mask = augment.mask(frameCount: 10, featureCount: 8, seed: 3, epoch: 0, id: "\(number)")
            widths[mask.features.first?.count ?? 0] += 1
            for frame in mask.frames.first ?? 0..<0 { masked[frame] += 1 }
        }
        #expect(widths.allSatisfy { (900...1100).contains($0) })
        #expect(masked.allSatisfy { $0 > 500 })
    }

    @Test func theSameUtteranceOfAnEpochIsMaskedAlike() {
        let augment = SpecAugment()
        func mask(_ seed: UInt64, _ epoch: Int, _ id: String) -> SpecAugment.Mask {
            augment.mask(frameCount: 500, featureCount: 80, seed: seed, epoch: epoch, id: id)
        }
        #expect(mask(1, 2, "a") == mask(1, 2, "a"))
        #expect(mask(1, 2, "a") != mask(2, 2, "a"))
        #expect(mask(1, 2, "a") != mask(1, 3, "a"))
        #expect(mask(1, 2, "a") != mask(1, 2, "b"))
    }

    /// Ranges may overlap, and reach beyond what is there.
    @Test func factorsOfMaskedPlacesAreZeroAndNoOthers() {
        let mask = SpecAugment.Mask(frames: [1..<2, 5..<9], features: [2..<3, 2..<4])
        #expect(mask.frameFactors(count: 6) == [1, 0, 1, 1, 1, 0])
        #expect(mask.featureFactors(count: 5) == [1, 1, 0, 0, 1])
    }

    @Test func theConfigurationDecides() throws {
        #expect(try SpecAugment(TrainingConfigurationTests.stage(1).data) == nil)
        #expect(try SpecAugment(TrainingConfigurationTests.stage(4).data) == SpecAugment())
        let adaptive = try TrainingConfigurationTests.stage(4, overrides: ["data.num_time_masks=null"])
        #expect(SpecAugment(adaptive.data)?.timeMasks == .adaptive(width: 100))
    }
}
