import Files
import Foundation

/// Where SadTalker is installed, and how it is to draw.
public struct SadTalkerConfiguration: Sendable, Hashable {
    /// How large the face is drawn, in pixels; each size has weights of its own.
    public enum Size: Int, Sendable, CaseIterable {
        case pixels256 = 256
        case pixels512 = 512
    }

    /// What repairs the face in every frame afterwards; the video is then twice as wide and high.
    public enum Enhancer: String, Sendable, CaseIterable {
        case gfpgan
        case restoreFormer = "RestoreFormer"
    }

    /// What becomes of the portrait around the face.
    public enum Preprocess: String, Sendable, CaseIterable {
        /// The face alone.
        case crop
        /// The face with more around it.
        case extcrop
        /// The whole picture, made as large as the face.
        case resize
        /// The face, put back into the whole picture.
        case full
        /// The face with more around it, put back.
        case extfull
    }

    /// The folder with `inference.py`, on the machine that runs it.
    public var checkout: String
    /// The Python that has its packages: a name, or an absolute path.
    public var python = "python3"
    /// The folder with the weights; in the checkout unless it is absolute.
    public var checkpoints = "checkpoints"
    /// How large the face is drawn.
    public var size = Size.pixels256
    /// What repairs the face; nil for nothing.
    public var enhancer: Enhancer?
    /// What becomes of the portrait around the face.
    public var preprocess = Preprocess.crop
    /// Whether the head keeps still, which `full` needs to look right.
    public var isStill = false
    /// Whether the older weights of version 0.0.1 (`.pth`) are used.
    public var usesOldVersion = false
    /// How many frames are drawn at once.
    public var batchSize = 2
    /// How the head moves: 0 to 45.
    public var poseStyle = 0
    /// How long one clip may be drawn.
    public var timeoutSeconds = 600.0
    /// The trusted host that runs it; nil for this machine.
    public var hostName: String?
    /// The portrait of each avatar: absolute paths on this machine.
    public var portraits: [String: String] = [:]

    /// What time-outs are taken.
    public static let timeoutRangeSeconds = 1.0...86_400

    /// - Parameter checkout: the folder with `inference.py`, on the machine that runs it.
    public init(checkout: String) { self.checkout = checkout }

    /// The portrait of an avatar.
    ///
    /// - Parameter avatar: its identifier.
    /// - Returns: a path.
    /// - Throws: ``AvatarError/sadTalkerConfiguration(key:reason:)`` where it has none.
    public func portrait(of avatar: String) throws(AvatarError) -> String {
        if let path = portraits[avatar] { return path }
        let known = portraits.keys.sorted().map { VisibleText.line($0, limit: 40) }.joined(separator: ", ")
        throw .sadTalkerConfiguration(
            key: "portraits",
            reason: "avatar \(VisibleText.quoted(avatar)) has no picture there; "
                + (known.isEmpty ? "it names none" : "it names \(known)")
        )
    }

    /// Checks every value.
    ///
    /// - Throws: ``AvatarError/sadTalkerConfiguration(key:reason:)`` for the first one that cannot be used.
    public func validate() throws(AvatarError) {
        try Self.check(path: checkout, key: "checkout")
        guard checkout.hasPrefix("/") else {
            throw .sadTalkerConfiguration(key: "checkout", reason: "it must be an absolute path")
        }
        try Self.check(path: python, key: "python")
        guard python.hasPrefix("/") || !python.contains("/") else {
            throw .sadTalkerConfiguration(key: "python", reason: "it must be a name or an absolute path")
        }
        try Self.check(path: checkpoints, key: "checkpoints")
        guard Self.timeoutRangeSeconds.contains(timeoutSeconds) else {
            throw .sadTalkerConfiguration(
                key: "timeout_seconds",
                reason: "\(VisibleText.number(timeoutSeconds)) is outside 1 to 86400"
            )
        }
        guard (1...64).contains(batchSize) else {
            throw .sadTalkerConfiguration(key: "batch_size", reason: "\(batchSize) is outside 1 to 64")
        }
        guard (0...45).contains(poseStyle) else {
            throw .sadTalkerConfiguration(key: "pose_style", reason: "\(poseStyle) is outside 0 to 45")
        }
        for (avatar, path) in portraits.sorted(by: { $0.key < $1.key }) {
            try Self.check(path: path, key: "portraits.\(VisibleText.line(avatar, limit: 40))")
        }
    }

    /// A path as a value of the command line: neither empty nor an option, and one line.
    ///
    /// SadTalker puts its paths between double quotes and gives them to a shell, so what means something there
    /// cannot be in them.
    static func check(path: String, key: String) throws(AvatarError) {
        let reason: String? =
            if path.isEmpty {
                "it is empty"
            } else if path.hasPrefix("-") {
                "it begins with -"
            } else if path.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
                "it contains a control character"
            } else if path.utf8.contains(where: { "\"`$\\".utf8.contains($0) }) {
                "it contains \" ` $ or \\, which SadTalker would hand to a shell"
            } else {
                nil
            }
        if let reason { throw .sadTalkerConfiguration(key: key, reason: reason) }
    }
}
