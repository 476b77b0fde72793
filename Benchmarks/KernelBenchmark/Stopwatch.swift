import Glibc
import TensorCore

/// Times kernels beside a matrix product and a copy that were timed just before: what this machine can do right now.
struct Stopwatch {
    /// What is counted.
    enum Work {
        /// Multiplications and additions.
        case operations(Double)
        /// Bytes read and written once.
        case bytes(Double)
    }

    private let product: (Tensor, Tensor)
    private let large: Tensor

    /// - Throws: ``TensorError`` where memory is short.
    init() throws {
        product = (try Self.numbers([2048, 1536]), try Self.numbers([512, 1536]))
        large = try Self.numbers([16 << 20])
    }

    /// Runs a kernel nine times and prints a line: `NAME MILLISECONDS RATE UNIT SHARE`, tab-separated, where the share is
    /// that of the matrix product's or the copy's rate.
    ///
    /// - Parameters:
    ///   - name: what is printed.
    ///   - work: how much one run does.
    ///   - body: one run.
    /// - Throws: what the body throws.
    func time(_ name: String, _ work: Work, _ body: () throws -> Void) throws {
        try body()
        let reference: Double
        let amount: Double
        let unit: String
        switch work {
        case .operations(let count):
            let flops = 2.0 * 2048 * 512 * 1536
            reference = flops / (try Self.median(9) { _ = try product.0.linear(product.1) })
            (amount, unit) = (count, "GFLOP/s")
        case .bytes(let count):
            reference =
                8.0 * Double(large.elementCount) / (try Self.median(5) { _ = try large.scaled(by: 2) })
            (amount, unit) = (count, "GB/s")
        }
        let seconds = try Self.median(9, body)
        let rate = amount / seconds
        print(
            [name, text(seconds * 1e3), text(rate / 1e9), unit, text(rate / reference)].joined(
                separator: "\t"
            )
        )
    }

    private func text(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }

    private static func median(_ count: Int, _ body: () throws -> Void) throws -> Double {
        let clock = ContinuousClock()
        let durations = try (0..<count).map { _ in try clock.measure(body) }.sorted()
        return durations[count / 2] / .seconds(1)
    }

    /// Numbers between -scale and scale that are the same everywhere.
    static func numbers(_ shape: Shape, scale: Float = 1) throws -> Tensor {
        var state: UInt32 = 12345
        let values = (0..<shape.elementCount).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return scale * (Float(state >> 8) / 8_388_608 - 1)
        }
        return try Tensor(values, shape)
    }
}
