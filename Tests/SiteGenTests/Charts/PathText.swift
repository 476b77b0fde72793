import Testing

@testable import SiteGen

/// Path data as tests read it.
enum PathText {
    /// Reads path data the way browsers do, into runs of absolute corners.
    static func decode(_ path: String) throws -> [[LinePath.Position]] {
        var runs: [[LinePath.Position]] = []
        var numbers: [Int] = []
        var command: Character = "M"
        var current = LinePath.Position(x: 0, y: 0)
        var rest = Substring(path)
        func take() throws {
            let isPair = "Mml".contains(command)
            guard numbers.count == (isPair ? 2 : 1) else { return }
            switch command {
            case "M": current = LinePath.Position(x: numbers[0], y: numbers[1])
            case "m", "l": current = LinePath.Position(x: current.x + numbers[0], y: current.y + numbers[1])
            case "h": current = LinePath.Position(x: current.x + numbers[0], y: current.y)
            case "v": current = LinePath.Position(x: current.x, y: current.y + numbers[0])
            default: Issue.record("unknown command \(command)")
            }
            if "Mm".contains(command) { runs.append([current]) } else { runs[runs.count - 1].append(current) }
            numbers = []
        }
        while let next = rest.first {
            if next.isLetter {
                command = next
                rest.removeFirst()
            } else if next == " " {
                rest.removeFirst()
            } else {
                let sign = next == "-" ? "-" : ""
                let digits = rest.dropFirst(sign.count).prefix { $0.isNumber }
                numbers.append(try #require(Int(sign + digits)))
                rest = rest.dropFirst(sign.count + digits.count)
                try take()
            }
        }
        #expect(numbers.isEmpty)
        return runs
    }
}
