import TestSupport
import Testing

@testable import TensorCore

@Suite struct EmbeddingTests {
    @Test func rowsComeInOrderAndRepeatedOnesAddUp() throws {
        var random = SeededRandom(seed: 47)
        let ids: [Int32] = [3, 1, 3, 0, 2, 3]
        try checkOperation([.random([4, 3], &random)]) { numbers in
            ids.flatMap { id in (0..<3).map { numbers[0][Int(id) * 3 + $0] } }
        } operation: {
            try Tensor.embedded(ids, [2, 3], table: $0[0])
        }
    }

    @Test func thePaddingRowLearnsNothing() throws {
        let table = Parameter("table", try Tensor([1, 2, 3, 4], [2, 2]))
        try Tensor.embedded([0, 1, 0], [3], table: table.tensor, padding: 0).sum().backward()
        #expect(try table.gradient?.floats() == [0, 0, 1, 1])
    }

    @Test(arguments: [Int32(-1), 2])
    func idsOutsideAreErrorsThatNameThem(_ id: Int32) throws {
        #expect(
            throws: TensorError.invalidArgument(
                operation: "embedding",
                reason: "the id \(id) is not among the 2 rows of the table"
            )
        ) { try Tensor.embedded([id], [1], table: .zeros([2, 3])) }
    }

    /// Float sums depend on their order: it is that of the ids, whatever the threads do.
    @Test func sumsOfRepeatedRowsHaveTheOrderOfTheIds() throws {
        var random = SeededRandom(seed: 89)
        let (rows, width) = (17, 333)
        let ids = (0..<2000).map { _ in Int32.random(in: 0..<Int32(rows), using: &random) }
        let upstream = Input.random([2000, width], &random, range: 1e4)
        var expected = [Float](repeating: 0, count: rows * width)
        for (place, id) in ids.enumerated() where id != 5 {
            for column in 0..<width {
                expected[Int(id) * width + column] += upstream.values[place * width + column]
            }
        }
        let table = Parameter("table", try Tensor.zeros([rows, width]))
        let result = try Tensor.embedded(ids, [40, 50], table: table.tensor, padding: 5)
        try result.backward(upstream: Tensor(upstream.values, [40, 50, width]))
        #expect(try table.gradient?.floats() == expected)
    }

    @Test func thePaddingRowIsLookedUpLikeAnyOther() throws {
        let table = try Tensor([1, 2, 3, 4], [2, 2])
        #expect(try Tensor.embedded([0, 1], [2], table: table, padding: 0).floats() == [1, 2, 3, 4])
        #expect(try Tensor.embedded([], [3, 0], table: table).shape == [3, 0, 2])
    }
}
