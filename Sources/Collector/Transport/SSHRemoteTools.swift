/// Which programs the far side has, and how well they do what is needed.
package struct SSHRemoteTools: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `find -printf`, of GNU findutils: names that end in NUL, fine times.
    package static let find = SSHRemoteTools(rawValue: 1 << 0)
    /// `stat -c`.
    package static let stat = SSHRemoteTools(rawValue: 1 << 1)
    /// `sha256sum`.
    package static let sha256sum = SSHRemoteTools(rawValue: 1 << 2)
    /// `dd` that counts bytes.
    package static let dd = SSHRemoteTools(rawValue: 1 << 3)
    /// `dd` that refuses links, of GNU coreutils.
    package static let nofollow = SSHRemoteTools(rawValue: 1 << 4)

    /// `truncate`.
    package static let truncate = SSHRemoteTools(rawValue: 1 << 5)
    /// `gzip`.
    package static let gzip = SSHRemoteTools(rawValue: 1 << 6)
    /// `cksum`.
    package static let cksum = SSHRemoteTools(rawValue: 1 << 7)

    private static let names: [(String, SSHRemoteTools)] = [
        ("find", .find), ("stat", .stat), ("sha256sum", .sha256sum), ("dd", .dd), ("nofollow", .nofollow),
        ("truncate", .truncate), ("gzip", .gzip), ("cksum", .cksum),
    ]

    /// Reads the answer to `hi`, which a noisy login may have talked before; nil without one.
    init?(answer: [UInt8]) {
        guard let words = Self.greeting(answer) else { return nil }
        self = Self.names.reduce(into: []) { if words.contains(Substring($1.0)) { $0.insert($1.1) } }
    }

    /// Reads the far side's clock from the same answer: seconds since 1970; nil where it tells none.
    static func seconds(answer: [UInt8]) -> Int64? {
        greeting(answer)?.lazy.filter { $0.hasPrefix("time=") }
            .compactMap { Int64($0.dropFirst("time=".count)) }
            .first { (0..<1 << 33).contains($0) }
    }

    private static func greeting(_ answer: [UInt8]) -> [Substring]? {
        let text = String(decoding: answer, as: UTF8.self)
        guard let start = text.ranges(of: "voxsite-tools:").last else { return nil }
        return text[start.upperBound...].prefix { $0 != "\n" }.split(separator: " ")
    }

    /// For people.
    package var words: [String] {
        Self.names.filter { contains($0.1) }.map { name, tool in
            switch tool {
            case .find: "find -printf"
            case .stat: "stat -c"
            case .dd: "dd by bytes"
            case .nofollow: "dd nofollow"
            default: name
            }
        }
    }

    /// How files are looked at.
    var statusMethod: String { contains(.find) ? "find" : "stat" }

    /// The flags of a dd that reads.
    var readFlags: String {
        guard contains(.dd) else { return "-" }
        return contains(.nofollow) ? "nofollow,skip_bytes,count_bytes" : "skip_bytes,count_bytes"
    }

    /// The flags of a dd that writes.
    var writeFlags: String { contains(.nofollow) ? "nofollow,seek_bytes" : "seek_bytes" }

    /// What can be done with them.
    var capabilities: TransportCapabilities {
        var all: TransportCapabilities = []
        if contains(.find) { all.formUnion([.list, .batchStatus, .inode, .fineTimes]) }
        if contains(.stat) { all.formUnion([.list, .batchStatus, .inode]) }
        if contains(.sha256sum) { all.insert(.hash) }
        if contains(.cksum) { all.insert(.checksum) }
        if isSuperset(of: [.dd, .stat, .truncate]) { all.insert(.write) }
        return all
    }
}
