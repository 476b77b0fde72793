import Testing

@testable import Trainer

@Suite struct FreeMemoryTests {
    /// proc(5): the kernel counts in KiB, whatever its "kB" says.
    @Test func availableMemoryAndFreeSwapCount() {
        let text = "MemTotal:       16000000 kB\nMemFree: 1 kB\nMemAvailable:    2000 kB\nSwapFree:  48 kB\n"
        #expect(FreeMemory.byteCount(in: text) == 2_097_152.0)
        #expect(FreeMemory.byteCount(in: "MemAvailable: 1 kB\n") == 1_024.0)
        #expect(FreeMemory.byteCount(in: "MemTotal: 1 kB\n") == nil)
        #expect(FreeMemory.byteCount(in: "MemAvailable: many kB\n") == nil)
    }

    @Test func thisMachineHasSome() throws {
        #expect(try #require(FreeMemory.byteCount()) > 1e6)
    }
}
