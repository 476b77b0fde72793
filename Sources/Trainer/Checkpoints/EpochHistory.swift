import Files
import Foundation
import Glibc

/// `epoch_history.log`: a line for each epoch, beside the checkpoints, for people and for the backup.
///
///     [2025-12-11 17:24:59] Epoch 0 - Avg Loss: 3.9160, CTC: 1.8000, CE: 5.3500, LR: 8.50e-06
public struct EpochHistory: Sendable {
    /// The file.
    public let path: String

    /// - Parameter folder: of the checkpoints.
    public init(folder: String) { path = "\(folder)/epoch_history.log" }

    /// Adds the line of an epoch, or replaces it where a run that was resumed comes to its end once more.
    ///
    /// - Parameters:
    ///   - epoch: from 0.
    ///   - sums: of the epoch.
    ///   - learningRate: of its last update.
    ///   - time: seconds since 1970.
    /// - Throws: ``FilesError`` where the file cannot be written.
    func add(epoch: Int, _ sums: LossSums, learningRate: Double, time: Double) throws {
        let isThere = FileIdentity.find(path) != nil
        let old = try (isThere ? OpenFile.reading(path).readAll(limit: 16 << 20) : nil).map {
            String(decoding: $0, as: UTF8.self)
        }
        let means = sums.means
        let line =
            "[\(CalendarText.text(time, "%Y-%m-%d %H:%M:%S", .local))] Epoch \(epoch) - Avg Loss: \(Self.fixed(means.loss)), "
            + "CTC: \(Self.fixed(means.ctcLoss)), CE: \(Self.fixed(means.crossEntropyLoss)), "
            + "LR: \(Self.scientific(learningRate))"
        let kept = (old ?? "").split(separator: "\n").prefix { number(of: $0).map { $0 < epoch } ?? true }
        let text = (kept.map(String.init) + [line]).joined(separator: "\n") + "\n"
        try AtomicFile.write(Array(text.utf8), to: path)
    }

    /// The epoch of a line; nil where it is something else.
    private func number(of line: Substring) -> Int? {
        guard let range = line.range(of: "] Epoch ") else { return nil }
        return Int(line[range.upperBound...].prefix { $0.isNumber })
    }

    private static func fixed(_ value: Double) -> String { formatted("%.4f", value) }
    private static func scientific(_ value: Double) -> String { formatted("%.2e", value) }

    private static func formatted(_ format: String, _ value: Double) -> String {
        var buffer = [CChar](repeating: 0, count: 64)
        _ = withVaList([value]) { vsnprintf(&buffer, buffer.count, format, $0) }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
