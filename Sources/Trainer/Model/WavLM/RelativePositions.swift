import Glibc
import TensorCore

/// Classes of distances: each by itself while near, ever wider ones farther away, apart by direction.
///
/// Source: Raffel et al., "Exploring the Limits of Transfer Learning" (T5), 2020, in WavLM's form.
struct RelativePositions: Sendable {
    let bucketCount: Int
    let maximumDistance: Int

    /// The class of a distance.
    ///
    /// - Parameter distance: the key's position less the query's.
    /// - Returns: from 0 up to the number of classes.
    func bucket(_ distance: Int) -> Int {
        let half = bucketCount / 2
        let exact = half / 2
        let magnitude = abs(distance)
        var bucket = magnitude
        if magnitude >= exact {
            let share = log(Double(magnitude) / Double(exact)) / log(Double(maximumDistance) / Double(exact))
            bucket = min(half - 1, exact + Int(share * Double(half - exact)))
        }
        return distance > 0 ? bucket + half : bucket
    }

    /// What is added to scores, by distance.
    ///
    /// - Parameters:
    ///   - table: `[buckets, heads]`.
    ///   - frameCount: T.
    /// - Returns: `[heads, 2·T − 1]`, from distance `1 − T` on.
    /// - Throws: ``TensorError``.
    func bias(_ table: Tensor, frameCount: Int) throws(TensorError) -> Tensor {
        let distances = frameCount > 0 ? Array((1 - frameCount)...(frameCount - 1)) : []
        let ids = distances.map { Int32(bucket($0)) }
        return try Tensor.embedded(ids, [ids.count], table: table).transposed(0, 1).contiguous()
    }
}
