import Files

/// How many frames a header claims: libsndfile quietly corrects some claims to what is there, so a file that was
/// cut off would look whole.
///
/// Sources: Multimedia Programming Interface and Data Specifications 1.0 (RIFF); EBU Tech 3306 (RF64);
/// Audio Interchange File Format 1.3 (AIFF).
struct HeaderClaim: Equatable {
    /// The frames by the header's own arithmetic; nil where it makes no claim of that kind.
    var frameCount: Int?
    /// Whether an MPEG stream says how long it is, in a Xing or Info header.
    var hasXingHeader = false

    /// Sizes from here on are what programs write that do not know the length yet: ffmpeg 0xffffffff,
    /// sox and espeak-ng about 0x7ffff000.
    private static let unknownLengthByteCount = 0x7fff_0000
    /// A header with more chunks than this before its sound is not followed to its end.
    private static let mostChunks = 1_000

    /// Reads what `file` claims; nothing for containers that libsndfile does not correct.
    ///
    /// - Parameters:
    ///   - file: the bytes; its position stays.
    ///   - container: what libsndfile takes it for.
    /// - Throws: ``FilesError``: the disk fails.
    init(of file: VirtualFile, container: AudioContainer) throws(FilesError) {
        switch container {
        case .wav, .rf64: frameCount = try Self.waveFrameCount(file)
        case .aiff: frameCount = try Self.aiffFrameCount(file)
        case .mpeg: hasXingHeader = try Self.hasXingHeader(file)
        case .w64, .au, .caf, .flac, .ogg, .nist: break
        }
    }

    /// The frames of the `data` chunk, where each frame takes a fixed number of bytes.
    private static func waveFrameCount(_ file: VirtualFile) throws(FilesError) -> Int? {
        let head = Bytes(try file.read(at: 0, count: 12), isBigEndian: false)
        let isBigEndian = head.text(0) == "RIFX"
        var frameByteCount = 0
        var longByteCount: Int?
        var offset = 12
        for _ in 0..<mostChunks {
            let chunk = Bytes(try file.read(at: offset, count: 64), isBigEndian: isBigEndian)
            guard let size = chunk.number32(4) else { return nil }
            switch chunk.text(0) {
            case "fmt ":
                // Of these codings alone the alignment is the size of one frame.
                guard let tag = chunk.number16(8), let alignment = chunk.number16(20),
                    [0x0001, 0x0003, 0x0006, 0x0007, 0xfffe].contains(tag)
                else { return nil }
                frameByteCount = alignment
            case "ds64":
                longByteCount = chunk.number64(16)
            case "data":
                let byteCount = size == 0xffff_ffff ? longByteCount ?? size : size
                let isKnown = longByteCount != nil || byteCount < unknownLengthByteCount
                guard isKnown, frameByteCount > 0 else { return nil }
                return byteCount / frameByteCount
            default: break
            }
            // Chunks begin at even places.
            offset += 8 + size + size & 1
        }
        return nil
    }

    /// The frames that the `COMM` chunk names.
    private static func aiffFrameCount(_ file: VirtualFile) throws(FilesError) -> Int? {
        var offset = 12
        for _ in 0..<mostChunks {
            let chunk = Bytes(try file.read(at: offset, count: 64), isBigEndian: true)
            guard let size = chunk.number32(4) else { return nil }
            if chunk.text(0) == "COMM" {
                guard let count = chunk.number32(10), count > 0, count < unknownLengthByteCount else {
                    return nil
                }
                return count
            }
            offset += 8 + size + size & 1
        }
        return nil
    }

    /// Whether the first MPEG frame is one that describes the stream.
    private static func hasXingHeader(_ file: VirtualFile) throws(FilesError) -> Bool {
        let tag = try file.read(at: 0, count: 10)
        var start = 0
        if tag.count == 10, tag.starts(with: Array("ID3".utf8)) {
            // ID3v2.4, 3.1: four bytes of seven bits each.
            start = 10 + tag[6..<10].reduce(0) { $0 << 7 | Int($1 & 0x7f) }
        }
        let frame = try file.read(at: start, count: 512)
        return [Array("Xing".utf8), Array("Info".utf8)].contains { name in
            frame.indices.dropLast(3).contains { frame[$0..<$0 + 4].elementsEqual(name) }
        }
    }
}

/// Numbers in a few bytes of a header; nil past their end.
private struct Bytes {
    private let bytes: [UInt8]
    private let isBigEndian: Bool

    init(_ bytes: [UInt8], isBigEndian: Bool) {
        self.bytes = bytes
        self.isBigEndian = isBigEndian
    }

    func text(_ offset: Int) -> String {
        bytes.count >= offset + 4 ? String(decoding: bytes[offset..<offset + 4], as: UTF8.self) : ""
    }

    func number16(_ offset: Int) -> Int? { number(offset, byteCount: 2).map { Int($0) } }

    func number32(_ offset: Int) -> Int? { number(offset, byteCount: 4).map { Int($0) } }

    func number64(_ offset: Int) -> Int? { number(offset, byteCount: 8).flatMap { Int(exactly: $0) } }

    private func number(_ offset: Int, byteCount: Int) -> UInt64? {
        guard bytes.count >= offset + byteCount else { return nil }
        let part = bytes[offset..<offset + byteCount]
        return (isBigEndian ? Array(part) : part.reversed()).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
