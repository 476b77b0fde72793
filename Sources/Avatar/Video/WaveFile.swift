import Audio
import Files
import Glibc

/// Sound files that are written.
enum WaveFile {
    /// Writes sound as 16-bit WAV, block by block, so that a long one is never in memory as a whole.
    ///
    /// Format: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0", 1991.
    ///
    /// - Parameters:
    ///   - blocks: one channel; what is beyond full scale is clipped, what is no number is silence.
    ///   - sampleCount: how many samples will come.
    ///   - path: the file, which appears when it is whole.
    ///   - visit: sees every block.
    /// - Throws: ``AvatarError/clipRefused(reason:)`` for more than 4 GiB or another number of samples,
    ///   ``AvatarError/file(_:)``, what the blocks throw.
    static func write(
        _ blocks: consuming SoundBlocks,
        sampleCount: Int,
        to path: String,
        visit: ([Float]) -> Void = { _ in }
    ) throws {
        let header = try header(sampleCount: sampleCount, rateHz: blocks.sampleRateHz)
        var failure: (any Error)?
        var blocks = blocks
        do {
            try AtomicFile.write(to: path, synchronizing: false) { file throws(FilesError) in
                try file.write(header)
                var count = 0
                do {
                    while let block = try blocks.next() {
                        count += block.count
                        visit(block)
                        try file.write(bytes(of: block))
                    }
                    guard count == sampleCount else {
                        throw AvatarError.clipRefused(
                            reason: "the sound changed while it was read: it has \(count) samples instead of "
                                + "\(sampleCount); try again"
                        )
                    }
                } catch let error as FilesError {
                    throw error
                } catch {
                    failure = error
                    throw .system(operation: "write", path: path, code: ECANCELED)
                }
            }
        } catch {
            throw failure ?? AvatarError.file(error)
        }
    }

    private static func header(sampleCount: Int, rateHz: Int) throws(AvatarError) -> [UInt8] {
        guard sampleCount <= (Int(UInt32.max) - 36) / 2, let rate = UInt32(exactly: rateHz),
            rate <= UInt32.max / 2
        else { throw .clipRefused(reason: "the sound is longer than a WAV file can be; cut it into parts") }
        let byteCount = sampleCount * 2
        var header = Array("RIFF".utf8)
        func number(_ value: UInt32, bytes: Int) {
            for index in 0..<bytes { header.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * index))) }
        }
        number(UInt32(36 + byteCount), bytes: 4)
        header += Array("WAVEfmt ".utf8)
        number(16, bytes: 4)
        number(1, bytes: 2)
        number(1, bytes: 2)
        number(rate, bytes: 4)
        number(rate * 2, bytes: 4)
        number(2, bytes: 2)
        number(16, bytes: 2)
        header += Array("data".utf8)
        number(UInt32(byteCount), bytes: 4)
        return header
    }

    private static func bytes(of samples: [Float]) -> [UInt8] {
        samples.map { sample in
            let finite = sample.isFinite ? sample : 0
            return Int16(min(max((finite * 32_768).rounded(), -32_768), 32_767)).littleEndian
        }.withUnsafeBytes { Array($0) }
    }
}
