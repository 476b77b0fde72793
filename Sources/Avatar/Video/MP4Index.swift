import Files

/// How many pictures an MP4 says that it holds.
///
/// Format: ISO/IEC 14496-12, sections 4.2 (boxes), 8.4.3 (`hdlr`) and 8.7.3 (`stsz`).
enum MP4Index {
    /// The index of an hour takes less than a megabyte.
    private static let indexLimit = 16 << 20
    private static let boxLimit = 1_000

    /// Looks it up in the index alone.
    ///
    /// - Parameter path: the video.
    /// - Returns: nil for a file that has no such index.
    static func pictureCount(of path: String) -> Int? {
        guard let file = try? OpenFile.reading(path), let movie = try? find("moov", in: file) else {
            return nil
        }
        return boxes("trak", in: movie[...]).lazy.compactMap { track -> Int? in
            guard let media = boxes("mdia", in: track).first,
                let handler = boxes("hdlr", in: media).first, name(handler.dropFirst(8)) == "vide",
                let information = boxes("minf", in: media).first,
                let table = boxes("stbl", in: information).first,
                let sizes = boxes("stsz", in: table).first
            else { return nil }
            return number(sizes.dropFirst(8))
        }.first
    }

    /// The content of the first box of a name among those of a file.
    private static func find(_ wanted: String, in file: borrowing OpenFile) throws(FilesError) -> [UInt8]? {
        var offset = 0
        for _ in 0..<boxLimit {
            let head = try read(file, at: offset, count: 16)
            guard let (content, length) = measure(head[...]) else { return nil }
            guard name(head[4...]) == wanted else {
                offset += length
                continue
            }
            guard length <= indexLimit else { return nil }
            return try read(file, at: offset + content, count: length - content)
        }
        return nil
    }

    /// The contents of all boxes of a name that stand beside each other.
    private static func boxes(_ wanted: String, in bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var found: [ArraySlice<UInt8>] = []
        var rest = bytes
        while let (content, length) = measure(rest), length <= rest.count {
            if name(rest.dropFirst(4)) == wanted { found.append(rest.prefix(length).dropFirst(content)) }
            rest = rest.dropFirst(length)
        }
        return found
    }

    /// Where a box's content begins, and its whole length; nil where no box can be.
    private static func measure(_ bytes: ArraySlice<UInt8>) -> (content: Int, length: Int)? {
        guard let short = number(bytes), bytes.count >= 8 else { return nil }
        guard short == 1 else { return short >= 8 ? (8, short) : nil }
        // The length has 64 bits: what is longer than any file is no length.
        guard let high = number(bytes.dropFirst(8)), let low = number(bytes.dropFirst(12)), high < 1 << 16
        else { return nil }
        let length = high << 32 | low
        return length >= 16 ? (16, length) : nil
    }

    private static func name(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix(4), as: UTF8.self)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        bytes.count < 4 ? nil : bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    private static func read(
        _ file: borrowing OpenFile,
        at offset: Int,
        count: Int
    ) throws(FilesError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var failure: FilesError?
        let got = bytes.withUnsafeMutableBytes { buffer -> Int in
            do throws(FilesError) { return try file.read(into: buffer, at: offset) } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        return Array(bytes.prefix(got))
    }
}
