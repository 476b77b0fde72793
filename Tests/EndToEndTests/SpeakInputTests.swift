import Foundation
import TestSupport
import Testing

/// `voxsite speak -`, which waits for standard input.
@Suite(.timeLimit(.minutes(2))) struct SpeakInputTests {
    @Test(arguments: [SIGINT, SIGTERM])
    func `Ctrl-C ends the wait for standard input`(_ signal: Int32) async throws {
        let folder = try TemporaryDirectory()
        let process = try ChildProcess(
            try #require(Products.executable("voxsite")),
            ["speak", "-", "-o", "a.mp4"],
            directory: folder.path,
            keepsInputOpen: true
        )
        try await waitUntil { Self.waitsForInput(process.identifier) }
        process.signal(signal)
        #expect(try await process.waitForExit(seconds: 20) == 130)
        #expect(process.outputLines.isEmpty && process.errorLines.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func `what cannot be written is said before the wait`() async throws {
        let folder = try TemporaryDirectory()
        let process = try ChildProcess(
            try #require(Products.executable("voxsite")),
            ["speak", "-", "-o", "nowhere/a.mp4"],
            directory: folder.path,
            keepsInputOpen: true
        )
        #expect(try await process.waitForExit(seconds: 20) == 1)
        #expect(process.errorLines.contains { $0.contains("there is no folder nowhere") })
    }

    /// Whether a thread of the process waits in `read(2)` of standard input, as the kernel tells.
    private static func waitsForInput(_ identifier: Int32) -> Bool {
        let threads = "/proc/\(identifier)/task"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: threads)) ?? []
        return names.contains { name in
            let call = (try? String(contentsOfFile: "\(threads)/\(name)/syscall", encoding: .utf8)) ?? ""
            return call.hasPrefix("\(readNumber) 0x0 ")
        }
    }

    /// The number of `read(2)`, which every architecture has its own of.
    private static var readNumber: Int {
        #if arch(arm64)
        63
        #else
        0
        #endif
    }
}
