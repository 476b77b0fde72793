import Files
import Foundation
import SpeechSupport
import Testing

@testable import Trainer

/// Runs that were killed between their last checkpoint and the last line of their log.
@Suite(.timeLimit(.minutes(3))) struct CompletedRunTests: RunLogReading {
    private let language: ToneLanguage

    init() throws { language = try .withTokenizer() }

    @Test func theNextStartEndsTheLog() async throws {
        let configuration = try language.configuration("training.num_epochs=1")
        let options = language.options()
        guard case .completed(let path) = try await train(configuration, options).outcome else {
            return #expect(Bool(false))
        }
        let name = try #require(runs(options).first)
        let log = "\(options.runs)/\(name)/metrics.jsonl"
        let whole = try String(contentsOfFile: log, encoding: .utf8)
        // The kill tore the line.
        let torn = whole.dropLast(20)
        try String(torn).write(toFile: log, atomically: true, encoding: .utf8)
        // Whoever holds the lock may be about to write the line.
        let lock = try RunLock(folder: FileSystem.folder(of: path))
        #expect(try await train(configuration, options).outcome == .completed(checkpoint: path))
        #expect(try String(contentsOfFile: log, encoding: .utf8) == torn)
        withExtendedLifetime(lock) {}
    }

    @Test(arguments: [0, 20])
    func aLineThatIsMissingOrTornIsMadeUp(_ tornByteCount: Int) async throws {
        let configuration = try language.configuration("training.num_epochs=1")
        let options = language.options()
        guard case .completed(let path) = try await train(configuration, options).outcome else {
            return #expect(Bool(false))
        }
        let name = try #require(runs(options).first)
        let log = "\(options.runs)/\(name)/metrics.jsonl"
        let whole = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
        let left = whole.dropLast().joined(separator: "\n") + "\n" + (whole.last ?? "").prefix(tornByteCount)
        try left.write(toFile: log, atomically: true, encoding: .utf8)
        for _ in 0..<2 {
            let again = try await train(configuration, options)
            #expect(again.outcome == .completed(checkpoint: path))
            #expect(again.messages == ["\(name) is complete (\(path)); --new begins another"])
            // Once, however often the command comes.
            let end = try String(contentsOfFile: log, encoding: .utf8).dropFirst(left.count)
            #expect(end.split(separator: "\n").count == 1)
            #expect(end.contains(#""status":"completed""#))
            #expect(end.contains(#""step":3"#))
        }
    }
}
