import Testing

@testable import Trainer

@Suite("System usage") struct SystemUsageTests {
    @Test("Busy time leaves out idling and waiting, and counts guests once")
    func ticks() {
        let text = "cpu  100 5 20 800 50 1 2 22 30 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n"
        #expect(SystemUsage.ticks(in: text) == SystemUsage.Ticks(busy: 150, total: 1_000))
    }

    @Test("Anything else is no count", arguments: ["", "cpu", "cpu 1 2", "intr 5 6 7 8 9 10\n"])
    func noTicks(text: String) { #expect(SystemUsage.ticks(in: text) == nil) }

    @Test(
        "Resident pages are the second number",
        arguments: [("100 25 3 4 0 5 0\n", 25), ("100", nil), ("a b", nil)]
    )
    func residentPages(text: String, pages: Int?) { #expect(SystemUsage.residentPages(in: text) == pages) }

    @Test("This process uses some memory and the machine between none and all of its processors")
    func live() {
        var usage = SystemUsage(folder: "/")
        _ = usage.sample()
        var metrics: [(String, Double)] = []
        // The kernel counts in hundredths of a second; a second sample needs one to have passed.
        for _ in 0..<1_000_000 where !metrics.contains(where: { $0.0 == "system/cpu_percent" }) {
            metrics = usage.sample()
        }
        let values = Dictionary(metrics) { $1 }
        #expect((values["system/process_memory_mb"] ?? 0) > 1)
        #expect((0...100).contains(values["system/cpu_percent"] ?? -1))
    }

    @Test("Free room is that of the folder's own file system, whatever the working folder is on")
    func freeRoom() {
        func room(_ folder: String) -> Double? {
            var usage = SystemUsage(folder: folder)
            return usage.sample().first { $0.0 == "system/disk_free_gb" }?.1
        }
        // Nothing can be written to /proc, and it says so.
        #expect(room("/proc") == 0)
        #expect(room("/nowhere/at/all") == nil)
        #expect((room("/tmp") ?? -1) >= 0)
    }
}
