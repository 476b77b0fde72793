/// A small reader of our own pages: the tags and attributes a browser would see, and whether they nest.
struct Markup {
    struct Element {
        let name: String
        let attributes: [String: String]
        let line: Int
    }

    private(set) var elements: [Element] = []
    private(set) var mistakes: [String] = []

    private static let void: Set<String> = [
        "meta", "link", "input", "img", "br", "path", "circle", "line", "rect",
    ]

    init(_ html: String) {
        let bytes = Array(html.utf8)
        var open: [String] = []
        var index = 0
        var line = 1
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\n") { line += 1 }
            guard bytes[index] == UInt8(ascii: "<") else {
                index += 1
                continue
            }
            if bytes[index...].starts(with: "<!".utf8) {
                while index < bytes.count, bytes[index] != UInt8(ascii: ">") { index += 1 }
                continue
            }
            let isClosing = bytes[index...].starts(with: "</".utf8)
            index += isClosing ? 2 : 1
            let name = Self.take(bytes, &index) { Self.isNameByte($0) }
            if name.isEmpty { mistakes.append("line \(line): a bare <") }
            var attributes: [String: String] = [:]
            var isSelfClosing = false
            while index < bytes.count, bytes[index] != UInt8(ascii: ">") {
                if bytes[index] == UInt8(ascii: "/") { isSelfClosing = true }
                guard Self.isNameByte(bytes[index]) else {
                    if !" \n/".utf8.contains(bytes[index]) {
                        mistakes.append("line \(line): a stray byte in <\(name)>")
                    }
                    index += 1
                    continue
                }
                let key = Self.take(bytes, &index) { Self.isNameByte($0) }
                if attributes[key] != nil { mistakes.append("line \(line): \(key) twice in <\(name)>") }
                attributes[key] = ""
                guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "=") else { continue }
                if bytes[index + 1] != UInt8(ascii: "\"") {
                    mistakes.append("line \(line): \(key) is not quoted")
                }
                index += 2
                attributes[key] = Self.take(bytes, &index) { $0 != UInt8(ascii: "\"") }
                index += 1
            }
            index += 1
            if isClosing {
                if open.popLast() != name {
                    mistakes.append("line \(line): </\(name)> closes another element")
                }
            } else {
                elements.append(Element(name: name, attributes: attributes, line: line))
                if !isSelfClosing, !Self.void.contains(name) { open.append(name) }
            }
        }
        mistakes += open.map { "<\($0)> is never closed" }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func take(_ bytes: [UInt8], _ index: inout Int, while matches: (UInt8) -> Bool) -> String {
        let start = index
        while index < bytes.count, matches(bytes[index]) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }
}
