import CSndFile

/// The kinds of files that are written, all with one channel.
public enum AudioEncoding: Equatable, Sendable {
    /// WAV of 16-bit numbers: what every program reads.
    case wav16
    /// WAV of 32-bit floating-point numbers: exactly the samples.
    case wavFloat
    /// FLAC of 16 bits: half the size of ``wav16``, the same samples.
    case flac16
    /// Ogg Vorbis; the quality is 0 (small) to 1 (good), 0.5 is about 80 kbit/s for speech at 44.1 kHz.
    case oggVorbis(quality: Double)

    /// The usual ending of a file's name.
    public var fileExtension: String {
        switch self {
        case .wav16, .wavFloat: "wav"
        case .flac16: "flac"
        case .oggVorbis: "ogg"
        }
    }

    /// The type for HTTP: RFC 9639 for FLAC, RFC 5334 for Ogg, WAVE by common use.
    public var mediaType: String {
        switch self {
        case .wav16, .wavFloat: "audio/wav"
        case .flac16: "audio/flac"
        case .oggVorbis: "audio/ogg"
        }
    }

    /// libsndfile's number for it.
    var soundFileFormat: Int32 {
        switch self {
        case .wav16: Int32(SF_FORMAT_WAV) | Int32(SF_FORMAT_PCM_16)
        case .wavFloat: Int32(SF_FORMAT_WAV) | Int32(SF_FORMAT_FLOAT)
        case .flac16: Int32(SF_FORMAT_FLAC) | Int32(SF_FORMAT_PCM_16)
        case .oggVorbis: Int32(SF_FORMAT_OGG) | Int32(SF_FORMAT_VORBIS)
        }
    }
}
