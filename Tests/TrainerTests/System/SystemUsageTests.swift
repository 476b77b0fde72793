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

    @Test(
        "Busy time is a share of all time, whatever the time of waiting does",
        arguments: [
            // user nice system idle iowait
            ("cpu 100 0 0 100 0", "cpu 130 0 0 170 0", 30.0),
            ("cpu 100 0 0 100 0", "cpu 100 0 0 200 0", 0),
            ("cpu 100 0 0 100 0", "cpu 200 0 0 100 0", 100),
            ("cpu 100 0 0 100 50", "cpu 200 0 0 100 20", 100),
            ("cpu 100 0 0 100 50", "cpu 100 0 0 100 20", nil),
            ("cpu 100 0 0 100 50", "cpu 100 0 0 100 50", nil),
            ("cpu 100 0 0 100 0", "cpu 90 0 0 200 0", nil),
        ]
    )
    func busyPercent(earlier: String, later: String, percent: Double?) throws {
        let found = SystemUsage.busyPercent(
            from: try #require(SystemUsage.ticks(in: earlier)),
            to: try #require(SystemUsage.ticks(in: later))
        )
        #expect(found == percent)
    }

    @Test("This process uses some memory, and the first look says nothing of the processors")
    func live() {
        var usage = SystemUsage(folder: "/")
        let values = Dictionary(usage.sample()) { $1 }
        #expect((values["system/process_memory_mb"] ?? 0) > 1)
        #expect(values["system/cpu_percent"] == nil)
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
