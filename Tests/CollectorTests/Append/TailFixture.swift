import Files
import TestSupport

@testable import Collector

/// One log of a host in memory, its copy in memory, and a journal on disk.
struct TailFixture {
    let source: MemoryTransport
    let copies = MemoryTransport(displayName: "copies")
    let root: TemporaryDirectory
    let time = ManualTime()
    let path: RelativePath

    init() throws {
        source = MemoryTransport(displayName: "gpu:/runs")
        root = try TemporaryDirectory.fast()
        path = try RelativePath(validating: "a/m.jsonl")
    }

    func transfer(
        _ journal: AppendJournal,
        from source: MemoryTransport? = nil,
        name: String = "gpu:/runs",
        _ change: (inout AppendOptions) -> Void = { _ in }
    ) -> TailTransfer {
        var options = AppendOptions()
        change(&options)
        return TailTransfer(
            source: source ?? self.source,
            sourceName: name,
            destination: copies,
            journal: journal,
            options: options,
            time: time.time,
            random: { _ in 0 },
            atStep: { _ in }
        )
    }

    func write(_ text: String, at name: String = "a/m.jsonl") throws {
        let path = try RelativePath(validating: name)
        source.change { $0.edit(path) { $0 = Array(text.utf8) } }
    }

    func copy(_ suffix: String = "") throws -> String? {
        copies.bytes(try RelativePath(validating: path.string + suffix)).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    func lines(_ count: Int, _ word: String) -> String {
        (0..<count).map { "{\"\(word)\":\($0)}\n" }.joined()
    }
}
