import TestSupport
import Testing

@testable import TensorCore

/// A pickle is a table of values: what it may hold, what is refused, and what it may cost.
@Suite struct UnpicklerTests {
    /// The value of a pickle, read as an archive's.
    private func value(
        _ pickle: [UInt8],
        _ storages: [String: [UInt8]] = [:]
    ) throws(CheckpointFileError) -> PickleValue {
        try PyTorchFile(TensorBytes(ArchiveWriter.torch(pickle, storages)), path: "a.pt").root
    }

    private func refusal(_ pickle: [UInt8]) -> String? {
        do throws(CheckpointFileError) {
            _ = try value(pickle)
            return nil
        } catch {
            guard case .refused(_, _, let what) = error else { return "\(error)" }
            return what
        }
    }

    private func reason(_ pickle: [UInt8], _ storages: [String: [UInt8]] = [:]) -> String? {
        do throws(CheckpointFileError) {
            _ = try value(pickle, storages)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("__builtin__", "eval"),
        ("builtins", "getattr"), ("torch", "load"), ("torch.hub", "load"),
        ("torch", "FloatStorage.from_file"),
        ("torch._utils", "_rebuild_tensor_v2.__globals__"), ("numpy.core.multiarray", "_reconstruct"),
        ("collections", "OrderedDict.__class__"), ("torch.storage", "_load_from_bytes"), ("", ""),
        ("torch", ""),
        ("subprocess", "Popen"), ("torch.jit", "load"),
    ])
    func `any other name is refused, before it is used`(module: String, name: String) {
        #expect(refusal(Pickle.of(Pickle.global(module, name))) == "\(module).\(name)")
        // STACK_GLOBAL of protocol 4 leads to the same list.
        let stacked = Pickle.of(Pickle.text(module), Pickle.text(name), [0x93], version: 4)
        #expect(refusal(stacked) == "\(module).\(name)")
    }

    @Test func `every instruction is known by name, and only those of tensors are carried out`() {
        let executed: Set<UInt8> = Set((0...255).filter { PickleOpcode(rawValue: $0) != nil })
        let refused = Set((UInt8(0)...255).filter { PickleOpcode.refusedName($0) != nil })
        #expect(executed.isDisjoint(with: refused))
        // CPython 3.12 has 68 instructions.
        #expect(executed.count + refused.count == 68)
        for byte in refused {
            let name = PickleOpcode.refusedName(byte) ?? ""
            #expect(refusal(Pickle.of([byte])) == "the pickle instruction \(name)")
        }
        for byte in UInt8(0)...255 where !executed.contains(byte) && !refused.contains(byte) {
            #expect(reason(Pickle.of([byte]))?.contains("is no pickle instruction") == true)
        }
    }

