import Files
import Glibc
import TestSupport
import Testing

@testable import TensorCore

/// Reading and writing safetensors: https://github.com/huggingface/safetensors, "Format".
@Suite struct SafetensorsTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private static func file(_ header: String, _ data: [UInt8]) -> [UInt8] {
        ArchiveWriter.le(UInt64(header.utf8.count)) + Array(header.utf8) + data
    }

    private static func reason(_ bytes: [UInt8]) -> String? {
        do throws(CheckpointFileError) {
            _ = try SafetensorsFile(TensorBytes(bytes), path: "a.safetensors")
            return nil
        } catch {
            return error.description
        }
    }

    private static let one = #""a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}"#

    @Test(arguments: [
        (#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,3]}}"#, "does not take 3 bytes"),
        (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, "leave a hole"),
        (#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}"#, "are no range"),
        (#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0]}}"#, "are no range"),
        (#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2,4]}}"#, "more than 2 numbers"),
        (#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#, "beyond the file's end"),
        (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, "belong to no tensor"),
        (#"{"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}"#, "F8_E4M3"),
        (#"{"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}}"#, "whole numbers"),
        (#"{"a":{"dtype":"U8","shape":[2.0],"data_offsets":[0,2]}}"#, "a comma or ]"),
        (#"{"a":{"dtype":"U8","shape":[02],"data_offsets":[0,2]}}"#, "whole numbers"),
        (#"{"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,2]}}"#, "too large"),
        (
            #"{"a":{"dtype":"U8","shape":[4611686018427387904,4],"data_offsets":[0,2]}}"#,
            "does not take 2 bytes"
        ),
        (
            #"{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,2]}}"#,
            "does not take 2 bytes"
        ),
        (#"{"a":{"dtype":"U8","shape":[2]}}"#, "is missing"),
        (#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"x":[1]}}"#, "unknown key x"),
        (#"{"a":{"dtype":"U8","dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, "dtype twice"),
        ("{\(one),\(one)}", "a twice"),
        ("{\(one),}", "should be a string"),
        ("{\(one)} x", "after the end"),
        ("{\(one)", "a comma or }"),
        (#"{"__metadata__":{"a":1}}"#, "should be a string"),
        (#"{"__metadata__":{"a":"1","a":"2"}}"#, "a twice"),
        (#"{"\ud800":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, "surrogate"),
        (#"{"\x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, "escape"),
        ("[]", "should begin with {"),
        ("", "should begin with {"),
        (
            #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#,
            "overlap"
        ),
    ])
    func `a header that says what cannot be is refused, with the place`(header: String, reason: String) {
        let text = Self.reason(Self.file(header, [1, 2]))
        #expect(text?.contains(reason) == true, "\(text ?? "accepted")")
        #expect(text?.hasPrefix("a.safetensors: ") == true)
    }

    @Test func `lengths beyond the file or beyond reason are refused`() {
        #expect(Self.reason([])?.contains("in the middle of the header's length") == true)
        #expect(
            Self.reason(ArchiveWriter.le(UInt64(5)) + Array("{}".utf8))?.contains("in the middle") == true
        )
        #expect(Self.reason(ArchiveWriter.le(UInt64.max))?.contains("more than any needs") == true)
        #expect(Self.reason(ArchiveWriter.le(UInt64(100_000_001)))?.contains("more than any needs") == true)
        #expect(Self.reason(Self.file("{}", [])) == nil)
        #expect(Self.reason(Self.file("{\(Self.one)}   ", [1, 2])) == nil, "padded with spaces")
    }

    @Test func `names and texts of any kind come back, and tensors at odd places`() throws {
        let header =
            #"{"__metadata__":{"k\n\"\\\u00e9\ud83d\ude00":"v\/\t"},"x":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]},"#
            + #""é":{"data_offsets":[1,5],"shape":[],"dtype":"F32"},"empty":{"dtype":"I64","shape":[0,7],"data_offsets":[5,5]}}"#
        let bytes = Self.file(header, [7] + ArchiveWriter.le(Float(2.5).bitPattern))
        let file = try SafetensorsFile(TensorBytes(bytes), path: "a")
        #expect(file.metadata == ["k\n\"\\é😀": "v/\t"])
        #expect(file.tensors.map(\.name) == ["x", "é", "empty"])
        #expect(file["é"]?.floats() == [2.5] && file["é"]?.shape == [])
        #expect(file["x"]?.floats() == [1])
        #expect(file["empty"]?.shape == [0, 7])
        #expect(file["y"] == nil)
    }

    /// Tensors of random types, shapes, strides and hostile names.
    private static func entries(_ random: inout SeededRandom) throws -> [SafetensorsFile.Entry] {
        var names: Set<String> = ["__metadata__"]
        return try (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in
            let name = random.text(0...4, of: ["a", ".weight", "\"", "\\", "\u{1}", "é", "😀", "{", "0"])
            guard names.insert(name).inserted else { return nil }
            let type = ElementType.allCases.randomElement(using: &random) ?? .float32
            let shape = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                Int.random(in: 0...4, using: &random)
            }
            let strides = shape.map { _ in Int.random(in: 0...3, using: &random) }
            let reach = zip(shape, strides).reduce(1) { $0 + max(0, $1.0 - 1) * $1.1 }
            let owner = TensorBytes(random.bytes(reach * type.byteCount))
            return SafetensorsFile.Entry(
                name,
                try StoredTensor(owner, elementType: type, shape: shape, strides: strides)
            )
        }
    }

    @Test func `what is written comes back, aligned, and the same bytes come of the same tensors`() throws {
        var random = SeededRandom.fresh()
        let path = folder.path(of: "a.safetensors")
        for _ in 0..<200 {
            let entries = try Self.entries(&random)
            let metadata = [
                "format": "pt",
                random.text(0...3, of: ["k", "\"", "é"]): random.text(0...3, of: ["v", "\n"]),
            ]
            try SafetensorsFile.write(entries, metadata: metadata, to: path, synchronizing: false)
            let first = try folder.read("a.safetensors")
            let file = try SafetensorsFile(path)
            #expect(file.metadata == metadata, "\(random)")
            #expect(file.tensors.count == entries.count, "\(random)")
            for entry in entries {
                let found = try #require(file[entry.name], "\(entry.name), \(random)")
                #expect(
                    found.elementType == entry.tensor.elementType && found.shape == entry.tensor.shape,
                    "\(random)"
                )
                #expect(found.sha256 == entry.tensor.sha256, "\(entry.name), \(random)")
                let start = try #require(found.contiguousBytes).range.lowerBound
                #expect(start.isMultiple(of: found.elementType.byteCount), "\(entry.name), \(random)")
            }
            try SafetensorsFile.write(entries, metadata: metadata, to: path, synchronizing: false)
            #expect(try folder.read("a.safetensors") == first, "\(random)")
        }
    }

    @Test func `floating-point tensors are converted while they are written, others are not`() throws {
        let path = folder.path(of: "a.safetensors")
        let floats = try StoredTensor(floats: [1, -2.5, 1e-8, 65_519], shape: [4])
        for type in [ElementType.float64, .float16, .bfloat16] {
            try SafetensorsFile.write([.init("a", floats, storedType: type)], to: path, synchronizing: false)
            let found = try #require(try SafetensorsFile(path)["a"])
            #expect(found.elementType == type)
            let bytes = FloatCoding.encode([1, -2.5, Double(Float(1e-8)), 65_519], as: type)
            #expect(found.withContiguousBytes { Array($0) } == bytes)
        }
        let integers = try StoredTensor(bytes: [1, 0], elementType: .int16, shape: [1])
        for (tensor, type) in [(integers, ElementType.float32), (floats, .int64)] {
            let error = #expect(throws: CheckpointFileError.self) {
                try SafetensorsFile.write([.init("a", tensor, storedType: type)], to: path)
            }
            #expect(error?.description.contains("does not become") == true)
        }
    }

    @Test func `a failed write leaves the old file as it was`() throws {
        let path = folder.path(of: "a.safetensors")
        let tensor = try StoredTensor(floats: [1], shape: [1])
        try SafetensorsFile.write([.init("a", tensor)], to: path)
        let old = try folder.read("a.safetensors")
        for entries in [
            [SafetensorsFile.Entry("a", tensor), .init("a", tensor)], [.init("__metadata__", tensor)],
        ] {
            #expect(throws: CheckpointFileError.self) { try SafetensorsFile.write(entries, to: path) }
        }
        #expect(try folder.read("a.safetensors") == old)
        #expect(try DirectoryTree.walk(folder.path).map(\.path.string) == ["a.safetensors"])
        let missing = folder.path(of: "no/a.safetensors")
        let error = #expect(throws: CheckpointFileError.self) {
            try SafetensorsFile.write([.init("a", tensor)], to: missing)
        }
        #expect(error == .system(.system(operation: "write", path: missing, code: ENOENT)))
    }

    @Test func `a file may replace the one its tensors are read from`() throws {
        let path = folder.path(of: "a.safetensors")
        try SafetensorsFile.write([.init("a", StoredTensor(floats: [1, 2], shape: [2]))], to: path)
        let old = try #require(try SafetensorsFile(path)["a"])
        try SafetensorsFile.write([.init("b", old)], to: path)
        #expect(try SafetensorsFile(path)["b"]?.floats() == [1, 2])
        #expect(old.floats() == [1, 2])
    }
}
