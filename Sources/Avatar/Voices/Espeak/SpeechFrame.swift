/// One message of the speech helper; `frames.h` in its sources is the definition.
enum SpeechFrame: Equatable, Sendable {
    /// Comes first, once.
    case rate(hertz: Int)
    /// The sounds of the next clause, separated by `_` and spaces, with the marks of stress that phonemes lack.
    case transcript(String)
    /// A word begins; its place in the text in Unicode scalars.
    case word(position: Int, firstScalar: Int, scalarCount: Int)
    /// A sound begins; empty is silence.
    case phoneme(position: Int, symbol: String)
    /// The next samples; full scale is -1 to 1.
    case audio([Float])
    /// Comes last, once; without it the audio is not whole.
    case end(sampleCount: Int)
}

/// Puts the frames together from bytes as they come.
struct SpeechFrameParser {
    /// What cannot be understood.
    struct Failure: Error, Equatable { let reason: String }

    /// No frame of the helper is longer: a buffer of the engine is 60 ms, a clause a few kilobytes.
    static let lengthLimit = 1 << 20
    private static let greeting = Array("VOXSPCH1".utf8)
    private static let headLength = 5

    private var pending: [UInt8] = []
    private var isGreeted = false

    /// Whether bytes are left that make no frame yet.
    var isInsideFrame: Bool { !pending.isEmpty || !isGreeted }

    /// Takes the next bytes.
    ///
    /// - Parameter bytes: as many as came.
    /// - Returns: the frames that are complete now.
    /// - Throws: ``Failure`` for what the helper never writes.
    mutating func feed(_ bytes: [UInt8]) throws(Failure) -> [SpeechFrame] {
        pending += bytes
        var start = 0
        if !isGreeted {
            let length = min(pending.count, Self.greeting.count)
            guard pending[..<length] == Self.greeting[..<length] else {
                throw Failure(reason: "its output does not begin as that of the speech helper")
            }
            guard length == Self.greeting.count else { return [] }
            isGreeted = true
            start = length
        }
        var frames: [SpeechFrame] = []
        while pending.count - start >= Self.headLength {
            let length = Self.number(pending[(start + 1)...])
            guard length <= Self.lengthLimit else {
                throw Failure(reason: "it announces a message of \(length) bytes")
            }
            let end = start + Self.headLength + length
            guard end <= pending.count else { break }
            frames.append(try Self.frame(kind: pending[start], pending[(start + Self.headLength)..<end]))
            start = end
        }
        pending.removeFirst(start)
        return frames
    }

    private static func frame(kind: UInt8, _ content: ArraySlice<UInt8>) throws(Failure) -> SpeechFrame {
        func check(_ isRight: Bool) throws(Failure) {
            guard isRight else { throw Failure(reason: "a message of \(content.count) bytes makes no sense") }
        }
        func number(_ index: Int) -> Int { Self.number(content.dropFirst(4 * index)) }
        switch UnicodeScalar(kind) {
        case "R":
            try check(content.count == 4 && (1_000...768_000).contains(number(0)))
            return .rate(hertz: number(0))
        case "T": return .transcript(String(decoding: content, as: UTF8.self))
        case "W":
            try check(content.count == 12)
            return .word(position: number(0), firstScalar: number(1), scalarCount: number(2))
        case "P":
            try check((4...36).contains(content.count))
            return .phoneme(
                position: number(0),
                symbol: String(decoding: content.dropFirst(4), as: UTF8.self)
            )
        case "A":
            try check(content.count.isMultiple(of: 2))
            return .audio(PCM.samples(content))
        case "E":
            try check(content.count == 4)
            return .end(sampleCount: number(0))
        default: throw Failure(reason: "a message of the unknown kind \(kind) came")
        }
    }

    /// Four bytes as a number, little-endian; the caller has seen that they are there.
    private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
