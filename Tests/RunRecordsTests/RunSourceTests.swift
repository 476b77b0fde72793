import TestSupport
import Testing

@testable import RunRecords

/// What counts as a run in a folder of runs: `docs/run-folder.md`.
@Suite struct RunSourceTests {
    @Test func `folders, lone logs and arrays are runs; documents and hidden names are not`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("{\"step\":1}\n", to: "stage1/metrics.jsonl")
        try directory.write("{}", to: "planned/run.json")
        try directory.write("{\"step\":1}\n", to: "foreign/trainer_log.jsonl")
        try directory.write("{\"step\":1}\n", to: "lone.v2.jsonl")
        try directory.write("[{\"step\":1}]", to: "array.json")
        try directory.write("{\"log_history\":\n[]}", to: "document.json")
        try directory.write("x", to: "notes.txt")
        try directory.write("{}", to: ".hidden/metrics.jsonl")
        try directory.write("x", to: "empty/readme.txt")
        let sources = try RunSource.discover(in: directory.path)
        #expect(sources.map(\.id) == ["array", "foreign", "lone.v2", "planned", "stage1"])
        #expect(
            sources.map(\.displayPath) == [
                "array.json", "foreign/trainer_log.jsonl", "lone.v2.jsonl", "planned/run.json",
                "stage1/metrics.jsonl",
            ]
        )
        #expect(sources[3].logPath == nil)
    }

    @Test func `what a backup tells is never taken for the run's own log`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("{\"time\":1,\"event\":\"backup\"}\n", to: "alone/backup.jsonl")
        try directory.write("{\"time\":1,\"event\":\"backup\"}\n", to: "foreign/backup.jsonl")
        try directory.write("{\"step\":1}\n", to: "foreign/my_log.jsonl")
        let sources = try RunSource.discover(in: directory.path)
        #expect(sources.map(\.id) == ["foreign"])
        #expect(sources.first?.logPath == directory.path(of: "foreign/my_log.jsonl"))
        #expect(sources.first?.backupLogPath == directory.path(of: "foreign/backup.jsonl"))
    }

    @Test func `a name that is no id gets one of its own, and keeps its name`() throws {
        let directory = try TemporaryDirectory()
        let hostile = "\"><script>alert(1)<"
        for name in [hostile, "a b", "a  b", "日本語", "..."] {
            try directory.write("{\"step\":1}\n", to: name + "/metrics.jsonl")
        }
        try directory.write("{\"step\":1}\n", to: "twin/metrics.jsonl")
        try directory.write("{\"step\":1}\n", to: "twin.jsonl")
        let sources = try RunSource.discover(in: directory.path)
        #expect(Set(sources.map(\.id)).count == 6)
        for source in sources { #expect((try? RunID(validating: source.id)) != nil, "\(source.id)") }
        #expect(sources.contains { $0.name == hostile })
        #expect(sources.contains { $0.id == "twin" })
    }

    @Test func `a folder that is itself a run is the only one`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("{\"step\":1}\n", to: "my-run/metrics.jsonl")
        let sources = try RunSource.discover(in: directory.path(of: "my-run") + "/")
        #expect(sources.map(\.id) == ["my-run"])
    }

    @Test func `a missing folder is an error with its path`() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: RunRecordsError.self) { try RunSource.discover(in: directory.path(of: "none")) }
    }
}
