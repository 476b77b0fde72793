/// What the avatar API makes clips with, and how many.
public struct AvatarAPIConfiguration: Sendable {
    /// Makes the clips.
    public var maker: ClipMaker
    /// The folder of runs that they go to.
    public var runs: String
    /// Who may make clips.
    public var access: APIAccess
    /// The one folder of avatars, of those of ``maker``, where points of photographs are written.
    public var ownAvatars: String?
    /// How many clips may wait.
    public var waitingLimit = 8
    /// How long the sound of one may take, in seconds; nothing is left of it then.
    public var soundSeconds = 300.0
    /// How long each engine may take for the video of one, in seconds, where it does not give itself more; the sound
    /// is kept then.
    public var videoSeconds = 600.0
    /// A clip that nobody asks for so long is given up.
    public var abandonedSeconds = 30.0
    /// How many bytes of clips are kept; the oldest go first.
    public var mediaQuotaBytes = 2 << 30

    /// - Parameters:
    ///   - maker: makes the clips.
    ///   - runs: the folder of runs that they go to.
    ///   - access: who may make clips.
    public init(maker: ClipMaker, runs: String, access: APIAccess) {
        self.maker = maker
        self.runs = runs
        self.access = access
    }
}
