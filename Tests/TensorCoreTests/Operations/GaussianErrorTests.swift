import Glibc
import Testing

@testable import TensorCore

@Suite struct GaussianErrorTests {
    /// The exact form, not the one with tanh, whose error is 5e-4: Hendrycks and Gimpel 2016.
    @Test func geluIsExact() throws {
        let values = (-8000...8000).map { Float($0) / 1000 } + [1e-30, -1e-30, 40, -40]
        let result = try Tensor(values, [values.count]).gelu().floats()
        for (x, y) in zip(values, result) {
            let expected = Double(x) * 0.5 * erfc(-Double(x) / 2.0.squareRoot())
            #expect(abs(Double(y) - expected) <= 5e-7 * max(1e-30, abs(Double(x))), "gelu(\(x)) = \(y)")
        }
    }

    @Test func geluPassesOnWhatIsNoNumber() throws {
        let result = try Tensor([.nan, .infinity], [2]).gelu().floats()
        #expect(result[0].isNaN && result[1] == .infinity)
    }
}