    @Test func `calling what is no rule, or changing what is no dictionary, is refused`() {
        #expect(refusal(Pickle.of(Pickle.text("f"), [0x29, 0x52])) == "a call of something without a name")
        #expect(
            refusal(Pickle.of(Pickle.global("torch", "FloatStorage"), [0x29, 0x52])) == "a call of a type"
        )
        let onGlobal = Pickle.of(Pickle.global("torch", "Size"), [0x7D, 0x62])
        #expect(refusal(onGlobal)?.hasPrefix("setting attributes") == true)
        #expect(refusal(Pickle.of([0x5D, 0x7D, 0x62]))?.hasPrefix("setting attributes") == true)
        let encode = Pickle.global("_codecs", "encode")
        let other = Pickle.of(encode, Pickle.tuple([Pickle.text("x"), Pickle.text("rot13")]), [0x52])
        #expect(refusal(other)?.contains("latin1") == true)
    }

    @Test func `integers of any length are right at the edges`() throws {
        let cases: [([UInt8], String)] = [
            ([0x8A, 0], "0"), ([0x8A, 1, 0xFF], "-1"), ([0x8A, 1, 0x80], "-128"),
            ([0x8A, 2, 0xFF, 0], "255"),
            ([0x8A, 8] + ArchiveWriter.le(Int64.min), "\(Int64.min)"),
            ([0x8A, 9] + ArchiveWriter.le(UInt64.max) + [0], "18446744073709551615"),
            ([0x8A, 9] + ArchiveWriter.le(UInt64(1) << 63) + [0], "9223372036854775808"),
            ([0x8A, 9] + ArchiveWriter.le(Int64.max) + [0], "\(Int64.max)"),
            ([0x8A, 9] + ArchiveWriter.le(Int64.max) + [0xFF], "-9223372036854775809"),
            ([0x8B] + ArchiveWriter.le(Int32(1)) + [7], "7"), ([0x4D, 0xFF, 0xFF], "65535"),
            ([0x4A, 0xFF, 0xFF, 0xFF, 0xFF], "-1"),
            ([0x8A, 14] + [0] + [UInt8](repeating: 0, count: 12) + [1], "20282409603651670423947251286016"),
        ]
        for (bytes, digits) in cases {
            switch try value(Pickle.of(bytes)) {
            case .integer(let number): #expect("\(number)" == digits)
            case .bigInteger(let text): #expect(text == digits)
            case let other: Issue.record("\(digits) is \(other)")
            }
        }
        #expect(reason(Pickle.of([0x8B, 0xFF, 0xFF, 0xFF, 0x7F])) != nil)
        #expect(reason(Pickle.of([0x8B, 0xFF, 0xFF, 0xFF, 0xFF])) != nil)
    }

    @Test func `harmless values around tensors are read`() throws {
        let size = Pickle.global("torch", "Size") + Pickle.tuple([Pickle.tuple([Pickle.integer(2)])]) + [0x52]
        #expect(try value(Pickle.of(size))[0]?.integer == 2)
        let device =
            Pickle.global("torch", "device") + Pickle.tuple([Pickle.text("cuda"), Pickle.integer(1)]) + [0x52]
        guard case .device("cuda:1") = try value(Pickle.of(device)) else {
            Issue.record("no device")
            return
        }
        guard case .elementType(.bfloat16) = try value(Pickle.of(Pickle.global("torch", "bfloat16"))) else {
            Issue.record("no type")
            return
        }
        let encode =
            Pickle.global("_codecs", "encode") + Pickle.tuple([Pickle.text("ÿa"), Pickle.text("latin1")]) + [
                0x52
            ]
        guard case .bytes([0xFF, 0x61]) = try value(Pickle.of(encode)) else {
            Issue.record("no bytes")
            return
        }
        let pairs = Pickle.list([Pickle.tuple([Pickle.text("k"), Pickle.integer(300)])])
        let ordered = Pickle.global("collections", "OrderedDict") + Pickle.tuple([pairs]) + [0x52]
        #expect(try value(Pickle.of(ordered))["k"]?.integer == 300)
        // Protocol 4: frames and MEMOIZE.
        let framed = Pickle.of(
            [0x95] + ArchiveWriter.le(UInt64(7)),
            [0x8C, 1, 0x78],
            [0x94],
            [0x68, 0],
            [0x86],
            version: 4
        )
        #expect(try value(framed)[1]?.string == "x")
    }

    @Test func `of equal keys the last value counts, at the place of the first`() throws {
        let pickle = Pickle.of(
            Pickle.dictionary([
                (Pickle.text("a"), Pickle.integer(1)), (Pickle.text("b"), Pickle.integer(2)),
                (Pickle.text("a"), Pickle.integer(3)),
            ])
        )
        let entries = try #require(try value(pickle).dictionary?.entries)
        #expect(entries.map(\.key.description) == ["a", "b"])
        #expect(entries.map(\.value.integer) == [3, 2])
        #expect(reason(Pickle.of([0x7D], [0x5D], [0x4E], [0x73]))?.contains("key of a dictionary") == true)
    }

    @Test func `a storage takes part only as far as it goes`() throws {
        let storage = Pickle.storage("FloatStorage", key: "0", count: 6)
        let bytes: [UInt8] = (0..<6).flatMap { ArchiveWriter.le(Float($0).bitPattern) }
        func tensor(_ offset: Int, _ shape: [Int], _ strides: [Int]) -> [UInt8] {
            Pickle.of(Pickle.tensor(storage, offset: offset, shape: shape, strides: strides))
        }
        let view = try #require(try value(tensor(1, [2, 2], [1, 2]), ["0": bytes]).tensor)
        #expect(view.floats() == [1, 3, 2, 4])
        let bad: [(Int, [Int], [Int])] = [
            (6, [1], [1]), (0, [7], [1]), (1, [6], [1]), (-1, [1], [1]), (0, [2], [-1]), (0, [-1], [1]),
            (0, [2], [.max]), (0, [.max, .max], [1, 1]), (0, [2, 2], [1]), (.max, [1], [1]),
            (0, [1 << 40], [0]),
            (0, [1 << 62, 2], [0, 0]), (0, [3], [.max / 2]),
        ]
        for (offset, shape, strides) in bad {
            let text = reason(tensor(offset, shape, strides), ["0": bytes])
            #expect(
                text?.contains("does not fit its storage") == true,
                "\(offset) \(shape) \(strides): \(text ?? "")"
            )
        }
        #expect(reason(tensor(0, [6], [1]), [:])?.contains("not in the archive") == true)
        #expect(reason(tensor(0, [6], [1]), ["0": [1, 2, 3]])?.contains("3 bytes are there for 6") == true)
        let huge = Pickle.storage("DoubleStorage", key: "0", count: .max)
        let overflowing = Pickle.of(Pickle.tensor(huge, offset: 0, shape: [1], strides: [1]))
        #expect(reason(overflowing, ["0": bytes]) != nil)
        #expect(try value(tensor(99, [0, 5], [0, 1]), ["0": bytes]).tensor?.floats() == [])
    }

    @Test func `containers that hold themselves, or each other without end, are refused`() {
        // l = []; l.append(l)
        let cyclic = Pickle.of([0x5D, 0x71, 0], [0x68, 0], [0x61])
        #expect(reason(cyclic)?.contains("contains itself") == true)
        let deep = Pickle.of([UInt8](repeating: 0x5D, count: 2000), [UInt8](repeating: 0x61, count: 1999))
        #expect(reason(deep)?.contains("nested more than 100 deep") == true)
        // Sixty lists, each of the last one twice: 2^60 values for who walks them.
        var doubling: [UInt8] = [0x5D, 0x71, 0]
        for index in UInt8(0)..<60 { doubling += [0x68, index, 0x68, index, 0x86, 0x71, index + 1] }
        let tail: [UInt8] = [0x28, 0x68, 60, 0x74]
        let shared = Pickle.of(Pickle.list([doubling, tail]))
        #expect(reason(shared)?.contains("shared many times over") == true)
    }

    @Test func `a deep value behind a shared one counts with its depth`() {
        var pickle: [UInt8] = [UInt8](repeating: 0x5D, count: 60) + [UInt8](repeating: 0x61, count: 59)
        pickle += [0x71, 0, 0x68, 0]  // remembered, and again
        pickle += [0x86]
        for _ in 0..<60 { pickle += [0x85] }
        #expect(reason(Pickle.of(pickle))?.contains("nested more than 100 deep") == true)
    }

    @Test func `copying what is remembered again and again ends at the limit of values`() {
        // A list of 1000 pairs, made into a dictionary 20,000 times by 7 bytes each.
        let pairs = Pickle.list((0..<1000).map { Pickle.tuple([Pickle.integer($0), [0x4E]]) }) + [0x71, 1]
        let type = Pickle.global("collections", "OrderedDict") + [0x71, 2]
        let copies = [UInt8]([[UInt8]](repeating: [0x68, 2, 0x68, 1, 0x85, 0x52], count: 20_000).joined())
        let pickle = Pickle.of([0x28], pairs, type, copies, [0x74])
        #expect(reason(pickle)?.contains("holds more than") == true)
    }

    @Test func `instructions without the values they want are damage, not a trap`() {
        for byte in UInt8(0)...255 where PickleOpcode(rawValue: byte) != nil {
            for before in [[], [0x4E], [0x28], [0x4E, 0x28], [0x4E, 0x4E], [0x5D], [0x7D, 0x28, 0x4E]]
                as [[UInt8]]
            {
                for after in [[], [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]] as [[UInt8]]
                {
                    _ = reason([0x80, 2] + before + [byte] + after + [0x2E])
                    _ = reason([0x80, 2] + before + [byte] + after)
                }
            }
        }
        #expect(reason([0x80, 2])?.contains("ends in the middle") == true)
        #expect(reason([0x80, 2, 0x2E])?.contains("left over") == true)
        #expect(reason([0x80, 2, 0x4E, 0x4E, 0x2E])?.contains("left over") == true)
        #expect(reason([0x80, 2, 0x68, 9, 0x2E])?.contains("never remembered") == true)
        #expect(reason([0x80, 1, 0x4E, 0x2E])?.contains("protocol 1") == true)
    }
}
