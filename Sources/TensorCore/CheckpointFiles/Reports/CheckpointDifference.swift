import Glibc

/// How two checkpoints differ, tensor by tensor.
public struct CheckpointDifference: Sendable {
    /// What is not the same.
    public enum Kind: Sendable, Equatable {
        /// Only the first checkpoint has it.
        case missing
        /// Only the second checkpoint has it.
        case extra
        case shape([Int], [Int])
        case type(ElementType, ElementType)
        /// The largest distance between two elements, and how many are further apart than allowed. Infinite where
        /// only one of the two is a number, or finite.
        case values(largest: Double, count: Int)
    }

    /// One difference.
    public struct Finding: Sendable, Equatable {
        /// The tensor's name in the first checkpoint that has it.
        public let name: String
        /// What is not the same.
        public let kind: Kind
    }

    /// All differences: those of the first checkpoint's tensors in its order, then what only the second has.
    public let findings: [Finding]
    /// How many tensors both have.
    public let commonCount: Int
    /// The largest distance between two elements, whether allowed or not.
    public let largest: Double

    /// Compares the tensors of two checkpoints; both spellings of weight normalisation count as one name.
    ///
    /// - Parameters:
    ///   - first: the one to compare with.
    ///   - second: the other.
    ///   - tolerance: how far two elements may be apart. Where it is given, another element type is no difference by
    ///     itself, so that a checkpoint can be compared with its conversion.
    public init(_ first: Checkpoint, _ second: Checkpoint, tolerance: Double? = nil) {
        var findings: [Finding] = []
        var largest = 0.0
        var commonCount = 0
        for entry in first.tensors {
            guard let other = second[entry.name] else {
                findings.append(Finding(name: entry.name, kind: .missing))
                continue
            }
            commonCount += 1
            let tensor = entry.tensor
            guard tensor.shape == other.shape else {
                findings.append(Finding(name: entry.name, kind: .shape(tensor.shape, other.shape)))
                continue
            }
            if tensor.elementType != other.elementType, tolerance == nil {
                findings.append(Finding(name: entry.name, kind: .type(tensor.elementType, other.elementType)))
            }
            let distance = tensor.distance(to: other, tolerance: tolerance ?? 0)
            largest = max(largest, distance.largest)
            if distance.count > 0 {
                let kind = Kind.values(largest: distance.largest, count: distance.count)
                findings.append(Finding(name: entry.name, kind: kind))
            }
        }
        for entry in second.tensors where first[entry.name] == nil {
            findings.append(Finding(name: entry.name, kind: .extra))
        }
        self.findings = findings
        self.commonCount = commonCount
        self.largest = largest
    }

    /// Whether nothing differs.
    public var isEmpty: Bool { findings.isEmpty }

    /// One line per difference; empty where there is none.
    public var table: String {
        TextTable(
            findings.map { finding in
                let name = CheckpointFileError.printable(finding.name)
                return switch finding.kind {
                case .missing: [name, "only in the first"]
                case .extra: [name, "only in the second"]
                case .shape(let left, let right): [name, "shape \(left) and \(right)"]
                case .type(let left, let right): [name, "type \(left.rawValue) and \(right.rawValue)"]
                case .values(let largest, let count): [name, "\(count) values differ, by up to \(largest)"]
                }
            }
        ).text
    }
}

extension StoredTensor {
    /// The largest distance to another tensor of the same shape, and how many elements are beyond `tolerance`.
    ///
    /// Two NaN are equal, and so are 0 and -0.
    func distance(to other: StoredTensor, tolerance: Double) -> (largest: Double, count: Int) {
        if elementType == other.elementType, hasSameBytes(as: other) { return (0, 0) }
        var largest = 0.0
        var count = 0
        for start in stride(from: 0, to: elementCount, by: Self.chunkCount) {
            let range = start..<min(start + Self.chunkCount, elementCount)
            let isExact = !elementType.isFloatingPoint && !other.elementType.isFloatingPoint
            // Doubles cannot tell large integers apart.
            let distances =
                isExact
                ? zip(integers(range), other.integers(range)).map {
                    Double(($0 > $1) ? $0.distance($1) : $1.distance($0))
                }
                : zip(doubles(range), other.doubles(range)).map { left, right in
                    if left == right || (left.isNaN && right.isNaN) { return 0.0 }
                    let distance = (left - right).magnitude
                    return distance.isNaN ? .infinity : distance
                }
            for distance in distances where distance > 0 {
                largest = max(largest, distance)
                if distance > tolerance { count += 1 }
            }
        }
        return (largest, count)
    }

    private func hasSameBytes(as other: StoredTensor) -> Bool {
        unsafe withContiguousBytes { left in
            unsafe other.withContiguousBytes { right in
                guard let start = left.baseAddress, let otherStart = right.baseAddress else {
                    return left.count == right.count
                }
                return unsafe left.count == right.count && memcmp(start, otherStart, left.count) == 0
            }
        }
    }

    /// Elements `range` of an integer type.
    private func integers(_ range: Range<Int>) -> [Int64] {
        let size = elementType.byteCount
        let raw = TensorBytes(bytes(range, as: elementType))
        return range.indices.map { index in
            let offset = (index - range.lowerBound) * size
            return switch elementType {
            case .int64: raw.integer(at: offset, as: Int64.self)
            case .int32: Int64(raw.integer(at: offset, as: Int32.self))
            case .int16: Int64(raw.integer(at: offset, as: Int16.self))
            case .int8: Int64(raw.integer(at: offset, as: Int8.self))
            case .bool: raw.integer(at: offset, as: UInt8.self) == 0 ? 0 : 1
            default: Int64(raw.integer(at: offset, as: UInt8.self))
            }
        }
    }
}

extension Int64 {
    /// How far it lies above a smaller number.
    fileprivate func distance(_ smaller: Int64) -> UInt64 { UInt64(bitPattern: self &- smaller) }
}
