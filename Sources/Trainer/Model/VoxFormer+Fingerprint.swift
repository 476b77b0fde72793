import Files
import TensorCore

extension VoxFormer {
    /// Which front end this is: equal for equal weights, in practice different for others.
    ///
    /// - Returns: hexadecimal digits.
    /// - Throws: ``TensorError`` where a device fails.
    func frontEndFingerprint() throws -> String {
        var digests: [UInt8] = []
        for parameter in parameters where parameter.name.hasPrefix("frontend.wavlm.") {
            let stored = try StoredTensor(parameter.value)
            digests += Array(stored.withContiguousBytes { ContentHash(hashing: $0).hex }.utf8)
        }
        return ContentHash(digests).hex
    }
}
