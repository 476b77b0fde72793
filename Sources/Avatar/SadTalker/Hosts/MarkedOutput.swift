/// The part of a program's output that follows a line of its own.
struct MarkedOutput {
    private let mark: [UInt8]
    private var pending: [UInt8] = []
    /// Whether the line has come.
    private(set) var hasBegun = false

    /// How much may come before the line.
    static let limit = 1 << 16

    init(mark: String) { self.mark = Array("\n\(mark)\n".utf8) }

    /// Takes a piece of the output.
    ///
    /// - Returns: what of it follows the line.
    mutating func take(_ piece: [UInt8]) -> [UInt8] {
        guard !hasBegun else { return piece }
        pending += piece
        var start = 0
        while start + mark.count <= pending.count {
            if pending[start] == mark[0], pending[start..<start + mark.count].elementsEqual(mark) {
                hasBegun = true
                let rest = Array(pending[(start + mark.count)...])
                pending = []
                return rest
            }
            start += 1
        }
        pending.removeFirst(start)
        return []
    }
}
