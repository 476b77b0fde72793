import Foundation
import TestSupport
import Testing

@testable import SiteGen

@Suite("Line paths")
struct LinePathTests {
    private typealias Position = LinePath.Position

    private func text(_ positions: [LinePath.Position]) -> String {
        var bytes: [UInt8] = []
        LinePath.write(positions, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("The shortest forms are used")
    func forms() {
        let line = [(0, 0), (10, 5), (20, 3), (30, 3), (40, 3), (40, 9), (50, 10)].map {
            Position(x: $0.0, y: $0.1)
        }
        #expect(text(line) == "M0 0l10 5 10-2h20v6l10 1")
        #expect(text([Position(x: 5, y: 5), .gap, Position(x: 7, y: 1), Position(x: 8, y: 0)]) == "M7 1l1-1")
        #expect(text([Position(x: 5, y: 5), Position(x: 5, y: 5)]) == "M5 5h0")
        #expect(text([]) == "")
        var dots: [UInt8] = []
        LinePath.writeDots([Position(x: 5, y: 5), Position(x: 9, y: 2)], to: &dots)
        #expect(String(decoding: dots, as: UTF8.self) == "M5 5h0m4-3h0")
    }

    @Test("Decoding gives every position back, on a corner or on a straight piece, without drift")
    func decodes() throws {
        var random = SeededRandom.fresh()
        for _ in 0..<60 {
            var x = 0
            let positions: [Position] = (0..<Int.random(in: 1...500, using: &random)).map { _ in
                if Int.random(in: 0..<30, using: &random) == 0 { return .gap }
                x += Int.random(in: 0...3, using: &random) * Int.random(in: 0...20, using: &random)
                return Position(x: x, y: Int.random(in: 0...4, using: &random) * 600)
            }
            let wanted = positions.split(whereSeparator: \.isGap).map(Array.init).filter { $0.count > 1 }
            let runs = try PathText.decode(text(positions))
            try #require(runs.count == wanted.count, "\(random)")
            for (run, original) in zip(runs, wanted) {
                #expect(run.first == original.first && run.last == original.last, "\(random)")
                var corner = 0
                for position in original {
                    while corner < run.count - 1, !isBetween(position, run[corner], run[corner + 1]) {
                        corner += 1
                    }
                    #expect(corner < run.count - 1 || position == run[corner], "\(random)")
                }
            }
        }
    }

    private func isBetween(
        _ position: LinePath.Position,
        _ start: LinePath.Position,
        _ end: LinePath.Position
    ) -> Bool {
        if position == start || position == end { return true }
        if start.y == end.y, position.y == start.y {
            return (min(start.x, end.x)...max(start.x, end.x)).contains(position.x)
        }
        if start.x == end.x, position.x == start.x {
            return (min(start.y, end.y)...max(start.y, end.y)).contains(position.y)
        }
        return false
    }

    @Test("Points are drawn within half a viewBox unit of where they are")
    func projectionIsExact() throws {
        var random = SeededRandom.fresh()
        let frame = Frame(
            x: Scale(from: 0, to: 1000),
            y: Scale(from: -1, to: 1),
            widthPixels: 640,
            heightPixels: 240
        )
        let points = (0..<1000).map { DataPoint(x: Double($0), y: Double.random(in: -1...1, using: &random)) }
        let runs = try PathText.decode(text(LinePath.project(points, frame)))
        let run = try #require(runs.first)
        #expect(run.count == points.count)
        for (position, point) in zip(run, points) {
            #expect(abs(Double(position.x) - point.x / 1000 * 6400) <= 0.5, "\(random)")
            #expect(abs(Double(position.y) - (1 - point.y) / 2 * 2400) <= 0.5 + 1e-9, "\(random)")
        }
    }

    @Test("Simplifying moves the line nowhere by more than the tolerance and keeps ends and gaps")
    func simplification() {
        var random = SeededRandom.fresh()
        for _ in 0..<40 {
            var x = 0
            var y = 0.0
            let positions: [Position] = (0..<400).map { _ in
                x += Int.random(in: 0...12, using: &random)
                y += Double.random(in: -4...4, using: &random)
                if Int.random(in: 0..<60, using: &random) == 0 { return .gap }
                return Position(x: x, y: Int(y))
            }
            let kept = LinePath.simplify(positions, tolerance: 2)
            #expect(kept.filter { $0.isGap }.count <= positions.filter { $0.isGap }.count, "\(random)")
            let full = positions.split(whereSeparator: \.isGap).map(Array.init)
            let thin = kept.split(whereSeparator: \.isGap).map(Array.init)
            #expect(full.count == thin.count, "\(random)")
            for (full, thin) in zip(full, thin) {
                #expect(full.first == thin.first && full.last == thin.last, "\(random)")
                #expect(full.allSatisfy { distance($0, thin) <= 2.0001 }, "\(random)")
            }
        }
        let straight = (0..<1000).map { Position(x: $0 * 3, y: $0 * 2) }
        #expect(LinePath.simplify(straight, tolerance: 0.5).count == 2)
    }

    /// How far a position is above or below the line.
    private func distance(_ position: LinePath.Position, _ line: [LinePath.Position]) -> Double {
        var best = Double.infinity
        for corner in line where corner.x == position.x {
            best = min(best, Double(abs(corner.y - position.y)))
        }
        for (start, end) in zip(line, line.dropFirst()) {
            if start.x == end.x, start.x == position.x,
                (min(start.y, end.y)...max(start.y, end.y)).contains(position.y)
            {
                return 0
            }
            guard start.x < end.x, (start.x...end.x).contains(position.x) else { continue }
            let share = Double(position.x - start.x) / Double(end.x - start.x)
            best = min(best, abs(Double(start.y) + share * Double(end.y - start.y) - Double(position.y)))
        }
        return best
    }

    @Test("Values far outside cost few digits and never overflow")
    func hugeValues() {
        let frame = Frame(
            x: Scale(from: 0, to: 1),
            y: Scale(from: 0, to: 1),
            widthPixels: 10,
            heightPixels: 10
        )
        let positions = LinePath.project([DataPoint(x: 0, y: 1e308), DataPoint(x: 1, y: -1e308)], frame)
        #expect(positions == [Position(x: 0, y: -5000), Position(x: 100, y: 5000)])
    }
}
