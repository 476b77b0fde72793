import CSndFile

/// The file formats that are read.
///
/// libsndfile knows more, samplers' and games' formats among them, which nobody sends on purpose: their parsers
/// are never reached by bytes from outside.
public enum AudioContainer: String, Sendable, CaseIterable {
    /// RIFF WAVE, also with an extensible header or big-endian.
    case wav
    /// WAVE with 64-bit sizes, EBU Tech 3306.
    case rf64
    /// Sony Wave64.
    case w64
    /// AIFF and AIFF-C.
    case aiff
    /// Sun and NeXT `.snd`.
    case au
    /// Apple's Core Audio Format.
    case caf
    /// Free Lossless Audio Codec.
    case flac
    /// Ogg with Vorbis, Opus or FLAC in it.
    case ogg
    /// MPEG audio: MP3 and its predecessors.
    case mpeg
    /// NIST SPHERE, as old speech corpora use it.
    case nist

    /// The container in libsndfile's description of a file; nil for one that is not read.
    init?(soundFileFormat: Int32) {
        switch Int(soundFileFormat) & Int(SF_FORMAT_TYPEMASK) {
        case Int(SF_FORMAT_WAV), Int(SF_FORMAT_WAVEX): self = .wav
        case Int(SF_FORMAT_RF64): self = .rf64
        case Int(SF_FORMAT_W64): self = .w64
        case Int(SF_FORMAT_AIFF): self = .aiff
        case Int(SF_FORMAT_AU): self = .au
        case Int(SF_FORMAT_CAF): self = .caf
        case Int(SF_FORMAT_FLAC): self = .flac
        case Int(SF_FORMAT_OGG): self = .ogg
        case Int(SF_FORMAT_MPEG): self = .mpeg
        case Int(SF_FORMAT_NIST): self = .nist
        default: return nil
        }
    }
}

/// How the samples are written inside a container.
public enum SampleCoding: String, Sendable, CaseIterable {
    /// Whole numbers of 8 bits, signed or not.
    case pcm8
    /// Whole numbers of 16 bits.
    case pcm16
    /// Whole numbers of 24 bits.
    case pcm24
    /// Whole numbers of 32 bits.
    case pcm32
    /// IEEE 754 single precision.
    case float32
    /// IEEE 754 double precision.
    case float64
    /// G.711 A-law.
    case aLaw
    /// G.711 µ-law.
    case muLaw
    /// Ogg Vorbis.
    case vorbis
    /// Opus.
    case opus
    /// MPEG audio of any layer.
    case mpeg
    /// Something else that libsndfile decodes: ADPCM, GSM 06.10, ALAC.
    case other

    /// The coding in libsndfile's description of a file.
    init(soundFileFormat: Int32) {
        switch Int(soundFileFormat) & Int(SF_FORMAT_SUBMASK) {
        case Int(SF_FORMAT_PCM_S8), Int(SF_FORMAT_PCM_U8): self = .pcm8
        case Int(SF_FORMAT_PCM_16): self = .pcm16
        case Int(SF_FORMAT_PCM_24): self = .pcm24
        case Int(SF_FORMAT_PCM_32): self = .pcm32
        case Int(SF_FORMAT_FLOAT): self = .float32
        case Int(SF_FORMAT_DOUBLE): self = .float64
        case Int(SF_FORMAT_ALAW): self = .aLaw
        case Int(SF_FORMAT_ULAW): self = .muLaw
        case Int(SF_FORMAT_VORBIS): self = .vorbis
        case Int(SF_FORMAT_OPUS): self = .opus
        case Int(SF_FORMAT_MPEG_LAYER_I), Int(SF_FORMAT_MPEG_LAYER_II), Int(SF_FORMAT_MPEG_LAYER_III):
            self = .mpeg
        default: self = .other
        }
    }
}
