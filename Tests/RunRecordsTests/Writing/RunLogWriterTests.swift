import Foundation
import TestSupport
import Testing

@testable import RunRecords

@Suite("Run log writer") struct RunLogWriterTests {
    @Test("Every line is one JSON object, in the order and shape the format says")
    func shapes() throws {
        let folder = try TemporaryDirectory()
        let log = try RunLogWriter(runs: folder.path(of: "runs"), id: "a-1", now: { 1_765_467_099.21 })
        try log.status(.running)
        try log.metrics(
            [("train/loss", 3.916), ("train/learning_rate", 8.5e-06), ("bad", .nan), ("worse", -.infinity)],
            step: 1200,
            epoch: 0
        )
        try log.epoch(0, step: 3568, averages: [("avg_loss", 3.916)])
        try log.evaluation(
            step: 3568,
            scores: [("wer", 0.25)],
            samples: [.init(reference: "say \"hi\"", hypothesis: "say high")]
        )
        try log.checkpoint(path: "checkpoints/best.safetensors", bytes: 12, kind: .best, step: 3568)
        try log.checkpointRemoved(path: "checkpoints/step_9.safetensors", step: 3569)
        try log.backup(path: "checkpoints/a", destination: "vps:/b", succeeded: false, message: "no route")
        try log.sample([("text", "hello"), ("timings", .object([LogField("speech", 0.5)]))], step: 1)
        try log.alert("Loss is NaN", text: "since step 7", level: .error, step: 7)
        try log.note("lower rate")
        try log.status(.error(message: "out of memory"), step: 9)
        try log.append([("step", 1), ("x", .null), ("flag", true), ("list", .array([1, 0.5]))])
        let expected = """
            {"time":1765467099.21,"event":"status","status":"running"}
            {"time":1765467099.21,"step":1200,"epoch":0,"train/loss":3.916,"train/learning_rate":8.5e-06,"bad":NaN,"worse":-Infinity}
            {"time":1765467099.21,"step":3568,"epoch":0,"event":"epoch","avg_loss":3.916}
            {"time":1765467099.21,"step":3568,"event":"eval","wer":0.25,"samples":[{"reference":"say \\"hi\\"","hypothesis":"say high"}]}
            {"time":1765467099.21,"step":3568,"event":"checkpoint","path":"checkpoints/best.safetensors","bytes":12,"kind":"best"}
            {"time":1765467099.21,"step":3569,"event":"checkpoint","path":"checkpoints/step_9.safetensors","removed":true}
            {"time":1765467099.21,"event":"backup","path":"checkpoints/a","destination":"vps:/b","ok":false,"message":"no route"}
            {"time":1765467099.21,"step":1,"event":"sample","text":"hello","timings":{"speech":0.5}}
            {"time":1765467099.21,"step":7,"event":"alert","level":"error","title":"Loss is NaN","text":"since step 7"}
            {"time":1765467099.21,"event":"note","text":"lower rate"}
            {"time":1765467099.21,"step":9,"event":"status","status":"error","message":"out of memory"}
            {"step":1,"x":null,"flag":true,"list":[1,0.5]}

            """
        #expect(try folder.readText("runs/a-1/metrics.jsonl") == expected)
    }

    @Test("A second writer goes on where the first one ended")
    func reopening() throws {
        let folder = try TemporaryDirectory()
        for step in [1, 2] {
            let log = try RunLogWriter(runs: folder.path, id: "r")
            try log.append([("step", .integer(step))])
        }
        #expect(try folder.readText("r/metrics.jsonl") == "{\"step\":1}\n{\"step\":2}\n")
    }

    @Test("A torn last line is closed before the next one, whoever left it and whenever")
    func tornTail() throws {
        let folder = try TemporaryDirectory()
        try folder.write("{\"step\":1}\n{\"st", to: "r/metrics.jsonl")
        let log = try RunLogWriter(runs: folder.path, id: "r")
        try log.append([("step", 2)])
        try folder.append("{\"torn by ano", to: "r/metrics.jsonl")
        try log.append([("step", 3)])
        try log.append([("step", 4)])
        let expected = "{\"step\":1}\n{\"st\n{\"step\":2}\n{\"torn by ano\n{\"step\":3}\n{\"step\":4}\n"
        #expect(try folder.readText("r/metrics.jsonl") == expected)
    }

