public import TensorCore

/// Features of several utterances as float32, filled up with zeros to the length of the longest.
public struct PaddedFeatures: Sendable {
    /// Which of the batch's items they are, ascending.
    public let rows: [Int]
    /// Shape ``shape``, rows first.
    public let values: [Float]
    /// `[rows, layers, frames, features]`.
    public let shape: [Int]
    /// How many frames each row has without padding.
    public let frameCounts: [Int]

    /// Pads features.
    ///
    /// - Parameters:
    ///   - features: each of shape `[layers, frames, features]`, of any element type.
    ///   - rows: the item that each belongs to.
    /// - Throws: ``TrainerError/featureCache(path:reason:)`` where layers or widths differ.
    public init(_ features: [StoredTensor], rows: [Int]) throws(TrainerError) {
        let first = features.first?.shape ?? [0, 0, 0]
        guard
            features.allSatisfy({ $0.shape.count == 3 && $0.shape[0] == first[0] && $0.shape[2] == first[2] })
        else {
            throw .featureCache(
                path: "data.feature_cache",
                reason: "features of different models are mixed: \(features.map(\.shape)); empty the folder"
            )
        }
        self.rows = rows
        frameCounts = features.map { $0.shape[1] }
        let (layerCount, width, longest) = (first[0], first[2], frameCounts.max() ?? 0)
        shape = [features.count, layerCount, longest, width]
        let count = shape.reduce(1, *)
        do {
            values = try [Float](unsafeUninitializedCapacity: count) { buffer, filled in
                for (row, tensor) in features.enumerated() {
                    for layer in 0..<layerCount {
                        let start = (row * layerCount + layer) * longest * width
                        let target = UnsafeMutableBufferPointer(
                            rebasing: buffer[start..<start + longest * width]
                        )
                        try Self.fill(target, layer, of: tensor)
                    }
                }
                filled = count
            }
        } catch {
            throw .featureCache(path: "data.feature_cache", reason: "\(error)")
        }
    }

    /// Converts one layer in place, so that no second copy of it is made, and sets what is behind it to 0.
    private static func fill(
        _ target: UnsafeMutableBufferPointer<Float>,
        _ layer: Int,
        of tensor: StoredTensor
    ) throws(CheckpointFileError) {
        let size = tensor.shape[1] * tensor.shape[2]
        let part = UnsafeMutableBufferPointer(rebasing: target[..<size])
        if let (owner, range) = tensor.contiguousBytes {
            try StoredTensor(
                owner,
                storage: range,
                elementType: tensor.elementType,
                shape: [size],
                offset: layer * size
            ).fill(part)
        } else {
            _ = part.update(from: tensor.floats()[layer * size..<(layer + 1) * size])
        }
        UnsafeMutableBufferPointer(rebasing: target[size...]).update(repeating: 0)
    }
}
