import Glibc

extension LineScanner {
    @inline(__always)
    func guess() -> Int {
        previousColumn >= 0 ? columns[previousColumn].successor : firstColumn
    }

    /// Whether a column's key and then a quote stand here.
    ///
    /// Reads no further than the line's end: a key contains no newline.
    @inline(__always)
    func matches(_ column: Int, _ bytes: UnsafePointer<UInt8>) -> Bool {
        let storage = columns + column
        let length = storage.pointee.keyLength
        let key = storage.pointee.key
        var index = 0
        while index < length {
            if bytes[index] != key[index] { return false }
            index += 1
        }
        return bytes[length] == UInt8(ascii: "\"")
    }

    @inline(__always)
    mutating func hold(
        _ value: Double,
        _ key: UnsafePointer<UInt8>,
        _ keyLength: Int,
        _ column: Int,
        _ depth: Int
    ) {
        if depth > 0 {
            holdNested(value, key, keyLength)
        } else if column >= 0 {
            previousColumn = column
            holdBack(value, column)
        } else {
            holdNew(value, key, keyLength)
        }
    }

    @inline(__always)
    mutating func holdBack(_ value: Double, _ column: Int) {
        if pendingCount == pendingCapacity, !growPending() { return }
        pending[pendingCount] = PendingValue(column: column, value: value)
        pendingCount += 1
    }

    /// Makes room for more values; false, and one value counted as refused, where the line has enough.
    private mutating func growPending() -> Bool {
        guard pendingCapacity < Self.valueLimit else {
            refusedCount += 1
            return false
        }
        let larger = UnsafeMutablePointer<PendingValue>.allocate(capacity: pendingCapacity * 2)
        larger.update(from: pending, count: pendingCount)
        pending.deallocate()
        pending = larger
        pendingCapacity *= 2
        return true
    }

    /// Holds back a value whose column was not guessed.
    private mutating func holdNew(_ value: Double, _ key: UnsafePointer<UInt8>, _ keyLength: Int) {
        let column = find(key, keyLength)
        guard column >= 0 else { return }
        if previousColumn >= 0 { columns[previousColumn].successor = column } else { firstColumn = column }
        previousColumn = column
        holdBack(value, column)
    }

    private mutating func holdNested(_ value: Double, _ key: UnsafePointer<UInt8>, _ keyLength: Int) {
        guard mutedDepth == 0 else { return }
        let length = path.count
        path.append(contentsOf: UnsafeBufferPointer(start: key, count: keyLength))
        let column = path.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { find($0, buffer.count) } ?? -1
        }
        path.removeSubrange(length...)
        if column >= 0 { holdBack(value, column) }
    }

    /// The column of a key, made when it is new; -1, and a value counted as refused, where it is not kept.
    private mutating func find(_ key: UnsafePointer<UInt8>, _ length: Int) -> Int {
        guard length <= ColumnTable.keyLimit, pendingCount < Self.valueLimit else {
            refusedCount += 1
            return -1
        }
        let column = segment.table.find(key, length)
        columns = segment.table.columns
        if column >= ColumnTable.fullCount { isFull = true }
        return column
    }

    mutating func appendPath(_ key: UnsafePointer<UInt8>, _ keyLength: Int) {
        path.append(contentsOf: UnsafeBufferPointer(start: key, count: keyLength))
        path.append(UInt8(ascii: "/"))
    }
}
