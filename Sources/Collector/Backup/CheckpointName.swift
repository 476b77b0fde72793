public import Files

/// What the name of a file beside a training run says about it.
///
/// Understood are the names of this trainer and of the scripts it replaces: `best.pt`, `best.safetensors`,
/// `best_final_stage1.pt`, `stage2/best.pt`, `step_1200.safetensors`, `step_14272_epoch15.pt`, `final.pt`,
/// `epoch_history.log`. Names come from a host that is not trusted: what is not clearly one of these is none.
public struct CheckpointName: Sendable, Hashable {
    /// What a file is kept for.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// `epoch_history.log`: a few lines an epoch.
        case history
        /// Any other log beside the checkpoints.
        case log
        /// The weights with the best score so far.
        case best
        /// The weights at the end of training.
        case final
        /// What training can be taken up from.
        case step
    }

    /// What it is kept for.
    public let kind: Kind
    /// Optimiser steps done, where the name tells.
    public let step: Int?
    /// The epoch, where the name tells.
    public let epoch: Int?
    /// `stage2`, from the name or else from the nearest folder; nil where neither tells.
    public let stage: String?
    /// The name without its ending: `best_final_stage1`.
    public let stem: String
    /// The ending without its dot: `pt`.
    public let ending: String

    /// The endings of weights.
    static let weightEndings: Set<String> = ["pt", "pth", "ckpt", "bin", "safetensors"]
    /// The endings of logs, which grow while they are read.
    static let logEndings: Set<String> = ["log", "jsonl", "ndjson"]

    /// Reads a name.
    ///
    /// Nil comes back where it is none of the names above, or could be taken for a name of the backup's own.
    ///
    /// - Parameter path: a file below the source's root.
    public init?(_ path: RelativePath) {
        let components = path.components
        guard let last = components.last, !components.contains(where: Self.isReserved) else { return nil }
        guard let dot = last.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        let (stem, ending) = (last[..<dot], String(last[last.utf8.index(after: dot)...]))
        guard !stem.isEmpty, stem.utf8.count <= Self.maximumStemLength, !Self.hasContentMark(stem) else {
            return nil
        }
        let words = stem.utf8.split(omittingEmptySubsequences: false, whereSeparator: Self.isSeparator)
            .map { String(Substring($0)) }
        guard let first = words.first, let kind = Self.kind(first, stem: stem, ending: ending) else {
            return nil
        }
        let step = Self.number(after: "step", in: words)
        if kind == .step, step == nil { return nil }
        self.kind = kind
        self.step = step
        epoch = Self.number(after: "epoch", in: words)
        stage =
            words.last(where: Self.isStage)
            ?? components.dropLast().last { Self.isStage(String($0)) }.map(String.init)
        self.stem = String(stem)
        self.ending = ending
    }

    private static func kind(_ first: String, stem: Substring, ending: String) -> Kind? {
        if logEndings.contains(ending) { return stem == "epoch_history" ? .history : .log }
        guard weightEndings.contains(ending) else { return nil }
        return switch first {
        case "best": .best
        case "final": .final
        case _ where first.hasPrefix("step"): .step
        default: nil
        }
    }

    /// The number in `step_1200`, `step-1200`, `step=1200` and `step1200`.
    ///
    /// - Returns: nil for none, and for one that no counter reaches: a hostile name must neither overflow nor
    ///   win for good by a number near the largest.
    private static func number(after key: String, in words: [String]) -> Int? {
        for (index, word) in words.enumerated() where word.hasPrefix(key) {
            let rest = word.dropFirst(key.count)
            if rest.isEmpty, index + 1 < words.count { return integer(words[index + 1][...]) }
            if !rest.isEmpty { return integer(rest) }
        }
        return nil
    }

    private static func integer(_ digits: Substring) -> Int? {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let significant = digits.utf8.drop { $0 == 0x30 }
        guard significant.count <= maximumDigitCount else { return nil }
        return significant.isEmpty ? 0 : Int(Substring(significant))
    }

    private static func isStage(_ word: String) -> Bool {
        word.hasPrefix("stage") && integer(word.dropFirst("stage".count)) != nil
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        [UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "="), UInt8(ascii: ".")].contains(byte)
    }

    /// A million million steps are more than any run has.
    private static let maximumDigitCount = 12
    /// Leaves room for the hash and the ending within 255 bytes.
    private static let maximumStemLength = 200
}

extension CheckpointName {
    /// The manifest of a job, below its folder.
    static let manifestName = "manifest.jsonl"
    /// Where files go that cannot be verified, below the job's folder.
    static let quarantineName = "quarantine"
    /// The stem of the alias of the newest step.
    static let newestStepStem = "newest_step"

    /// Whether the backup uses the name itself, or it is hidden, or a terminal would obey it.
    private static func isReserved(_ component: Substring) -> Bool {
        component.utf8.first == UInt8(ascii: ".") || component == manifestName || component == quarantineName
            || component.utf8.contains { $0 < 0x20 || $0 == 0x7F }
    }

    /// Whether a stem ends like a content-addressed name: `best.0123456789ab`.
    ///
    /// A source must not choose a name that a backup could give to other contents.
    static func hasContentMark(_ stem: Substring) -> Bool {
        guard let dot = stem.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
        let mark = stem.utf8[stem.utf8.index(after: dot)...]
        return mark.count == contentMarkLength
            && mark.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// So many digits of the SHA-256 tell contents apart in names; the manifest has them all.
    static let contentMarkLength = 12

    /// The name under which contents are kept: `stage2/best.0123456789ab.pt`.
    ///
    /// - Parameters:
    ///   - path: the file's path at the source, whose name this is.
    ///   - sha256: of the contents.
    /// - Returns: a path below the job's folder.
    /// - Throws: ``CollectorError/refused(_:reason:)`` where it would be too long.
    func contentPath(_ path: RelativePath, _ sha256: SHA256Value) throws(CollectorError) -> RelativePath {
        try Self.sibling(of: path, "\(stem).\(sha256.hex.prefix(Self.contentMarkLength)).\(ending)")
    }

    /// The stable name that always leads to the newest verified contents.
    ///
    /// - Parameter path: the file's path at the source, whose name this is.
    /// - Returns: the same path below the job's folder; `newest_step.pt` for a step.
    /// - Throws: ``CollectorError/refused(_:reason:)`` where it would be too long.
    func aliasPath(_ path: RelativePath) throws(CollectorError) -> RelativePath {
        kind == .step ? try Self.sibling(of: path, "\(Self.newestStepStem).\(ending)") : path
    }

    private static func sibling(
        of path: RelativePath,
        _ name: String
    ) throws(CollectorError) -> RelativePath {
        do throws(FilesError) { return try path.sibling(name) } catch {
            throw .refused(path.string, reason: error.explanation)
        }
    }
}
