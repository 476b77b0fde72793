/// The kinds of video that are made.
public enum ClipFormat: String, Sendable, Codable, CaseIterable {
    /// H.264 and AAC, which every browser plays; its index comes first, so that it plays while it loads.
    case mp4
    /// VP9 and Opus, free of patents and smaller, but slower to make.
    case webm

    /// The kind that a file's name asks for; nil for another ending.
    ///
    /// - Parameter path: ends in `.mp4` or `.webm`.
    public init?(path: String) {
        guard let dot = path.lastIndex(of: ".") else { return nil }
        self.init(rawValue: path[path.index(after: dot)...].lowercased())
    }

    /// The type for HTTP.
    public var mediaType: String { "video/\(rawValue)" }

    /// How ffmpeg is told.
    ///
    /// Few pictures are kept in flight, which takes 25 MB less and changes no picture: no queue of x264 in a thread of
    /// its own, two threads, and a third of the 25 pictures that libvpx looks ahead. ffmpeg's usual AAC coder searches long for what speech at this rate does not need. The colours are converted and marked as ITU-R BT.709, which players assume.
    var encoderArguments: [String] {
        let colors = [
            "-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
            "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
        ]
        switch self {
        case .mp4:
            return colors + [
                "-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-pix_fmt", "yuv420p",
                "-threads", "2", "-x264-params", "sync-lookahead=0",
                "-c:a", "aac", "-aac_coder", "fast", "-b:a", "128k", "-movflags", "+faststart", "-f", "mp4",
            ]
        case .webm:
            return colors + [
                "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "7", "-row-mt", "1", "-crf", "34",
                "-b:v", "0", "-lag-in-frames", "8", "-threads", "2", "-pix_fmt", "yuv420p", "-c:a", "libopus",
                "-b:a", "96k", "-f", "webm",
            ]
        }
    }
}
