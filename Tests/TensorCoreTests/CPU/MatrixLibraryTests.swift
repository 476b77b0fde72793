import Foundation
import Testing

@testable import TensorCore

/// OpenBLAS does not know every processor, and then falls back to kernels of 2004.
@Suite struct MatrixLibraryTests {
    private static let flags = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""

    @Test(.enabled(if: flags.contains(" avx2 "), "needs a processor with AVX2"))
    func wideVectorsAreUsedWhereTheProcessorHasThem() throws {
        let name = try MatrixLibrary.kernelName().lowercased()
        let wide = ["haswell", "zen", "excavator", "skylakex", "cooperlake", "sapphirerapids"]
        #expect(wide.contains(name), "\(name)")
    }
}
