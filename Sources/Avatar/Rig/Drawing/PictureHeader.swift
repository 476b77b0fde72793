/// What the head of a picture's file says, and whether the file is as long as it says.
///
/// Looking costs a few short reads, so that a folder of photographs can be listed without decoding any.
///
/// Source: PNG (ISO/IEC 15948, sections 5.2, 5.3 and 11.2.2); JPEG (ITU-T T.81, annex B).
struct PictureHeader: Hashable {
    /// What is read.
    enum Format: Hashable { case png, jpeg }

    /// By the first bytes, whatever the name says.
    let format: Format
    /// In pixels, as stored.
    let width: Int
    /// In pixels, as stored.
    let height: Int

    /// No side is longer, in pixels: cairo's limit.
    static let longestSide = 32_767
    /// No picture is larger, in pixels: a quarter of a gigabyte in memory.
    static let largestPixelCount = 1 << 26

    private static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    static let cutOff = "it is cut off; copy it again from where it came from"
    private static let damaged = "it is damaged; copy it again from where it came from"

    /// Looks at a file.
    ///
    /// - Parameters:
    ///   - path: what messages call it.
    ///   - limitPixelCount: a larger picture is refused.
    ///   - read: the bytes from an offset on, at most as many as asked for; fewer only at the end.
    /// - Throws: ``AvatarError/picture(path:reason:)``; what `read` throws.
    init(
        path: String,
        limitPixelCount: Int = Self.largestPixelCount,
        read: (_ offset: Int, _ count: Int) throws(AvatarError) -> [UInt8]
    ) throws(AvatarError) {
        func bytes(_ offset: Int, _ count: Int) throws(AvatarError) -> [UInt8] {
            let bytes = try read(offset, count)
            guard bytes.count == count else { throw .picture(path: path, reason: Self.cutOff) }
            return bytes
        }
        let start = try read(0, Self.pngSignature.count)
        if start.isEmpty { throw .picture(path: path, reason: "it is empty") }
        if start == Self.pngSignature {
            format = .png
            (width, height) = try Self.png(path, bytes)
        } else if start.starts(with: [0xFF, 0xD8, 0xFF]) {
            format = .jpeg
            (width, height) = try Self.jpeg(path, bytes)
        } else {
            throw .picture(path: path, reason: "it is neither PNG nor JPEG by its first bytes")
        }
        let size = "\(width)×\(height) pixels"
        guard width > 0, height > 0 else {
            throw .picture(path: path, reason: "it says that it has \(size)")
        }
        guard width <= Self.longestSide, height <= Self.longestSide else {
            throw .picture(
                path: path,
                reason: "\(size) are too many, at most \(Self.longestSide) a side are read; make it smaller"
            )
        }
        guard width * height <= limitPixelCount else {
            throw .picture(
                path: path,
                reason: "\(size) are too many, at most \(limitPixelCount) in all are read; make it smaller"
            )
        }
    }

    /// Looks at a file in memory.
    ///
    /// - Parameters:
    ///   - bytes: all of it.
    ///   - path: what messages call it.
    ///   - limitPixelCount: a larger picture is refused.
    /// - Throws: ``AvatarError/picture(path:reason:)``.
    init(_ bytes: [UInt8], path: String, limitPixelCount: Int) throws(AvatarError) {
        try self.init(path: path, limitPixelCount: limitPixelCount) { (offset, count) throws(AvatarError) in
            Array(bytes.dropFirst(offset).prefix(count))
        }
    }

    private typealias Read = (_ offset: Int, _ count: Int) throws(AvatarError) -> [UInt8]

    /// The size in `IHDR`; every chunk up to `IEND` must be there.
    private static func png(_ path: String, _ read: Read) throws(AvatarError) -> (width: Int, height: Int) {
        let header = try read(8, 16)
        guard header[4..<8].elementsEqual("IHDR".utf8) else { throw .picture(path: path, reason: damaged) }
        var offset = 8
        while true {
            // Length, type, contents, checksum.
            let chunk = try read(offset, 8)
            let length = number(chunk[0..<4])
            guard length <= Int(Int32.max) else { throw .picture(path: path, reason: damaged) }
            offset += length + 12
            _ = try read(offset - 4, 4)
            if chunk[4..<8].elementsEqual("IEND".utf8) { break }
        }
        return (number(header[8..<12]), number(header[12..<16]))
    }

    /// The size in the start of the frame.
    private static func jpeg(_ path: String, _ read: Read) throws(AvatarError) -> (width: Int, height: Int) {
        var offset = 2
        var paddingCount = 0
        while true {
            let marker = try read(offset, 2)
            guard marker[0] == 0xFF else { throw .picture(path: path, reason: damaged) }
            switch marker[1] {
            case 0xFF:  // Padding: a few bytes at most, or reading them one by one takes minutes.
                paddingCount += 1
                guard paddingCount < 4096 else { throw .picture(path: path, reason: damaged) }
                offset += 1
            case 0x01, 0xD0...0xD7: offset += 2  // No length follows.
            case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                let frame = try read(offset + 5, 4)
                return (number(frame[2..<4]), number(frame[0..<2]))
            case 0xD8...0xDA: throw .picture(path: path, reason: damaged)
            default:
                let length = number(try read(offset + 2, 2)[...])
                guard length >= 2 else { throw .picture(path: path, reason: damaged) }
                offset += 2 + length
            }
        }
    }

    /// Big-endian.
    private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
}
