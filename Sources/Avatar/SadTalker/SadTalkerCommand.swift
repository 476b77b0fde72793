/// The command line of SadTalker's `inference.py`.
///
/// Source: `inference.py` of OpenTalker/SadTalker at cd4c046.
public struct SadTalkerCommand: Sendable, Hashable {
    /// The folder it runs in: it finds its own settings from there.
    public var folder: String
    /// The Python that runs it.
    public var python: String
    /// Its arguments, the script first.
    public var arguments: [String]

    /// - Parameters:
    ///   - configuration: where it is, and how it is to draw.
    ///   - audio: the recording that it moves the face to.
    ///   - portrait: the picture; its ending must say what it is.
    ///   - results: the folder that the video goes to.
    public init(
        _ configuration: SadTalkerConfiguration,
        audio: String,
        portrait: String,
        results: String
    ) {
        folder = configuration.checkout
        python = configuration.python
        arguments = [
            "inference.py",
            "--driven_audio", audio,
            "--source_image", portrait,
            "--result_dir", results,
            "--checkpoint_dir", configuration.checkpoints,
            "--size", "\(configuration.size.rawValue)",
            "--preprocess", configuration.preprocess.rawValue,
            "--batch_size", "\(configuration.batchSize)",
            "--pose_style", "\(configuration.poseStyle)",
        ]
        if let enhancer = configuration.enhancer { arguments += ["--enhancer", enhancer.rawValue] }
        if configuration.isStill { arguments.append("--still") }
        if configuration.usesOldVersion { arguments.append("--old_version") }
    }

    /// Any other program of the same Python in the same folder.
    init(folder: String, python: String, arguments: [String]) {
        self.folder = folder
        self.python = python
        self.arguments = arguments
    }

    /// What its Python needs to know beyond its usual environment.
    ///
    /// Output must come line by line to be shown as progress, and text in UTF-8 whatever the account's language.
    static let environment = ["PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"]
}
