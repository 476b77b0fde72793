import Foundation

/// Who started whom, as /proc tells.
enum ProcessTree {
    /// The processes below one, found in /proc.
    static func descendants(of ancestor: Int32) -> [Int32] {
        var parents: [Int32: Int32] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let number = Int32(name),
                let text = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8),
                let end = text.lastIndex(of: ")")
            else { continue }
            let fields = text[end...].split(separator: " ")
            if fields.count > 2, let parent = Int32(fields[2]) { parents[number] = parent }
        }
        var found: [Int32] = []
        var layer = [ancestor]
        while !layer.isEmpty {
            layer = parents.filter { layer.contains($0.value) }.map(\.key)
            found += layer
        }
        return found
    }
}
