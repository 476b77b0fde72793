import CSndFile
import Files

/// Writes signals as sound files.
///
/// Safe to call from any number of threads at once. The encoded file is held in memory meanwhile.
public enum AudioWriter {
    /// Frames that are handed on at once: libsndfile's Vorbis puts whatever it is given on the stack.
    private static let blockFrameCount = 4_096

    /// The bytes of a sound file.
    ///
    /// WAV and FLAC are a function of the signal alone; Ogg carries a random serial number.
    ///
    /// - Parameters:
    ///   - signal: any length; samples beyond -1...1 are clipped, by ``AudioEncoding/wavFloat`` too.
    ///   - encoding: the kind of file.
    /// - Returns: a whole file.
    /// - Throws: ``AudioError/encoding(target:reason:)``: a sample that is not a number, a rate that the format
    ///   does not have.
    public static func encode(
        _ signal: AudioSignal,
        as encoding: AudioEncoding
    ) throws(AudioError) -> [UInt8] {
        try encode(signal, as: encoding, target: "the \(encoding.fileExtension) file")
    }

    /// Replaces the file at `path` by the signal: a reader sees the old file or the new, never a part.
    ///
    /// - Parameters:
    ///   - signal: any length; samples beyond -1...1 are clipped.
    ///   - path: the file; its folder must exist.
    ///   - encoding: the kind of file.
    ///   - synchronizing: whether to wait for the device, for what cannot be made again.
    /// - Throws: ``AudioError/encoding(target:reason:)``, ``AudioError/file(_:)``; the old file is then as it was.
    public static func write(
        _ signal: AudioSignal,
        to path: String,
        as encoding: AudioEncoding,
        synchronizing: Bool = false
    ) throws(AudioError) {
        let bytes = try encode(signal, as: encoding, target: path)
        do {
            try AtomicFile.write(bytes, to: path, synchronizing: synchronizing)
        } catch {
            throw .file(error)
        }
    }

    private static func encode(
        _ signal: AudioSignal,
        as encoding: AudioEncoding,
        target: String
    ) throws(AudioError) -> [UInt8] {
        guard AudioLimits.sampleRatesHz.contains(signal.sampleRateHz) else {
            throw .encoding(target: target, reason: "a sample rate of \(signal.sampleRateHz) Hz")
        }
        guard signal.samples.allSatisfy(\.isFinite) else {
            throw .encoding(target: target, reason: "a sample is infinite or not a number")
        }
        let file = VirtualFile()
        var information = SF_INFO()
        information.samplerate = Int32(signal.sampleRateHz)
        information.channels = 1
        information.format = encoding.soundFileFormat
        try write(
            signal.samples,
            to: SoundHandle(writing: file, information, target: target),
            encoding,
            target
        )
        // The handle is gone by now, and with it what the format writes at the end.
        return file.bytes
    }

    private static func write(
        _ samples: [Float],
        to handle: consuming SoundHandle,
        _ encoding: AudioEncoding,
        _ target: String
    ) throws(AudioError) {
        // A chunk with the peak would carry the time of day into the file.
        _ = unsafe sf_command(handle.pointer, Int32(SFC_SET_ADD_PEAK_CHUNK), nil, Int32(SF_FALSE))
        if case .oggVorbis(var quality) = encoding {
            quality = min(max(quality.isFinite ? quality : 0.5, 0), 1)
            _ = unsafe sf_command(
                handle.pointer,
                Int32(SFC_SET_VBR_ENCODING_QUALITY),
                &quality,
                Int32(MemoryLayout<Double>.size)
            )
        }
        var start = 0
        while start < samples.count {
            let block = samples[start..<min(start + blockFrameCount, samples.count)]
            let written = write(block, to: handle, encoding)
            guard written == block.count else {
                throw .encoding(target: target, reason: handle.lastError() ?? "no more memory")
            }
            start = block.endIndex
        }
    }

    /// Writes one block; returns how many frames went.
    private static func write(
        _ block: ArraySlice<Float>,
        to handle: borrowing SoundHandle,
        _ encoding: AudioEncoding
    ) -> Int {
        switch encoding {
        case .wav16, .flac16:
            // libsndfile rounds down, so 16-bit samples would change by being read and written.
            let numbers = block.map { Int16(min(max(($0 * 32_768).rounded(), -32_768), 32_767)) }
            return unsafe Int(sf_writef_short(handle.pointer, numbers, sf_count_t(numbers.count)))
        case .wavFloat, .oggVorbis:
            let clipped = block.map { min(max($0, -1), 1) }
            return unsafe Int(sf_writef_float(handle.pointer, clipped, sf_count_t(clipped.count)))
        }
    }
}
