import Files
import Foundation
import RunRecords

extension BackupArchive {
    /// The backups as one JSON object: for each job its entries, the newest first.
    public var json: String {
        var bytes: [UInt8] = []
        LogValue.append([LogField("jobs", .array(jobs.map(\.value)))], to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The backups as lines for people, the newest first.
    ///
    ///     job            kind   step    size        stored            verified                 name
    ///     stage2         best   -       1073741824  2026-11-25 02:40  sha256                   best.0123456789ab.pt
    public var table: String {
        var rows = [["job", "kind", "step", "size", "stored", "verified", "name"]]
        for job in jobs {
            for entry in job.entries.reversed() { rows.append(entry.row(job.name)) }
            for entry in job.quarantined.reversed() { rows.append(entry.row(job.name)) }
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).enumerated().map { index, cell in
                index == row.count - 1
                    ? cell.0 : cell.0 + String(repeating: " ", count: cell.1 - cell.0.count + 2)
            }
            .joined()
        }
        .joined(separator: "\n")
    }
}

extension BackupArchive.Job {
    fileprivate var value: LogValue {
        var fields = [
            LogField("name", .string(name)), LogField("folder", .string(folder)),
            LogField("entries", .array(entries.reversed().map(\.value))),
            LogField("quarantined", .array(quarantined.reversed().map(\.value))),
        ]
        if let lastSuccess { fields.append(LogField("last_success", .number(lastSuccess))) }
        if !badLines.isEmpty { fields.append(LogField("bad_lines", .array(badLines.map { .integer($0) }))) }
        return .object(fields)
    }
}

extension ManifestEntry {
    fileprivate var value: LogValue {
        var fields = [
            LogField("time", .number(time)), LogField("name", .string(name.string)),
            LogField("path", .string(path.string)), LogField("source", .string(source)),
            LogField("bytes", .integer(byteCount)), LogField("sha256", .string(sha256.hex)),
            LogField("verification", .string(verification.rawValue)),
            LogField("verified", .bool(isVerified)), LogField("kind", .string(kind.rawValue)),
        ]
        if let step { fields.append(LogField("step", .integer(step))) }
        return .object(fields)
    }

    fileprivate func row(_ job: String) -> [String] {
        [
            job, kind.rawValue, step.map { "\($0)" } ?? "-", "\(byteCount)", Self.text(time),
            isVerified ? verification.rawValue : "NO: \(verification.rawValue)", name.string,
        ]
    }

    /// UTC, as logs have it: `2026-11-25 02:40`.
    private static func text(_ time: Double) -> String {
        guard time.isFinite, abs(time) < 1e11 else { return "-" }
        return Date(timeIntervalSince1970: time).formatted(
            .iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false)
        )
    }
}
