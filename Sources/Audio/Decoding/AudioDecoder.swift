import CSndFile
import Files
import Glibc

/// Turns a sound file into mono samples, block by block, in memory that does not grow with the file.
///
/// Every block is the mean of the channels, clipped to -1...1. The samples are those of the file: for another
/// rate wrap the decoder in an ``AudioStream``. What the header claims is never believed when memory is
/// reserved, and no input traps.
///
/// Any thread may use a decoder, one at a time, which `mutating` sees to. Decoders do not share anything;
/// opening alone waits for others that are opening.
public struct AudioDecoder: ~Copyable {
    /// What the file says about itself.
    public let information: AudioInformation
    /// The path, or the name of the bytes in memory.
    public let source: String
    /// The next block's first frame.
    public private(set) var position: Int

    private let handle: SoundHandle
    private let allowsTruncation: Bool
    private var mixer: ChannelMixer
    private var isAtEnd: Bool

    /// Frames per block unless told otherwise: four seconds at 16 kHz.
    public static let standardBlockFrameCount = 65_536
    /// No block is longer, so that a block of 64 channels stays below 64 MiB.
    private static let longestBlockFrameCount = 1 << 18
    /// By how much the claim of a Xing header may miss: the decoder's delay, in the frames of MPEG.
    private static let mpegToleranceFrameCount = 4 * 1_152

    /// Opens a file on disk.
    ///
    /// - Parameters:
    ///   - path: any path; symbolic links are followed, pipes and devices refused.
    ///   - allowsTruncation: whether a file that ends too early is taken as it is.
    /// - Throws: ``AudioError``: missing, empty, no sound file, damaged, or beyond ``AudioLimits``.
    public init(path: String, allowsTruncation: Bool = false) throws(AudioError) {
        let file = try Self.reading { () throws(FilesError) in try VirtualFile(path: path) }
        self = try Self.open(file, source: path, allowsTruncation: allowsTruncation)
    }

    /// Opens bytes in memory, as they are uploaded.
    ///
    /// - Parameters:
    ///   - bytes: a whole sound file.
    ///   - name: what messages call it.
    ///   - allowsTruncation: whether bytes that end too early are taken as they are.
    /// - Throws: ``AudioError``: empty, no sound file, damaged, or beyond ``AudioLimits``.
    public init(bytes: [UInt8], name: String, allowsTruncation: Bool = false) throws(AudioError) {
        self = try Self.open(VirtualFile(bytes: bytes), source: name, allowsTruncation: allowsTruncation)
    }

    private init(
        _ handle: consuming SoundHandle,
        _ information: AudioInformation,
        source: String,
        allowsTruncation: Bool
    ) {
        self.handle = handle
        position = 0
        isAtEnd = false
        self.information = information
        self.source = source
        self.allowsTruncation = allowsTruncation
        mixer = ChannelMixer(channelCount: information.channelCount)
    }

    private static func open(
        _ file: VirtualFile,
        source: String,
        allowsTruncation: Bool
    ) throws(AudioError) -> AudioDecoder {
        guard file.byteCount > 0 else { throw .empty(source: source, byteCount: 0) }
        let head = try reading { () throws(FilesError) in
            try file.read(at: 0, count: ContainerSniffer.headByteCount)
        }
        guard ContainerSniffer.isKnown(head) else {
            throw .notAudio(source: source, looksLike: ContainerSniffer.description(of: head))
        }
        let handle = try SoundHandle(reading: file, source: source)
        let information = try information(handle, source: source)
        return AudioDecoder(handle, information, source: source, allowsTruncation: allowsTruncation)
    }

    /// The next samples of the file.
    ///
    /// - Parameter frameCount: how many at most, 1 or more; blocks over 2^18 are shortened to that.
    /// - Returns: one sample per frame, fewer only before the end; nil at the end.
    /// - Throws: ``AudioError/damaged(source:frame:reason:)``,
    ///   ``AudioError/truncated(source:claimedFrameCount:presentFrameCount:)`` in place of nil,
    ///   ``AudioError/file(_:)``. The decoder has then come to its end.
    public mutating func nextBlock(
        frameCount: Int = AudioDecoder.standardBlockFrameCount
    ) throws(AudioError) -> [Float]? {
        precondition(frameCount > 0, "a block needs a frame")
        guard !isAtEnd else { return nil }
        let wanted = min(frameCount, Self.longestBlockFrameCount)
        let pointer = unsafe handle.pointer
        var count = 0
        let block = unsafe mixer.mix(frameCount: wanted) { target in
            count = unsafe min(max(0, Int(sf_readf_float(pointer, target, sf_count_t(wanted)))), wanted)
            return count
        }
        if let failure = handle.file.failure {
            isAtEnd = true
            throw .file(failure)
        }
        if let reason = handle.lastError() {
            isAtEnd = true
            // libsndfile stops at what is broken: with bytes left, that is damage, otherwise the end is missing.
            let isCut = handle.file.position >= handle.file.byteCount
            if !isCut || !allowsTruncation {
                let truncation = isCut ? truncation(presentFrameCount: position + count) : nil
                throw truncation ?? .damaged(source: source, frame: position + count, reason: reason)
            }
        }
        guard let block else {
            isAtEnd = true
            throw .damaged(source: source, frame: position, reason: "a sample is not a number")
        }
        position += block.count
        guard block.isEmpty else { return block }
        isAtEnd = true
        if let truncation = truncation(presentFrameCount: position) { throw truncation }
        return nil
    }

