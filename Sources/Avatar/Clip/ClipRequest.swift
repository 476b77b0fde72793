/// A clip that somebody wants.
public struct ClipRequest: Sendable {
    /// Where its sound comes from.
    public enum Sound: Sendable {
        /// A voice says a text; the best voice unless one is named.
        case text(String, voice: String?, settings: VoiceSettings)
        /// Somebody has said it; what it says word for word, where that is known, makes the mouth more exact.
        case recording(Recording, text: String?, language: String?)
    }

    /// Where its sound comes from.
    public var sound: Sound
    /// Whose face; one of ``AvatarLibrary/entries``.
    public var avatar: String
    /// Whether a video is made, or sound alone.
    public var hasVideo: Bool
    /// Which engine makes the video: its name, or ``EngineChoice/automatic``.
    public var engine: String
    /// The kind of video.
    public var format: ClipFormat
    /// The side of the picture in pixels: 256 or 512.
    public var size: Int
    /// What is random follows from it.
    public var seed: UInt64

    /// The avatar where nobody asks for one.
    public static let standardAvatar = "default"
    /// The sides of pictures that are made.
    public static let sizes = [256, 512]

    /// - Parameters:
    ///   - sound: where its sound comes from.
    ///   - avatar: whose face.
    ///   - hasVideo: whether a video is made.
    ///   - engine: which engine makes it.
    ///   - format: the kind of video.
    ///   - size: the side of the picture in pixels.
    ///   - seed: what is random follows from it.
    public init(
        sound: Sound,
        avatar: String = standardAvatar,
        hasVideo: Bool = true,
        engine: String = EngineChoice.automatic,
        format: ClipFormat = .mp4,
        size: Int = 512,
        seed: UInt64 = 0
    ) {
        self.sound = sound
        self.avatar = avatar
        self.hasVideo = hasVideo
        self.engine = engine
        self.format = format
        self.size = size
        self.seed = seed
    }

    /// What is said, as far as it is known.
    public var text: String {
        switch sound {
        case .text(let text, _, _): text
        case .recording(_, let text, _): text ?? ""
        }
    }
}
