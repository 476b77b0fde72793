import Foundation
import TestSupport
import Testing

@testable import TensorCore

/// What a checkpoint is told by, where its model is found, and what is said about it.
@Suite struct CheckpointTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// A tensor of one float in a storage of its own.
    private func tensor(_ key: String) -> [UInt8] {
        Pickle.tensor(Pickle.storage("FloatStorage", key: key, count: 1), offset: 0, shape: [1], strides: [1])
    }

    private func open(_ value: [UInt8]) throws -> Checkpoint {
        let number = ArchiveWriter.le(Float(7).bitPattern)
        let file = ArchiveWriter.torch(Pickle.of(value), ["0": number, "1": number])
        return try Checkpoint(TensorBytes(file), path: "a.pt")
    }

    @Test(arguments: ["model_state_dict", "state_dict", "model"])
    func `the model is found in a dictionary of more`(key: String) throws {
        let inner = Pickle.dictionary([
            (Pickle.text("a.weight"), tensor("0")), (Pickle.text("version"), Pickle.integer(2)),
        ])
        let checkpoint = try open(
            Pickle.dictionary([(Pickle.text("epoch"), Pickle.integer(4)), (Pickle.text(key), inner)])
        )
        #expect(checkpoint.tensors.map(\.name) == ["a.weight"])
        #expect(checkpoint.state["epoch"]?.integer == 4)
        #expect(checkpoint.state[key]?["version"]?.integer == 2, "what is no tensor is kept")
        #expect(checkpoint.state[key]?["a.weight"] == nil)
    }

    @Test func `a dictionary of tensors is a model itself`() throws {
        let checkpoint = try open(Pickle.dictionary([(Pickle.text("a"), tensor("0"))]))
        #expect(checkpoint["a"]?.floats() == [7] && checkpoint.state.entries.isEmpty)
        // A key that only looks like the model's is one tensor of it.
        #expect(
            try open(Pickle.dictionary([(Pickle.text("model"), tensor("0"))])).tensors.map(\.name) == [
                "model"
            ]
        )
    }

    @Test func `the prefix of parallel training is taken off where all names have it`() throws {
        let all = [("module.a", "0"), ("module.module.b", "1")]
        let both = try open(Pickle.dictionary(all.map { (Pickle.text($0.0), tensor($0.1)) }))
        #expect(both.tensors.map(\.name) == ["a", "module.b"])
        let mixed = [("module.a", "0"), ("b", "1")]
        let kept = try open(Pickle.dictionary(mixed.map { (Pickle.text($0.0), tensor($0.1)) }))
        #expect(kept.tensors.map(\.name) == ["module.a", "b"])
    }

    @Test func `files without tensors, and other files, are told what they are not`() throws {
        for value in [[0x4E], Pickle.dictionary([(Pickle.text("a"), Pickle.integer(1))]), tensor("0")]
            as [[UInt8]]
        {
            let error = #expect(throws: CheckpointFileError.self) { try open(value) }
            #expect(error?.description.contains("no dictionary of named tensors") == true)
        }
        for (text, reason) in [
            ("", "the file is empty"),
            ("version https://git-lfs.github.com/spec/v1", "neither safetensors nor"),
            ("<html>", "neither safetensors nor"),
        ] {
            try folder.write(text, to: "a.pt")
            let error = #expect(throws: CheckpointFileError.self) { try Checkpoint(folder.path(of: "a.pt")) }
            #expect(error?.description.contains(reason) == true)
        }
        let missing = #expect(throws: CheckpointFileError.self) { try Checkpoint(folder.path(of: "none.pt")) }
        #expect(missing?.description.contains("No such file") == true)
    }

    @Test func `a published model's folder stands for the file in it`() throws {
        #expect(throws: CheckpointFileError.self) { try Checkpoint(folder.path) }
        try folder.write(
            CheckpointFixtures.bytes("wavlm_tiny_group.pytorch_model.bin"),
            to: "pytorch_model.bin"
        )
        #expect(try Checkpoint(folder.path).format == .pytorchArchive)
        try folder.write(
            CheckpointFixtures.bytes("wavlm_tiny_group.weights.safetensors"),
            to: "model.safetensors"
        )
        #expect(try Checkpoint(folder.path).format == .safetensors)
    }

    @Test func `the report names everything once`() throws {
        let report = try CheckpointReport(
            Checkpoint(CheckpointFixtures.path("checkpoint_tiny.pt")),
            hashing: true
        )
        let lines = report.table.split(separator: "\n")
        #expect(lines.count { $0.contains("frontend.wavlm.encoder.layers.0.attention.k_proj.weight ") } == 1)
        #expect(lines.contains { $0.hasPrefix("best_wer ") && $0.hasSuffix(" 42.5") })
        #expect(lines.contains { $0.contains("168 entries; 504 tensors") })
        let parsed = try JSONDecoder().decode(ParsedReport.self, from: Data(report.json.utf8))
        let expected = try CheckpointFixtures.expected()
        #expect(parsed.tensors.count == expected.model.count && parsed.state.epoch == 3)
        for tensor in parsed.tensors {
            #expect(expected.model[tensor.name]?.sha256_16 == tensor.sha256.map { String($0.prefix(16)) })
        }
        let statistics = parsed.tensors.filter { $0.name.contains("running_") }.flatMap(\.shape).reduce(0, +)
        let all = parsed.tensors.filter { $0.type == "float32" }.reduce(0) { $0 + $1.shape.reduce(1, *) }
        #expect(parsed.parameterCount == all - statistics && statistics > 0)
    }

    private struct ParsedReport: Decodable {
        struct Tensor: Decodable {
            var name: String
            var type: String
            var shape: [Int]
            var sha256: String?
        }
        struct State: Decodable { var epoch: Int }
        var tensors: [Tensor]
        var state: State
        var parameterCount: Int
    }

    @Test func `numbers that JSON lacks are texts in the report`() throws {
        let report = try CheckpointReport(Checkpoint(CheckpointFixtures.path("pt_cuda_location.pt")))
        #expect(report.json.contains(#""best_wer":"Infinity""#))
        _ = try JSONSerialization.jsonObject(with: Data(report.json.utf8))
        let edge = try CheckpointReport(Checkpoint(CheckpointFixtures.path("pt_edge_cases.pt")))
        _ = try JSONSerialization.jsonObject(with: Data(edge.json.utf8))
    }

    @Test func `a conversion keeps what it can and says what it cannot`() throws {
        let source = try Checkpoint(CheckpointFixtures.path("checkpoint_tiny.pt"))
        let path = folder.path(of: "all.safetensors")
        let outcome = try CheckpointConversion().run(source, to: path, synchronizing: false)
        #expect(outcome.tensorCount == source.tensors.count && outcome.overflowCount == 0)
        #expect(outcome.leftOut.contains("optimizer_state_dict") && outcome.leftOut.contains("epoch"))
        #expect(CheckpointDifference(source, try Checkpoint(path)).isEmpty)

        let part = folder.path(of: "part.safetensors")
        let half = CheckpointConversion(floatType: .bfloat16, prefix: "frontend.")
        let halved = try half.run(source, to: part, synchronizing: false)
        let opened = try Checkpoint(part)
        #expect(halved.tensorCount == source.tensors.count { $0.name.hasPrefix("frontend.") })
        #expect(
            opened.tensors.allSatisfy { $0.tensor.elementType == .bfloat16 && $0.name.hasPrefix("frontend.") }
        )
        #expect(throws: CheckpointFileError.self) {
            try CheckpointConversion(prefix: "nothing").run(source, to: part)
        }
    }

    @Test func `numbers beyond the new type are counted`() throws {
        let path = folder.path(of: "a.safetensors")
        let tensor = try StoredTensor(floats: [65_519, 65_520, -1e9, .infinity, .nan], shape: [5])
        try SafetensorsFile.write([.init("a", tensor)], to: path, synchronizing: false)
        let half = folder.path(of: "half.safetensors")
        let outcome = try CheckpointConversion(floatType: .float16).run(
            Checkpoint(path),
            to: half,
            synchronizing: false
        )
        #expect(outcome.overflowCount == 2)
        let found = try #require(try Checkpoint(half)["a"]).floats()
        #expect(found.prefix(4) == [65_504, .infinity, -.infinity, .infinity] && found[4].isNaN)
    }

    @Test func `differences are found and named, each by its kind`() throws {
        func file(_ name: String, _ entries: [SafetensorsFile.Entry]) throws -> Checkpoint {
            try SafetensorsFile.write(entries, to: folder.path(of: name), synchronizing: false)
            return try Checkpoint(folder.path(of: name))
        }
        func floats(_ values: [Float]) throws -> StoredTensor {
            try StoredTensor(floats: values, shape: [values.count])
        }
        func integer(_ value: Int64) throws -> StoredTensor {
            try StoredTensor(bytes: ArchiveWriter.le(value), elementType: .int64, shape: [1])
        }
        let first = try file(
            "a",
            [
                .init("same", floats([0, .nan])), .init("moved", floats([1, 2, 3])),
                .init("gone", floats([1])),
                .init("shape", floats([1])), .init("type", floats([1])), .init("count", integer(1 << 60)),
                .init("c.weight_g", floats([4])), .init("lost", floats([1])),
            ]
        )
        let second = try file(
            "b",
            [
                .init("same", floats([-0.0, .nan])), .init("moved", floats([1, 2.5, 3.25])),
                .init("shape", floats([1, 2])), .init("type", floats([1]), storedType: .float16),
                .init("count", integer((1 << 60) + 1)), .init("new", floats([1])),
                .init("c.parametrizations.weight.original0", floats([4])), .init("lost", floats([.nan])),
            ]
        )
        let all = CheckpointDifference(first, second)
        let kinds = Dictionary(uniqueKeysWithValues: all.findings.map { ($0.name, $0.kind) })
        #expect(
            kinds == [
                "moved": .values(largest: 0.5, count: 2), "gone": .missing, "new": .extra,
                "shape": .shape([1], [2]), "type": .type(.float32, .float16),
                "count": .values(largest: 1, count: 1), "lost": .values(largest: .infinity, count: 1),
            ]
        )
        #expect(all.commonCount == 7 && all.largest == .infinity)
        #expect(all.table.split(separator: "\n").count == 7)
        let near = CheckpointDifference(first, second, tolerance: 0.3)
        #expect(near.findings.first { $0.name == "moved" }?.kind == .values(largest: 0.5, count: 1))
        #expect(!near.findings.contains { $0.name == "type" }, "a type alone is no difference then")
        #expect(near.findings.contains { $0.name == "count" })
        #expect(CheckpointDifference(first, first).isEmpty)
    }
}
