/// How far a clip is.
public struct SadTalkerProgress: Sendable, Hashable {
    /// What is being done.
    public enum Stage: String, Sendable, CaseIterable {
        /// The files are taken to where SadTalker runs.
        case preparing
        /// Python and the weights are loaded.
        case loading
        /// The face is found in the portrait.
        case face
        /// The mouth's movements are made from the recording.
        case audio
        /// The frames are drawn.
        case frames
        /// The face is put back into the portrait.
        case pasting
        /// The faces are repaired.
        case enhancing
        /// The video is taken to where it belongs.
        case fetching
    }

    /// What is being done.
    public var stage: Stage
    /// How much of the stage is done, 0 to 1; nil where nobody knows.
    public var fraction: Double?

    /// - Parameters:
    ///   - stage: what is being done.
    ///   - fraction: how much of the stage is done, 0 to 1.
    public init(_ stage: Stage, fraction: Double? = nil) {
        self.stage = stage
        self.fraction = fraction
    }

    /// What a line of SadTalker's output tells; nil for a line that tells nothing.
    ///
    /// Its bars are tqdm's: `Face Renderer::  45%|####      | 9/20 [00:03<00:04,  3.01it/s]`.
    ///
    /// - Parameter line: without its end; a bar ends with a carriage return.
    init?(line: some StringProtocol) {
        guard let stage = Self.marks.first(where: { line.contains($0.mark) })?.stage else { return nil }
        self.init(stage, fraction: Self.percentage(in: line))
    }

    private static let marks: [(mark: String, stage: Stage)] = [
        ("Face Renderer", .frames), ("Face Enhancer", .enhancing), ("face enhancer", .enhancing),
        ("seamlessClone", .pasting), ("3DMM Extraction", .face), ("landmark Det", .face), ("mel:", .audio),
        ("audio2exp", .audio), ("using safetensor", .loading),
    ]

    private static func percentage(in line: some StringProtocol) -> Double? {
        guard let sign = line.utf8.firstIndex(of: UInt8(ascii: "%")) else { return nil }
        let digits = line.utf8[..<sign].reversed().prefix {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        guard let value = Int(String(decoding: digits.reversed(), as: UTF8.self)), value <= 100 else {
            return nil
        }
        return Double(value) / 100
    }
}
