import Foundation
import TestSupport
import Testing

@testable import Audio

/// The fast transform is the defining sum.
@Suite struct RealTransformTests {
    private static let sizes = [2, 4, 6, 10, 16, 34, 50, 64, 122, 400, 512, 800]

    @Test(arguments: sizes)
    func theSpectrumIsTheDefiningSum(size: Int) {
        var random = SeededRandom.fresh()
        let samples = (0..<size).map { _ in Float.random(in: -1...1, using: &random) }
        var transform = RealTransform(size: size)
        let spectrum = transform.forward(samples)
        #expect(spectrum.count == 2 * (size / 2 + 1))
        for bin in 0...size / 2 {
            var (real, imaginary) = (0.0, 0.0)
            for (index, sample) in samples.enumerated() {
                // Reduced first, so that the angle is exact.
                let angle = 2 * .pi * Double(index * bin % size) / Double(size)
                real += Double(sample) * cos(angle)
                imaginary -= Double(sample) * sin(angle)
            }
            #expect(abs(Double(spectrum[2 * bin]) - real) < 1e-4, "bin \(bin), \(random)")
            #expect(abs(Double(spectrum[2 * bin + 1]) - imaginary) < 1e-4, "bin \(bin), \(random)")
        }
    }

    @Test(arguments: sizes)
    func thereAndBackIsTheSignal(size: Int) {
        var random = SeededRandom.fresh()
        let samples = (0..<size).map { _ in Float.random(in: -1...1, using: &random) }
        var transform = RealTransform(size: size)
        let back = transform.inverse(transform.forward(samples))
        #expect(largestDifference(back, samples) < 1e-5, "\(random)")
    }
}
