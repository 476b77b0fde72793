import Foundation
import TestSupport
import Testing

@testable import TensorCore

/// Damaged files are refused with a reason or read as what they say; they never crash and never hang.
///
/// `VOXSITE_MUTATIONS` sets how many damaged files each test tries, for longer searches.
@Suite struct DamagedCheckpointTests {
    private static let mutationCount =
        ProcessInfo.processInfo.environment["VOXSITE_MUTATIONS"].flatMap { Int($0) } ?? 1500

    /// Opens the bytes and reads every element; the error where that is refused.
    @discardableResult
    private func read(_ bytes: [UInt8]) throws -> CheckpointFileError? {
        do throws(CheckpointFileError) {
            let checkpoint = try Checkpoint(TensorBytes(bytes), path: "damaged")
            for entry in checkpoint.tensors { _ = entry.tensor.floats() }
            _ = CheckpointReport.table(of: checkpoint)
            return nil
        } catch {
            // By bytes: a name may begin with a mark that joins the space before it.
            #expect(error.description.utf8.starts(with: "damaged: ".utf8), "\(error)")
            return error
        }
    }

    /// Small files of each format, with views, several types and plain values.
    private static func samples() throws -> [[UInt8]] {
        let storage = (0..<64).map { UInt8($0) }
        func tensor(_ type: String, _ count: Int, view: [UInt8]) -> [UInt8] {
            let storage = Pickle.storage(type, key: "0", count: count, view: view)
            return Pickle.tensor(storage, offset: 1, shape: [2, 3], strides: [1, 2])
        }
        func value(_ view: [UInt8]) -> [UInt8] {
            Pickle.dictionary([
                (
                    Pickle.text("model_state_dict"),
                    Pickle.dictionary([(Pickle.text("w"), tensor("FloatStorage", 16, view: view))])
                ),
                (Pickle.text("epoch"), Pickle.integer(3)),
                (Pickle.integer(70_000), Pickle.list([[0x4E], [0x88]])),
                (Pickle.text("big"), [0x8A, 10] + [UInt8](repeating: 0x7F, count: 10)),
            ])
        }
        let folder = try TemporaryDirectory()
        let path = folder.path(of: "a")
        let floats = try StoredTensor(floats: [1, 2, 3, 4], shape: [2, 2])
        let brain = try StoredTensor(bytes: storage, elementType: .bfloat16, shape: [32])
        try SafetensorsFile.write(
            [.init("a", floats), .init("é\"", brain)],
            metadata: ["format": "pt"],
            to: path,
            synchronizing: false
        )
        return [
            ArchiveWriter.torch(Pickle.of(value([])), ["0": storage]),
            ArchiveWriter.torch(Pickle.of(value([])), ["0": storage], isWide: true),
            Pickle.stream(value([0x4E]), storages: [("0", 16, storage)]), try folder.read("a"),
        ]
    }

    @Test func `cut off at any byte, a file is refused`() throws {
        for sample in try Self.samples() {
            #expect(try read(sample) == nil)
            for length in sample.indices {
                #expect(try read(Array(sample[..<length])) != nil, "cut at \(length)")
            }
        }
    }

    @Test(arguments: [
        "pt_edge_cases.pt", "pt_cuda_location.pt", "pt_malicious.pt", "wavlm_tiny_group.pytorch_model.bin",
        "wavlm_tiny_group.pytorch_model.legacy.bin", "wavlm_tiny_group.weights.safetensors",
    ])
    func `cut off anywhere, a golden file is refused`(name: String) throws {
        let bytes = try CheckpointFixtures.bytes(name)
        for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 300)) {
            #expect(try read(Array(bytes[..<length])) != nil, "cut at \(length)")
        }
    }

    @Test func `any one byte changed to anything is survived`() throws {
        var random = SeededRandom.fresh()
        for sample in try Self.samples() {
            for position in sample.indices {
                for value in [0, 0xFF, sample[position] ^ 0x80, UInt8.random(in: 0...255, using: &random)] {
                    var bytes = sample
                    bytes[position] = value
                    try read(bytes)
                }
            }
        }
    }

    @Test(arguments: [
        "pt_edge_cases.pt", "pt_cuda_location.pt", "pt_malicious.pt",
        "wavlm_tiny_group.pytorch_model.legacy.bin",
    ])
    func `random damage to golden files is survived`(name: String) throws {
        var random = SeededRandom.fresh()
        let original = try CheckpointFixtures.bytes(name)
        // Where the structure is: the pickles at the start, the directory at the end.
        let places =
            Array(0..<min(original.count, 12_000)) + Array(max(0, original.count - 3000)..<original.count)
        let count = name.hasSuffix("legacy.bin") ? Self.mutationCount / 10 : Self.mutationCount / 2
        for _ in 0..<count {
            try read(Self.damaged(original, at: places, &random))
        }
    }

    @Test func `random damage to small files is survived`() throws {
        var random = SeededRandom.fresh()
        for sample in try Self.samples() {
            for _ in 0..<Self.mutationCount {
                try read(Self.damaged(sample, at: Array(sample.indices), &random))
            }
        }
    }

    @Test func `random pickles are survived`() throws {
        var random = SeededRandom.fresh()
        let opcodes = (UInt8(0)...255).filter { PickleOpcode(rawValue: $0) != nil }
        let pieces: [[UInt8]] =
            opcodes.map { [$0] } + [
                Pickle.text("storage"), Pickle.text("0"), Pickle.global("torch", "FloatStorage"),
                Pickle.global("collections", "OrderedDict"),
                Pickle.global("torch._utils", "_rebuild_tensor_v2"),
                Pickle.storage("FloatStorage", key: "0", count: 4), Pickle.integer(1),
                Pickle.tuple([Pickle.integer(2)]),
                [0x7D], [0x5D], [0x28], [0x71, 0], [0x68, 0],
            ]
        for _ in 0..<4 * Self.mutationCount {
            let body = (0..<Int.random(in: 0...40, using: &random)).flatMap { _ in
                pieces.randomElement(using: &random) ?? []
            }
            var unpickler = Unpickler(ByteReader(TensorBytes([0x80, 2] + body + [0x2E]), path: "random"))
            guard let node = try? unpickler.run() else { continue }
            var tree = PickleTree(unpickler.arena, path: "random") { tensor throws(CheckpointFileError) in
                try StoredTensor(
                    tensor,
                    TensorBytes([UInt8](repeating: 1, count: 16)),
                    0..<16,
                    path: "random",
                    name: "0"
                )
            }
            _ = try? tree.value(of: node)
        }
    }

    /// Some bytes changed, removed, doubled, or copied elsewhere.
    private static func damaged(
        _ original: [UInt8],
        at places: [Int],
        _ random: inout SeededRandom
    ) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = min(places.randomElement(using: &random) ?? 0, bytes.count - 1)
            let length = min(Int.random(in: 1...16, using: &random), bytes.count - place)
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 2: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 3 where bytes.count > length: bytes.removeSubrange(place..<place + length)
            case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
            default:
                let source = min(places.randomElement(using: &random) ?? 0, bytes.count - length)
                bytes.replaceSubrange(place..<place + length, with: Array(bytes[source..<source + length]))
            }
        }
        return bytes
    }
}

extension CheckpointReport {
    fileprivate static func table(of checkpoint: Checkpoint) -> String {
        (try? CheckpointReport(checkpoint))?.table ?? ""
    }
}
