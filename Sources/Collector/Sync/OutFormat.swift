import Glibc

/// What `--out-format` says about one change.
///
/// Source: rsyncd.conf(5), "log format"; log.c, `log_formatted`. Escapes that would have nothing to tell here
/// (owners, daemon modules, rsync's own checksums) are refused by name.
public struct OutFormat: Sendable, Hashable {
    private enum Piece: Sendable, Hashable {
        case text(String)
        case escape(UInt8, width: Int, isLeft: Bool, isGrouped: Bool)
    }

    private var pieces: [Piece] = []

    /// The format of `-i`.
    public static let itemized = OutFormat(pieces: [
        .escape(UInt8(ascii: "i"), width: 0, isLeft: false, isGrouped: false), .text(" "),
        .escape(UInt8(ascii: "n"), width: 0, isLeft: false, isGrouped: false),
        .escape(UInt8(ascii: "L"), width: 0, isLeft: false, isGrouped: false),
    ])
    /// The format of `-v`.
    public static let names = OutFormat(pieces: [
        .escape(UInt8(ascii: "n"), width: 0, isLeft: false, isGrouped: false),
        .escape(UInt8(ascii: "L"), width: 0, isLeft: false, isGrouped: false),
    ])

    private init(pieces: [Piece]) { self.pieces = pieces }

    /// Reads `%i %n %l`: `%i` the change, `%n` the name, `%L` where a link points, `%l` the length, `%b` the
    /// bytes carried, `%f` the path at the source, `%M` the time of the last change, `%t` the time now, `%o` what
    /// is done, `%B` the permissions, `%p` this process, `%%` a percent sign.
    ///
    /// - Parameter text: as written; between `%` and the letter may stand `-`, a width, and apostrophes.
    /// - Throws: ``CollectorError/usage(_:)``.
    public init(parsing text: String) throws(CollectorError) {
        var rest = Array(text.utf8)[...]
        var plain: [UInt8] = []
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                plain.append(byte)
                continue
            }
            var (width, isLeft, isGrouped) = (0, false, false)
            while rest.first == UInt8(ascii: "'") {
                isGrouped = true
                rest = rest.dropFirst()
            }
            if rest.first == UInt8(ascii: "-") {
                isLeft = true
                rest = rest.dropFirst()
            }
            while let digit = rest.first, (0x30...0x39).contains(digit), width < 1_000 {
                width = width * 10 + Int(digit - 0x30)
                rest = rest.dropFirst()
            }
            guard let letter = rest.popFirst() else {
                throw .usage("--out-format: a % at the end of \(text)")
            }
            if letter == UInt8(ascii: "%") {
                plain.append(letter)
                continue
            }
            guard "inLlbfMtoBp".utf8.contains(letter) else {
                throw .usage(
                    "--out-format: %\(String(decoding: [letter], as: UTF8.self)) is not supported; use %i %n %L %l "
                        + "%b %f %M %t %o %B %p"
                )
            }
            if !plain.isEmpty { pieces.append(.text(String(decoding: plain, as: UTF8.self))) }
            plain = []
            pieces.append(.escape(letter, width: width, isLeft: isLeft, isGrouped: isGrouped))
        }
        if !plain.isEmpty { pieces.append(.text(String(decoding: plain, as: UTF8.self))) }
    }

    /// Whether it has `%i`, so that changes of attributes alone are worth a line.
    var isItemized: Bool {
        pieces.contains {
            if case .escape(UInt8(ascii: "i"), _, _, _) = $0 { true } else { false }
        }
    }

    /// The line for one change.
    ///
    /// - Parameters:
    ///   - item: the change.
    ///   - now: seconds since 1970.
    /// - Returns: one line without its end.
    func line(for item: SyncItem, now: Int) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): return text
            case .escape(let letter, let width, let isLeft, let isGrouped):
                let text = value(letter, of: item, now: now, isGrouped: isGrouped)
                let padding = String(repeating: " ", count: max(0, width - text.count))
                return isLeft ? text + padding : padding + text
            }
        }.joined()
    }

    private func value(_ letter: UInt8, of item: SyncItem, now: Int, isGrouped: Bool) -> String {
        func number(_ value: Int) -> String {
            isGrouped ? ByteCount.text(value, inUnits: false) : String(value)
        }
        switch letter {
        case UInt8(ascii: "i"): return item.change.description
        case UInt8(ascii: "n"): return item.shownName
        case UInt8(ascii: "l"): return number(item.byteCount)
        case UInt8(ascii: "b"): return number(item.carriedByteCount)
        case UInt8(ascii: "f"): return item.sourcePath
        case UInt8(ascii: "M"):
            return Self.time((item.modifiedNanoseconds ?? 0) / 1_000_000_000, separator: "-")
        case UInt8(ascii: "t"): return Self.time(Int64(now), separator: " ")
        case UInt8(ascii: "o"): return item.change.update == .deleted ? "del." : item.isSent ? "send" : "recv"
        case UInt8(ascii: "B"): return Self.permissions(item.mode ?? 0)
        case UInt8(ascii: "p"): return String(getpid())
        // A link is never carried, so none points anywhere.
        default: return ""
        }
    }

    /// `2026/11/25-02:25:12` by the local clock.
    static func time(_ seconds: Int64, separator: String) -> String {
        var time = time_t(seconds)
        var parts = tm()
        guard localtime_r(&time, &parts) != nil else { return "?" }
        func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(Int(parts.tm_year) + 1900)/\(two(parts.tm_mon + 1))/\(two(parts.tm_mday))" + separator
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    }

    private static func permissions(_ mode: UInt32) -> String {
        let letters = Array("rwxrwxrwx")
        return String((0..<9).map { mode >> UInt32(8 - $0) & 1 == 1 ? letters[$0] : "-" })
    }
}
