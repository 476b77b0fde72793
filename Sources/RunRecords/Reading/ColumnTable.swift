import Glibc

/// The values of one key over the rows of a stretch of log.
///
/// Rows are implied while every row from the first on has the key, and listed from the first gap on.
struct ColumnStorage {
    var key: UnsafeMutablePointer<UInt8>
    var keyLength: Int
    /// Owned by the table; from `malloc`.
    var values: UnsafeMutablePointer<Double>
    var rows: UnsafeMutablePointer<UInt32>?
    var count = 0
    var capacity: Int
    /// The row of the first value, and how many values came before it on its line.
    var firstRow: UInt32 = 0
    var firstPlace: UInt32 = 0
    /// The column that came next when this one was last seen; -1 before that.
    var successor = -1

    @inline(__always)
    mutating func append(_ value: Double, row: UInt32, place: Int) {
        if count == capacity { grow() }
        if count == 0 {
            firstRow = row
            firstPlace = UInt32(truncatingIfNeeded: place)
        }
        values[count] = value
        if let rows {
            rows[count] = row
        } else if row != firstRow &+ UInt32(truncatingIfNeeded: count) {
            listRows().advanced(by: count).pointee = row
        }
        count += 1
    }

    private mutating func grow() {
        // The C library moves large blocks by their page tables instead of copying them.
        guard let larger = realloc(values, 2 * capacity * MemoryLayout<Double>.stride) else {
            fatalError("out of memory for \(2 * capacity) values of one column")
        }
        values = larger.assumingMemoryBound(to: Double.self)
        if let rows {
            let largerRows = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity * 2)
            largerRows.update(from: rows, count: count)
            rows.deallocate()
            self.rows = largerRows
        }
        capacity *= 2
    }

    /// Writes out the rows implied so far.
    private mutating func listRows() -> UnsafeMutablePointer<UInt32> {
        let listed = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
        for index in 0..<count { listed[index] = firstRow + UInt32(index) }
        rows = listed
        return listed
    }

    func row(at index: Int) -> UInt32 { rows?[index] ?? firstRow + UInt32(index) }

    /// The index of the last value of a row before `row`, and whether `row` itself has one.
    func find(row: UInt32) -> (previous: Int?, isThere: Bool) {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self.row(at: middle) < row { low = middle + 1 } else { high = middle }
        }
        return (low > 0 ? low - 1 : nil, low < count && self.row(at: low) == row)
    }
}

/// Columns by key, found by the bytes of the key as written.
///
/// Looking up is one comparison while lines repeat the order of their keys, which trainers' lines do.
struct ColumnTable: ~Copyable {
    /// A table of more columns is complete with the line that made them, and the rest of its stretch goes to
    /// further segments: a log that invents a key per line must not exhaust memory, nor lose its other keys.
    static let fullCount = 4096
    /// A table of more columns is not used again for another stretch.
    static let reusableCount = 1024
    /// Longer keys, in bytes, are not kept.
    static let keyLimit = 1024
    private static let firstCapacity = 64

    private(set) var columns: UnsafeMutablePointer<ColumnStorage>
    private(set) var count = 0
    private var capacity = 32
    private var indexByHash: [UInt64: [Int]] = [:]

    init() { columns = .allocate(capacity: capacity) }

    deinit {
        for index in 0..<count {
            columns[index].key.deallocate()
            free(columns[index].values)
            columns[index].rows?.deallocate()
        }
        columns.deallocate()
    }

    /// Whether a column's key is exactly these bytes.
    @inline(__always)
    func isKey(_ column: Int, _ bytes: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        columns[column].keyLength == length && memcmp(columns[column].key, bytes, length) == 0
    }

    /// The column of a key, made when it is new.
    mutating func find(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> Int {
        let hash = Self.hash(bytes, length)
        for index in indexByHash[hash] ?? [] where isKey(index, bytes, length) { return index }
        if count == capacity { grow() }
        let key = UnsafeMutablePointer<UInt8>.allocate(capacity: max(length, 1))
        key.update(from: bytes, count: length)
        guard let values = malloc(Self.firstCapacity * MemoryLayout<Double>.stride) else {
            fatalError("out of memory for a column")
        }
        (columns + count).initialize(
            to: ColumnStorage(
                key: key,
                keyLength: length,
                values: values.assumingMemoryBound(to: Double.self),
                rows: nil,
                capacity: Self.firstCapacity
            )
        )
        indexByHash[hash, default: []].append(count)
        count += 1
        return count - 1
    }

    /// Forgets the values and keeps the keys and the room: the next stretch of the same log has the same.
    mutating func removeAllValues() {
        for index in 0..<count {
            columns[index].count = 0
            columns[index].rows?.deallocate()
            columns[index].rows = nil
        }
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<ColumnStorage>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: columns, count: count)
        columns.deallocate()
        columns = larger
        capacity *= 2
    }

    /// FNV-1a, 64 bit.
    ///
    /// Source: RFC 9923.
    private static func hash(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in 0..<length { hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01B3 }
        return hash
    }
}
