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

    private static let names: [(String, SSHRemoteTools)] = [
        ("find", .find), ("stat", .stat), ("sha256sum", .sha256sum), ("dd", .dd), ("nofollow", .nofollow),
        ("truncate", .truncate),
    ]

    /// Reads the answer to `hi`, which a noisy login may have talked before; nil without one.
    init?(answer: [UInt8]) {
        let text = String(decoding: answer, as: UTF8.self)
        guard
            let line = text.split(separator: "\n").last(where: { $0.hasPrefix("voxsite-tools:") })
        else { return nil }
        let words = line.split(separator: " ").dropFirst()
        self = Self.names.reduce(into: []) { if words.contains(Substring($1.0)) { $0.insert($1.1) } }
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
        if isSuperset(of: [.dd, .stat, .truncate]) { all.insert(.write) }
        return all
    }
}
