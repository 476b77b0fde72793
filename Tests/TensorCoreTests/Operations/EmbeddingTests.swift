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
}
