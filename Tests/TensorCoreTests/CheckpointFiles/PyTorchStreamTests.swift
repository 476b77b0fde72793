import Testing

@testable import TensorCore

/// The stream of pickles of before PyTorch 1.6.
@Suite struct PyTorchStreamTests {
    private let floats: [UInt8] = (0..<4).flatMap { ArchiveWriter.le(Float($0).bitPattern) }

    private func entry(_ name: String, key: String, count: Int, view: [UInt8] = [0x4E]) -> ([UInt8], [UInt8])
    {
        let storage = Pickle.storage("FloatStorage", key: key, count: count, view: view)
        return (Pickle.text(name), Pickle.tensor(storage, offset: 0, shape: [count], strides: [1]))
    }

    private func reason(_ file: [UInt8]) -> String {
        do throws(CheckpointFileError) {
            _ = try PyTorchFile(TensorBytes(file), path: "a.bin")
            return ""
        } catch {
            return error.description
        }
    }

    @Test func `storages follow the pickles, in the order of their keys`() throws {
        let value = Pickle.dictionary([entry("a", key: "94", count: 4), entry("b", key: "17", count: 1)])
        let file = Pickle.stream(value, storages: [("17", 1, Array(floats[4..<8])), ("94", 4, floats)])
        let checkpoint = try Checkpoint(TensorBytes(file), path: "a.bin")
        #expect(checkpoint.format == .pytorchStream)
        #expect(checkpoint["a"]?.floats() == [0, 1, 2, 3])
        #expect(checkpoint["b"]?.floats() == [1])
        #expect(try !checkpoint.verifyChecksums(), "it has none")
    }

    @Test func `keys, sizes and bytes must agree`() {
        let value = Pickle.dictionary([entry("a", key: "k", count: 4)])
        #expect(reason(Pickle.stream(value, storages: [("k", 4, floats)])).isEmpty)
        #expect(reason(Pickle.stream(value, storages: [])).contains("not in the file"))
        #expect(reason(Pickle.stream(value, storages: [("x", 4, floats)])).contains("unknown or there twice"))
        #expect(reason(Pickle.stream(value, storages: [("k", 3, floats)])).contains("another size"))
        #expect(
            reason(Pickle.stream(value, storages: [("k", 4, Array(floats.dropLast()))])).contains(
                "in the middle"
            )
        )
        #expect(
            reason(Pickle.stream(value, storages: [("k", 4, floats + [0])])).contains(
                "after the last storage"
            )
        )
        #expect(
            reason(Pickle.stream(value, storages: [("k", 4, floats), ("k", 4, floats)])).contains(
                "there twice"
            )
        )
        let twoSizes = Pickle.dictionary([entry("a", key: "k", count: 4), entry("b", key: "k", count: 2)])
        #expect(reason(Pickle.stream(twoSizes, storages: [("k", 4, floats)])).contains("two types or sizes"))
        let view = Pickle.dictionary([entry("a", key: "k", count: 4, view: Pickle.tuple([]))])
        #expect(reason(Pickle.stream(view, storages: [("k", 4, floats)])).contains("a view of a storage"))
    }
}
