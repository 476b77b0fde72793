import Files

/// Where a clip and what goes with it lie: `<stem>.wav`, `<stem>.mp4`, `<stem>.poster.png` and so on.
public struct ClipFiles: Sendable, Hashable {
    /// The folder with a slash and the name that all files begin with.
    public let stem: String

    /// - Parameters:
    ///   - folder: where they go.
    ///   - name: what all of them begin with.
    public init(folder: String, name: String) { stem = "\(folder)/\(name)" }

    /// The files that go with a video: `a.mp4` has `a.poster.png` and `a.mouth.png`.
    ///
    /// - Parameter video: its path.
    init(video: String) {
        let name = FileSystem.name(of: video)
        let ending = name.lastIndex(of: ".").map { name.distance(from: $0, to: name.endIndex) } ?? 0
        stem = String(video.dropLast(ending))
    }

    /// The sound.
    public var audio: String { stem + Self.audioEnding }
    /// A picture of the sound.
    public var waveform: String { stem + Self.waveformEnding }

    /// The video.
    ///
    /// - Parameter format: its kind.
    /// - Returns: its path.
    public func video(_ format: ClipFormat) -> String { "\(stem).\(format.rawValue)" }

    /// A picture to show before the video plays.
    var poster: String { stem + Self.posterEnding }
    /// The mouth's opening over the loudness.
    var mouth: String { stem + Self.mouthEnding }

    private static let audioEnding = ".wav"
    private static let waveformEnding = ".waveform.png"
    private static let posterEnding = ".poster.png"
    private static let mouthEnding = ".mouth.png"
    /// What belongs to a video.
    private static let videoEndings =
        ClipFormat.allCases.map { ".\($0.rawValue)" } + [posterEnding, mouthEnding]
    /// Of everything that a clip may have.
    static let endings = [audioEnding, waveformEnding] + videoEndings

    /// Removes everything that may have been written.
    func removeAll() { remove(Self.endings) }

    /// Removes what belongs to a video.
    func removeVideo() { remove(Self.videoEndings) }

    /// What cannot be removed stays: there is nobody who could do better.
    private func remove(_ endings: [String]) {
        for ending in endings { try? FileSystem.removeFile(stem + ending) }
    }
}
