import TestSupport
import Testing

@testable import TensorCore

/// Strides, conversions and their limits.
@Suite struct StoredTensorTests {
    @Test func `any view reads the elements that its strides say`() throws {
        var random = SeededRandom.fresh()
        for _ in 0..<500 {
            let rank = Int.random(in: 0...4, using: &random)
            let shape = (0..<rank).map { _ in Int.random(in: 0...5, using: &random) }
            let strides = (0..<rank).map { _ in Int.random(in: 0...7, using: &random) }
            let offset = Int.random(in: 0...3, using: &random)
            let reach = zip(shape, strides).reduce(offset) { $0 + max(0, $1.0 - 1) * $1.1 }
            let storage = (0...reach).map { Float($0) }
            let types: [ElementType] = [.float32, .float64, .int64, .int16, .uint8, .bfloat16]
            let type = types.randomElement(using: &random) ?? .float32
            let bytes = Self.encode(storage, as: type)
            // A byte before them, so that nothing is aligned.
            let owner = TensorBytes([0xAA] + bytes)
            let tensor = try StoredTensor(
                owner,
                storage: 1..<owner.count,
                elementType: type,
                shape: shape,
                strides: strides,
                offset: offset
            )
            var naive: [Float] = shape.contains(0) ? [] : [Float(offset)]
            for (size, stride) in zip(shape, strides) where !shape.contains(0) {
                naive = naive.flatMap { base in (0..<size).map { base + Float($0 * stride) } }
            }
            #expect(tensor.floats() == naive, "\(shape) \(strides) \(offset), \(random)")
            let packed = try StoredTensor(
                bytes: tensor.withContiguousBytes { Array($0) },
                elementType: tensor.elementType,
                shape: shape
            )
            #expect(packed.isContiguous && packed.floats() == naive, "\(shape) \(strides), \(random)")
            #expect(packed.sha256 == tensor.sha256)
            if tensor.isContiguous { #expect(tensor.contiguousBytes?.range.count == tensor.byteCount) }
            let start = Int.random(in: 0...naive.count, using: &random)
            let part = start..<Int.random(in: start...naive.count, using: &random)
            #expect(
                tensor.doubles(part) == naive[part].map { Double($0) },
                "\(shape) \(strides) \(part), \(random)"
            )
        }
    }

    private static func encode(_ numbers: [Float], as type: ElementType) -> [UInt8] {
        switch type {
        case .int64: numbers.flatMap { ArchiveWriter.le(Int64($0)) }
        case .int16: numbers.flatMap { ArchiveWriter.le(Int16($0)) }
        case .uint8: numbers.map { UInt8($0) }
        default: FloatCoding.encode(numbers.map { Double($0) }, as: type)
        }
    }

    @Test func `long views are converted in pieces without a seam`() throws {
        let count = 3 * StoredTensor.chunkCount + 17
        let storage = (0..<2 * count).map { Float($0) }
        let owner = TensorBytes(Self.encode(storage, as: .float32))
        let tensor = try StoredTensor(owner, elementType: .float32, shape: [count], strides: [2], offset: 1)
        #expect(tensor.floats() == (0..<count).map { Float(2 * $0 + 1) })
    }

    @Test func `all halves are read as the processor reads them, and written back as they were`() {
        for bits in UInt16.min...UInt16.max {
            let value = FloatCoding.float(half: bits)
            let reference = Float(Float16(bitPattern: bits))
            #expect(value.bitPattern == reference.bitPattern || value.isNaN && reference.isNaN)
            if !value.isNaN { #expect(FloatCoding.half(value) == bits) }
            let brain = Float(bitPattern: UInt32(bits) << 16)
            if !brain.isNaN { #expect(FloatCoding.brain(brain) == bits) }
        }
        #expect(FloatCoding.half(.nan) & 0x7E00 == 0x7E00)
        #expect(Float(bitPattern: UInt32(FloatCoding.brain(Float(bitPattern: 0x7F80_0001))) << 16).isNaN)
    }

    @Test func `numbers are rounded to 16 bits once, to the nearest`() {
        var random = SeededRandom.fresh()
        for index in 0..<200_000 {
            let value: Double
            switch index % 3 {
            case 0: value = Double(Float(bitPattern: UInt32.random(in: 0...(.max), using: &random)))
            case 1: value = Double.random(in: -70_000...70_000, using: &random)
            default:
                // Near ties, where rounding twice goes wrong.
                let half = Double(Float16(bitPattern: UInt16.random(in: 0...0x7BFE, using: &random)))
                let next = Double(Float16(half).nextUp)
                value = (half + next) / 2 + (next - half) * Double.random(in: -1e-9...1e-9, using: &random)
            }
            guard !value.isNaN else { continue }
            let half = FloatCoding.half(FloatCoding.roundedToOdd(value))
            #expect(half == Float16(value).bitPattern, "\(value), \(random)")
            let brain = FloatCoding.brain(FloatCoding.roundedToOdd(value))
            #expect(brain == Self.nearestBrain(value), "\(value), \(random)")
        }
    }

    /// The nearest bfloat16 by looking at both neighbours, ties to even.
    private static func nearestBrain(_ value: Double) -> UInt16 {
        guard value.isFinite, value.magnitude < 0x1.FFp127 else {
            return UInt16(value < 0 ? 0xFF80 : 0x7F80)
        }
        let cut = Float(value.magnitude).bitPattern >> 16
        let candidates = [cut > 0 ? cut - 1 : 0, cut, cut + 1].map { UInt16($0) }
        func number(_ bits: UInt16) -> Double {
            bits == 0x7F80 ? 0x1p128 : Double(Float(bitPattern: UInt32(bits) << 16))
        }
        let best = candidates.min { left, right in
            let (near, far) = (
                (number(left) - value.magnitude).magnitude, (number(right) - value.magnitude).magnitude
            )
            return near < far || (near == far && left & 1 < right & 1)
        }
        return (best ?? 0) | (value.sign == .minus ? 0x8000 : 0)
    }

    @Test func `a tensor keeps its bytes alive`() throws {
        let folder = try TemporaryDirectory()
        try folder.write(Array("0123456789abcdef".utf8), to: "a")
        var tensor: StoredTensor?
        do {
            tensor = try StoredTensor(
                TensorBytes.mapping(folder.path(of: "a")),
                elementType: .uint8,
                shape: [16]
            )
        }
        try folder.remove("a")
        #expect(tensor?.floats().first == 48)
        let empty = try StoredTensor(floats: [], shape: [3, 0])
        #expect(empty.floats() == [] && empty.sha256.hasPrefix("e3b0c442"))
        #expect(throws: CheckpointFileError.self) { try StoredTensor(floats: [1], shape: [2]) }
        #expect(throws: CheckpointFileError.self) { try StoredTensor(floats: [1, 2], shape: [1]) }
        #expect(throws: CheckpointFileError.self) {
            try StoredTensor(floats: [1], shape: [Int](repeating: 1, count: 65))
        }
    }
}
