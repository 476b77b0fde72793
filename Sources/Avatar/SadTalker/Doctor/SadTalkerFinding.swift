/// One thing that was looked at in an installation.
public struct SadTalkerFinding: Sendable, Hashable, CustomStringConvertible {
    /// What was looked at.
    public enum Check: String, Sendable, CaseIterable, Codable {
        /// The machine itself: whether it can be reached.
        case host
        /// The folder with `inference.py`.
        case checkout
        /// Its Python.
        case python
        /// The files of weights.
        case checkpoints
        /// ffmpeg.
        case ffmpeg
        /// The room for a clip.
        case disk
        /// The packages, and SadTalker's own modules.
        case imports
        /// SadTalker's code where it breaks only once a clip is drawn.
        case sources
        /// The graphics card.
        case cuda
    }

    /// How it is.
    public enum State: String, Sendable, Codable {
        case ok
        /// Clips can be made, but something may be wanting.
        case warning
        /// No clip can be made.
        case failure
    }

    /// What was looked at.
    public var check: Check
    /// How it is.
    public var state: State
    /// What was found.
    public var detail: String
    /// What mends it; nil where nothing need be done, or nobody knows.
    public var fix: String?

    /// - Parameters:
    ///   - check: what was looked at.
    ///   - state: how it is.
    ///   - detail: what was found.
    ///   - fix: what mends it.
    public init(_ check: Check, _ state: State, _ detail: String, fix: String? = nil) {
        self.check = check
        self.state = state
        self.detail = detail
        self.fix = fix
    }

    /// One line, and one for the fix.
    public var description: String {
        "\(state.rawValue) \(check.rawValue): \(detail)" + (fix.map { "\n    fix: \($0)" } ?? "")
    }
}

/// All that was found in an installation.
public struct SadTalkerExamination: Sendable, Hashable {
    /// In the order they were looked at.
    public var findings: [SadTalkerFinding]

    /// - Parameter findings: in the order they were looked at.
    public init(findings: [SadTalkerFinding]) { self.findings = findings }

    /// Whether clips can be made.
    public var isHealthy: Bool { !findings.contains { $0.state == .failure } }

    /// Why no clip can be made, in one line; nil where one can.
    public var reason: String? {
        findings.first { $0.state == .failure }.map { "\($0.check.rawValue): \($0.detail)" }
    }
}
