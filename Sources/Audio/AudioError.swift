public import Files

/// Why sound could not be read, converted or written.
///
/// `source` is the path of the file, or the name that the caller gave to bytes in memory.
public enum AudioError: Error, Equatable, Sendable {
    /// A file that is missing or cannot be read or written.
    case file(FilesError)
    /// There is no sound in it: no byte, or a header and no sample.
    case empty(source: String, byteCount: Int)
    /// Its first bytes are those of no sound file that is read here.
    case notAudio(source: String, looksLike: String?)
    /// A sound file, but of a kind or with properties that are not read.
    case unsupported(source: String, reason: String)
    /// A sound file that breaks its own format; the frame where that showed, nil for the header.
    case damaged(source: String, frame: Int?, reason: String)
    /// The file ends before the frames that its header claims.
    case truncated(source: String, claimedFrameCount: Int, presentFrameCount: Int)
    /// More sound than the caller allows in memory.
    case tooLong(source: String, limitSampleCount: Int)
    /// A part was asked for that the file does not have.
    case outOfRange(source: String, frames: Range<Int>, frameCount: Int)
    /// These two rates cannot be converted into each other.
    case resampling(inputRateHz: Int, outputRateHz: Int, reason: String)
    /// A signal that this kind of file cannot hold.
    case encoding(target: String, reason: String)
}

extension AudioError: CustomStringConvertible {
    /// What failed and where, why, and what to do next.
    ///
    ///     a.flac: cut off: 91200 of 160000 frames are there; fetch the file again
    public var description: String {
        switch self {
        case .file(let error): return error.description
        case .empty(let source, let byteCount):
            let what = byteCount == 0 ? "it has 0 bytes" : "its header is followed by no sample"
            return "\(Self.printable(source)): no sound in it: \(what); record or fetch it again"
        case .notAudio(let source, let looksLike):
            let what =
                looksLike.map { "it looks like \($0)" } ?? "its first bytes are those of no known format"
            return "\(Self.printable(source)): not a sound file that can be read: \(what); convert it first: "
                + "ffmpeg -i INPUT -ac 1 OUTPUT.flac"
        case .unsupported(let source, let reason):
            return "\(Self.printable(source)): cannot be read: \(reason); convert it first: "
                + "ffmpeg -i INPUT -ac 1 OUTPUT.flac"
        case .damaged(let source, let frame, let reason):
            let place = frame.map { "after frame \($0)" } ?? "in the header"
            return "\(Self.printable(source)): damaged \(place): \(reason); fetch or record it again"
        case .truncated(let source, let claimed, let present):
            return "\(Self.printable(source)): cut off: \(present) of \(claimed) frames are there; fetch the "
                + "file again"
        case .tooLong(let source, let limit):
            return "\(Self.printable(source)): longer than the \(limit) samples allowed at once; cut it into "
                + "parts, or read it block by block"
        case .outOfRange(let source, let frames, let count):
            return "\(Self.printable(source)): frames \(frames.lowerBound)..<\(frames.upperBound) were asked "
                + "for, but it has \(count); ask for a part of 0..<\(count)"
        case .resampling(let input, let output, let reason):
            return "cannot convert \(input) Hz to \(output) Hz: \(reason); use rates of "
                + "\(AudioLimits.sampleRatesHz.lowerBound) to \(AudioLimits.sampleRatesHz.upperBound) Hz"
        case .encoding(let target, let reason):
            return "\(Self.printable(target)): cannot be written: \(reason)"
        }
    }

    /// A name from outside as one short line of visible text.
    private static func printable(_ source: String) -> String {
        var text = ""
        for scalar in source.unicodeScalars.prefix(512) {
            if scalar.properties.generalCategory == .control {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return source.unicodeScalars.count > 512 ? text + "…" : text
    }
}
