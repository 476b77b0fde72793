import CXXHash

/// A 128-bit fingerprint of some bytes, by XXH3: tens of gigabytes a second, and no two different files of a
/// site ever share one by accident.
///
/// It identifies contents (entity tags, unchanged pages, the prefix of a log); it is not a defence against
/// someone who builds collisions on purpose.
///
/// Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
public struct ContentHash: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// The fingerprint of `bytes`.
    ///
    /// - Parameter bytes: any memory, empty too.
    public init(hashing bytes: UnsafeRawBufferPointer) {
        let hash = unsafe XXH3_128bits(bytes.baseAddress, bytes.count)
        high = hash.high64
        low = hash.low64
    }

    /// The fingerprint of `bytes`.
    ///
    /// - Parameter bytes: any array, empty too.
    public init(_ bytes: [UInt8]) {
        self = unsafe bytes.withUnsafeBytes { unsafe ContentHash(hashing: $0) }
    }

    /// 32 lower-case hexadecimal digits, most significant first, as `xxhsum -H128` prints them.
    public var hex: String {
        unsafe String(unsafeUninitializedCapacity: 32) { buffer in
            let digits: StaticString = "0123456789abcdef"
            for index in 0..<32 {
                let word = index < 16 ? high : low
                let nibble = Int(truncatingIfNeeded: word >> UInt64(60 - 4 * (index % 16))) & 15
                unsafe buffer[index] = digits.utf8Start[nibble]
            }
            return 32
        }
    }
}

extension ContentHash: CustomStringConvertible {
    /// The same as ``hex``.
    public var description: String { hex }
}
