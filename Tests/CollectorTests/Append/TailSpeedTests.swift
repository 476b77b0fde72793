import Files
import Foundation
import TestSupport
import Testing

@testable import Collector

/// A log that is written while it is read.
@Suite struct TailSpeedTests {
    private let fixture: TailFixture

    init() throws { fixture = try TailFixture() }

    /// Source: writers append with one write(2) each; readers see a part of it at any byte.
    @Test func `the copy of a log that is written at full speed is a beginning of it at every moment`()
        async throws
    {
        let (runs, mirror) = (try TemporaryDirectory.fast(), try TemporaryDirectory.fast())
        try runs.write("", to: fixture.path.string)
        let transfer = TailTransfer(
            source: LocalTransport(root: runs.path),
            sourceName: "here",
            destination: LocalTransport(root: mirror.path),
            journal: try AppendJournal(root: mirror.path)
        )
        let file = runs.path(of: fixture.path.string)
        let writer = Task {
            let log = try OpenFile(file, flags: O_WRONLY | O_APPEND)
            for step in 0..<6_000 {
                try log.write(
                    Array(
                        "{\"step\":\(step),\"fill\":\"\(String(repeating: "x", count: step % 300))\"}\n".utf8
                    )
                )
                if step % 64 == 0 { await Task.yield() }
            }
        }
        var memory = TailMemory()
        var polls = 0
        var isWritten = false
        while true {
            let outcome = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
            #expect(outcome.reasons.isEmpty)
            polls += 1
            if polls % 32 == 0 || isWritten {
                let copy = try mirror.read(fixture.path.string)
                let isBeginning = try runs.read(fixture.path.string).starts(with: copy)
                try #require(isBeginning)
            }
            if isWritten, !outcome.hasMore { break }
            isWritten = try runs.read(fixture.path.string).suffix(400).contains(subsequence: "\"step\":5999,")
        }
        try await writer.value
        _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        let isEqual = try mirror.read(fixture.path.string) == runs.read(fixture.path.string)
        #expect(isEqual)
    }
}

extension ArraySlice<UInt8> {
    fileprivate func contains(subsequence text: String) -> Bool {
        String(decoding: self, as: UTF8.self).contains(text)
    }
}
