import Files
import TestSupport
import Testing

@testable import Collector

@Suite struct BackupManifestTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func entry(_ random: inout SeededRandom) throws -> ManifestEntry {
        let stem = "best_" + random.text(0...5, of: ["a", "é", "\"", "\\", " ", "\u{2028}", "x"])
        let path = try RelativePath(validating: "\(stem).pt")
        return ManifestEntry(
            time: Double(Int.random(in: 0...2_000_000_000, using: &random)) / 8,
            action: [.verified, .stored, .pruned, .quarantined, .lost].randomElement(using: &random)
                ?? .stored,
            name: path,
            path: path,
            source: random.text(0...4, of: ["gpu:", "/r", "\"", "\n", "é"]),
            byteCount: Int.random(in: 0...(1 << 50), using: &random),
            sha256: SHA256Value(hashing: random.bytes(8)),
            verification: BackupVerification.allCases.randomElement(using: &random) ?? .sha256,
            kind: CheckpointName.Kind.allCases.randomElement(using: &random) ?? .best,
            step: Bool.random(using: &random) ? Int.random(in: 0...999_999_999_999, using: &random) : nil,
            modifiedNanoseconds: Bool.random(using: &random)
                ? Int64.random(in: .min ... .max, using: &random) : nil,
            message: Bool.random(using: &random) ? "a \"message\"\nof two lines" : nil
        )
    }

    @Test("Every entry is read as it was written")
    func roundTrip() throws {
        var random = SeededRandom.fresh()
        for _ in 0..<500 {
            let line = ManifestLine.file(try entry(&random))
            #expect(
                line.bytes.last == UInt8(ascii: "\n") && !line.bytes.dropLast().contains(UInt8(ascii: "\n"))
            )
            #expect(ManifestLine(line.bytes.dropLast()) == line, "\(random)")
        }
        let pass = ManifestLine.pass(time: 12.5, succeeded: false, message: "why")
        #expect(ManifestLine(pass.bytes.dropLast()) == pass)
    }

    @Test("A torn line is passed over and closed by the next one, wherever it was torn")
    func tornLine() throws {
        var random = SeededRandom.fresh()
        let (first, second) = (try entry(&random), try entry(&random))
        let torn = ManifestLine.file(second).bytes
        for length in stride(from: 1, to: torn.count - 1, by: 7) {
            try directory.write(ManifestLine.file(first).bytes + torn.prefix(length), to: "manifest.jsonl")
            #expect(try BackupManifest.read(folder: directory.path).badLines.isEmpty)
            try ManifestWriter(folder: directory.path).append(.pass(time: 1, succeeded: true, message: nil))
            let manifest = try BackupManifest.read(folder: directory.path)
            #expect(manifest.last[first.name]?.sha256 == first.sha256, "\(length) \(random)")
            #expect(manifest.badLines == [2], "\(length) \(random)")
            #expect(manifest.lastSuccess == 1)
        }
    }

    @Test("Lines that are none are counted with their numbers; the others still count")
    func badLines() throws {
        var random = SeededRandom.fresh()
        var good = try entry(&random)
        good.action = .stored
        let text = String(decoding: ManifestLine.file(good).bytes, as: UTF8.self)
        let hostile = text.replacing(#""name":""#, with: #""name":"../../"#)
        try directory.write("nonsense\n" + text + "\n" + hostile + "{\"time\":1}\n", to: "manifest.jsonl")
        let manifest = try BackupManifest.read(folder: directory.path)
        #expect(manifest.live == [good])
        #expect(manifest.badLines == [1, 4, 5])
    }

    @Test("A missing manifest is an empty one")
    func missing() throws { #expect(try BackupManifest.read(folder: directory.path) == BackupManifest()) }
}
