import Files

/// Where a clip and what goes with it lie: `<stem>.wav`, `<stem>.mp4`, `<stem>.poster.png` and so on.
public struct ClipFiles: Sendable, Hashable {
    /// The folder with a slash and the name that all files begin with.
    public let stem: String

    /// - Parameters:
    ///   - folder: where they go.
    ///   - name: what all of them begin with.
    public init(folder: String, name: String) { stem = "\(folder)/\(name)" }

    /// The sound.
    public var audio: String { stem + ".wav" }
    /// A picture of the sound.
    public var waveform: String { stem + ".waveform.png" }

    /// The video.
    ///
    /// - Parameter format: its kind.
    /// - Returns: its path.
    public func video(_ format: ClipFormat) -> String { "\(stem).\(format.rawValue)" }

    /// Removes everything that may have been written.
    func removeAll() {
        let endings =
            [".wav", ".waveform.png", ".poster.png", ".mouth.png"]
            + ClipFormat.allCases.map { ".\($0.rawValue)" }
        for ending in endings { removeIfThere(stem + ending) }
    }

    /// Removes what belongs to a video.
    func removeVideo() {
        for ending in [".poster.png", ".mouth.png"] + ClipFormat.allCases.map({ ".\($0.rawValue)" }) {
            removeIfThere(stem + ending)
        }
    }

    /// What cannot be removed stays: there is nobody who could do better.
    private func removeIfThere(_ path: String) { try? FileSystem.removeFile(path) }
}