    @Test("A full disk is an error that says so, tears one line at most, and the next line heals it")
    func shortWrite() async throws {
        // A file-size limit makes the kernel take a part of a line exactly as a full disk does. It holds for
        // a whole process, so the writing happens in a child.
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryDirectory()
            signal(SIGXFSZ, SIG_IGN)
            let log = try RunLogWriter(runs: folder.path, id: "r", sync: .never)
            try log.append([("step", 1)])
            var limit = rlimit(rlim_cur: 15, rlim_max: rlim_t.max)
            getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let unlimited = limit
            limit.rlim_cur = 15
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            var failure: RunRecordsError?
            do throws(RunRecordsError) { try log.append([("step", 2)]) } catch { failure = error }
            var lifted = unlimited
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &lifted)
            guard let failure, failure.description.contains("only 4 of 11 bytes"),
                failure.description.contains(log.path)
            else { exit(3) }
            guard try folder.readText("r/metrics.jsonl") == "{\"step\":1}\n{\"st" else { exit(4) }
            try log.append([("step", 3)])
            guard try folder.readText("r/metrics.jsonl") == "{\"step\":1}\n{\"st\n{\"step\":3}\n" else {
                exit(5)
            }
            exit(0)
        }
    }

    @Test("Lines of several writers at once never mix")
    func concurrentWriters() async throws {
        let folder = try TemporaryDirectory()
        let logs = try (0..<4).map { _ in try RunLogWriter(runs: folder.path, id: "r", sync: .never) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (writer, log) in logs.enumerated() {
                group.addTask {
                    for line in 0..<500 {
                        let padding = String(repeating: "x", count: (line * 37) % 900)
                        try log.append([
                            ("w", .integer(writer)), ("n", .integer(line)), ("p", .string(padding)),
                        ])
                    }
                }
            }
            try await group.waitForAll()
        }
        var next = [0, 0, 0, 0]
        for line in try folder.readText("r/metrics.jsonl").split(separator: "\n") {
            let value = try JSONParser.parse(Array(line.utf8))
            let writer = Int(try #require(value["w"]?.number))
            #expect(value["n"]?.number == Double(next[writer]))
            next[writer] += 1
        }
        #expect(next == [500, 500, 500, 500])
    }

    @Test("A log deleted under the writer is created again instead of filling a file nobody can see")
    func deletedLog() throws {
        let folder = try TemporaryDirectory()
        let log = try RunLogWriter(runs: folder.path, id: "r")
        try log.append([("step", 1)])
        try folder.remove("r/metrics.jsonl")
        try log.append([("step", 2)])
        #expect(try folder.readText("r/metrics.jsonl") == "{\"step\":2}\n")
    }

    @Test(
        "Names that cannot be a folder and an address are refused",
        arguments: ["", ".", "..", "a/b", "a b", "ä", "a\u{301}", "a\0", String(repeating: "a", count: 129)]
    )
    func invalidNames(id: String) throws {
        let folder = try TemporaryDirectory()
        #expect(throws: RunRecordsError.invalidRunID(id)) { try RunLogWriter(runs: folder.path, id: id) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test(
        "Names that can are taken",
        arguments: ["a", "...", "-", "A.b_c-9", String(repeating: "z", count: 128)]
    )
    func validNames(id: String) throws {
        #expect(try RunID(validating: id).string == id)
    }

    @Test("A file where the folder should be is an error that names it")
    func fileInTheWay() throws {
        let folder = try TemporaryDirectory()
        try folder.write("", to: "runs")
        #expect {
            try RunLogWriter(runs: folder.path(of: "runs"), id: "r")
        } throws: { error in
            "\(error)".contains(folder.path(of: "runs"))
        }
    }

    @Test("A metric cannot take a key of the line itself", arguments: ["time", "step", "epoch", "event"])
    func reservedNames(name: String) throws {
        let folder = try TemporaryDirectory()
        let log = try RunLogWriter(runs: folder.path, id: "r")
        #expect(throws: RunRecordsError.self) { try log.metrics([(name, 1)], step: 1) }
        #expect(try folder.read("r/metrics.jsonl").isEmpty)
    }
}
