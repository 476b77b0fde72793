import Audio
import TestSupport
import Testing

@testable import Avatar

@Suite("Warping one signal onto another")
struct DynamicTimeWarpingTests {
    /// Random walks look like nothing but themselves.
    private func walk(_ count: Int, _ random: inout SeededRandom) -> [[Float]] {
        var place: [Float] = [0, 0, 0]
        return (0..<count).map { _ in
            for index in place.indices { place[index] += Float.random(in: -1...1, using: &random) }
            return place
        }
    }

    private func matrix(_ rows: [[Float]]) -> FrameMatrix {
        FrameMatrix(values: rows.flatMap { $0 }, frameCount: rows.count, featureCount: 3)
    }

    @Test("a stretched signal is found again, coarse to fine as well as a whole")
    func stretched() throws {
        var random = SeededRandom.fresh()
        for count in [40, 400, 1_501] {
            let rows = walk(count, &random)
            // Each frame once to three times, as somebody who speaks unevenly.
            var places: [Int] = []
            for index in rows.indices {
                places += Array(repeating: index, count: Int.random(in: 1...3, using: &random))
            }
            let path = try DynamicTimeWarping().path(
                reference: matrix(rows),
                target: matrix(places.map { rows[$0] })
            )
            let errors = path.map { abs(places[$0.target] - $0.reference) }
            #expect(errors.max() ?? 99 <= 1, "\(random)")
        }
    }

    @Test(
        "a path never goes back and meets every frame of both",
        arguments: [(1, 1), (1, 50), (50, 1), (97, 300), (500, 101)]
    )
    func paths(one: Int, other: Int) throws {
        var random = SeededRandom.fresh()
        let path = try DynamicTimeWarping().path(
            reference: matrix(walk(one, &random)),
            target: matrix(walk(other, &random))
        )
        #expect(path.first == .init(reference: 0, target: 0))
        #expect(path.last == .init(reference: one - 1, target: other - 1))
        for (before, after) in zip(path, path.dropFirst()) {
            let (step, side) = (after.reference - before.reference, after.target - before.target)
            #expect((0...1).contains(step) && (0...1).contains(side) && step + side > 0, "\(random)")
        }
    }

    @Test("nothing has no path")
    func empty() throws {
        let none = FrameMatrix(values: [], frameCount: 0, featureCount: 3)
        #expect(try DynamicTimeWarping().path(reference: none, target: none).isEmpty)
    }
}