    /// Goes to a frame, so that the next block begins there.
    ///
    /// Exact in every format but MPEG, where the first samples may lack what came before them.
    ///
    /// - Parameter frame: from the file's start, 0 or more.
    /// - Throws: ``AudioError/outOfRange(source:frames:frameCount:)``: the file is known to be shorter;
    ///   ``AudioError/truncated(source:claimedFrameCount:presentFrameCount:)`` and
    ///   ``AudioError/damaged(source:frame:reason:)``:
    ///   the place cannot be reached.
    public mutating func seek(toFrame frame: Int) throws(AudioError) {
        precondition(frame >= 0, "frames are counted from 0")
        if let count = information.frameCount, !information.isFrameCountEstimated, frame > count {
            throw .outOfRange(source: source, frames: frame..<frame, frameCount: count)
        }
        guard frame != position || isAtEnd else { return }
        let presentFrameCount = Int(handle.information.frames)
        if frame > presentFrameCount {
            throw truncation(presentFrameCount: presentFrameCount)
                ?? .outOfRange(source: source, frames: frame..<frame, frameCount: presentFrameCount)
        }
        guard unsafe sf_seek(handle.pointer, sf_count_t(frame), Int32(SEEK_SET)) == sf_count_t(frame) else {
            if let failure = handle.file.failure { throw .file(failure) }
            let reason = handle.lastError() ?? "frame \(frame) cannot be reached"
            throw .damaged(source: source, frame: position, reason: reason)
        }
        position = frame
        isAtEnd = false
    }

    /// The length of the encoded file.
    var byteCount: Int { handle.file.byteCount }

    /// The error for an end after `presentFrameCount` frames; nil where that is the end.
    private func truncation(presentFrameCount: Int) -> AudioError? {
        guard !allowsTruncation, !information.isFrameCountEstimated, let claimed = information.frameCount
        else {
            return nil
        }
        let tolerance = information.container == .mpeg ? Self.mpegToleranceFrameCount : 0
        guard presentFrameCount < claimed - tolerance else { return nil }
        return .truncated(source: source, claimedFrameCount: claimed, presentFrameCount: presentFrameCount)
    }

    private static func reading<Result>(
        _ body: () throws(FilesError) -> Result
    ) throws(AudioError) -> Result {
        do { return try body() } catch { throw .file(error) }
    }

    /// What libsndfile found, checked against ``AudioLimits`` and the header's own claim.
    private static func information(
        _ handle: borrowing SoundHandle,
        source: String
    ) throws(AudioError) -> AudioInformation {
        let found = handle.information
        guard let container = AudioContainer(soundFileFormat: found.format) else {
            throw .notAudio(source: source, looksLike: nil)
        }
        guard AudioLimits.channelCounts.contains(Int(found.channels)) else {
            throw .unsupported(source: source, reason: "it has \(found.channels) channels")
        }
        guard AudioLimits.sampleRatesHz.contains(Int(found.samplerate)) else {
            throw .unsupported(source: source, reason: "its sample rate is \(found.samplerate) Hz")
        }
        let file = handle.file
        let claim = try reading { () throws(FilesError) in try HeaderClaim(of: file, container: container) }
        let isKnown = found.frames >= 0 && found.frames < sf_count_t(1) << 48
        let present = isKnown ? Int(found.frames) : nil
        let frameCount = claim.frameCount.map { max($0, present ?? 0) } ?? present
        return AudioInformation(
            container: container,
            coding: SampleCoding(soundFileFormat: found.format),
            sampleRateHz: Int(found.samplerate),
            channelCount: Int(found.channels),
            frameCount: frameCount,
            isFrameCountEstimated: container == .mpeg && !claim.hasXingHeader
        )
    }
}

/// `@unchecked Sendable`: the handle and the bytes behind it belong to this value alone, which cannot be copied;
/// every use of them is `mutating`, so no two threads are in them at once, and neither is bound to a thread.
extension AudioDecoder: @unchecked Sendable {}
