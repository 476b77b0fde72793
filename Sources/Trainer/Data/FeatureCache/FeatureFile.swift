import Files
import TensorCore

/// One file of features: safetensors with one float16 tensor and a checksum of its bytes.
enum FeatureFile {
    /// What the tensor is called.
    static let tensorName = "features"

    /// Writes features: whole or not at all.
    ///
    /// Not synchronised: what a power cut takes is found damaged by its checksum, and computed again.
    ///
    /// - Parameters:
    ///   - features: float16, shape `[layers, frames, features]`.
    ///   - key: what they depend on.
    ///   - path: the file; its folder must exist.
    /// - Throws: ``CheckpointFileError``.
    static func write(
        _ features: StoredTensor,
        key: FeatureKey,
        to path: String
    ) throws(CheckpointFileError) {
        try SafetensorsFile.write(
            [SafetensorsFile.Entry(tensorName, features)],
            metadata: ["key": key.text, "shape": "\(features.shape)", "xxh3": checksum(features)],
            to: path,
            synchronizing: false
        )
    }

    /// Reads features of a key.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - key: what they must depend on.
    /// - Returns: pages of the file, whose bytes have been checked; nil where it is not what was written.
    /// - Throws: ``CheckpointFileError`` where it cannot be read, or is no such file.
    static func read(_ path: String, key: FeatureKey) throws(CheckpointFileError) -> StoredTensor? {
        let file = try SafetensorsFile(path)
        guard file.metadata["key"] == key.text, let features = file[tensorName],
            features.elementType == .float16, features.shape.count == 3,
            file.metadata["shape"] == "\(features.shape)",
            file.metadata["xxh3"] == checksum(features)
        else { return nil }
        return features
    }

    private static func checksum(_ features: StoredTensor) -> String {
        features.withContiguousBytes { ContentHash(hashing: $0).hex }
    }
}
