import Files
import Foundation
import RunRecords
import Synchronization
import Testing

@testable import Trainer

/// What tests of runs ask of their logs.
protocol RunLogReading {}

extension RunLogReading {
    /// The lines of a run's log.
    func lines(_ options: TrainingOptions, _ run: String? = nil) throws -> [JSONValue] {
        let runs = try FileManager.default.contentsOfDirectory(atPath: options.runs).sorted()
        let name = try #require(run ?? runs.last)
        let bytes = try OpenFile.reading("\(options.runs)/\(name)/metrics.jsonl").readAll()
        return try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONParser.parse(Array($0)) }
    }

    /// Step, losses, norm and rate of every line of metrics; the newest where a step was made twice.
    func curve(_ lines: [JSONValue]) -> [Int: [Double?]] {
        lines.filter { $0["event"] == nil }.reduce(into: [:]) { curve, line in
            let names = ["loss", "ctc_loss", "ce_loss", "grad_norm", "learning_rate"]
            curve[Int(line["step"]?.number ?? -1)] = names.map { line["train/\($0)"]?.number }
        }
    }

    /// The mean loss of every epoch; the newest where one came to its end twice.
    func averages(_ lines: [JSONValue]) -> [Double: Double] {
        events(lines, "epoch").reduce(into: [:]) { averages, line in
            averages[line["epoch"]?.number ?? -1] = line["avg_loss"]?.number
        }
    }

    func events(_ lines: [JSONValue], _ name: String) -> [JSONValue] {
        lines.filter { $0["event"]?.string == name }
    }

    func finalPath(_ options: TrainingOptions) throws -> String {
        let run = try #require(FileManager.default.contentsOfDirectory(atPath: options.runs).sorted().last)
        return "\(options.runs)/\(run)/checkpoints/final.safetensors"
    }

    /// Loss and error rates of every step that was measured at; the newest where one was twice.
    func evaluations(_ lines: [JSONValue]) -> [Int: [Double?]] {
        events(lines, "eval").reduce(into: [:]) { scores, line in
            let names = ["loss", "ctc_loss", "ce_loss", "wer", "cer", "ctc_wer", "decoder_wer"]
            scores[Int(line["step"]?.number ?? -1)] = names.map { line[$0]?.number }
        }
    }

    /// What a run said it was doing, in its order.
    func statuses(_ lines: [JSONValue]) -> [String?] { events(lines, "status").map { $0["status"]?.string } }

    /// The names of all runs, sorted.
    func runs(_ options: TrainingOptions) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: options.runs).sorted()
    }

    /// All that lies in a folder of runs, by its path, with what is in it.
    func contents(_ folder: String) throws -> [String: Data] {
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return try names.reduce(into: [:]) { contents, name in
            let path = "\(folder)/\(name)"
            guard FileIdentity.find(path)?.kind == .file else { return }
            contents[name] = try Data(contentsOf: URL(fileURLWithPath: path))
        }
    }

    /// Trains, and stops after a step where one is given.
    ///
    /// - Returns: how it ended, and what people were told.
    @discardableResult
    func train(
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions,
        stopAfter step: Int? = nil
    ) async throws -> (outcome: TrainingOutcome, messages: [String]) {
        let messages = Mutex<[String]>([])
        let stop = TrainingStop()
        let outcome = try await TrainingRun(configuration, options).run(stop: stop) { event in
            switch event {
            case .message(let text): messages.withLock { $0.append(text) }
            case .progress(let progress): if progress.step == step { stop.request() }
            }
        }
        return (outcome, messages.withLock { $0 })
    }
}
