import Audio
import Files
import Subprocess

/// A small spoken corpus in the layout of LibriSpeech, made by the program espeak-ng.
///
/// Three voices of different speed and pitch say sentences of ``SpokenSentences``; no sentence of `dev` and `test` is in
/// `train`. The same seed asks for the same recordings.
public struct SpokenCorpus: Sendable {
    /// How many sentences of each part are said.
    public struct Sizes: Sendable {
        /// To learn from; there are fewer sentences than that, so some are said by two voices.
        public var training: Int
        /// To measure with while learning.
        public var evaluation: Int
        /// To measure with at the end.
        public var test: Int

        /// - Parameters:
        ///   - training: to learn from.
        ///   - evaluation: to measure with while learning.
        ///   - test: to measure with at the end.
        public init(training: Int = 400, evaluation: Int = 30, test: Int = 30) {
            self.training = training
            self.evaluation = evaluation
            self.test = test
        }
    }

    /// One sentence to be said.
    struct Line: Sendable, Equatable {
        var part: String
        var speaker: Int
        var name: String
        var text: String
        var voice: String
        var wordsPerMinute: Int
        var pitch: Int

        /// Where its recording goes, below the corpus's folder.
        var file: String { "\(part)/\(speaker)/1/\(name).flac" }
    }

    /// The program that speaks.
    static let program = "espeak-ng"
    private static let voices = ["en-us", "en-gb+f2", "en-us+m3"]

    /// Where it lies: `train`, `dev` and `test` are below.
    public let folder: String
    let lines: [Line]
    /// The folders in ``folder``.
    static let parts = ["train", "dev", "test"]

    /// Plans a corpus.
    ///
    /// - Parameters:
    ///   - folder: where it goes.
    ///   - sizes: how many sentences are said.
    ///   - seed: what everything follows from.
    public init(folder: String, sizes: Sizes = Sizes(), seed: UInt64 = 7) {
        self.folder = folder
        let sentences = SpokenSentences(seed: seed).all
        let heldOut = min(sizes.evaluation + sizes.test, sentences.count - 1)
        let parts = [
            ("dev", Array(sentences[..<min(sizes.evaluation, heldOut)])),
            ("test", Array(sentences[min(sizes.evaluation, heldOut)..<heldOut])),
            ("train", Array(sentences[heldOut...])),
        ]
        var random = SeededNumbers(seed: seed)
        var lines: [Line] = []
        for (part, texts) in parts {
            let count = part == "train" ? sizes.training : texts.count
            for index in 0..<count {
                // Every round through the sentences is said by the next voice.
                let voice = (index + index / max(1, texts.count)) % Self.voices.count
                let number = String(index + 100_000).dropFirst()
                lines.append(
                    Line(
                        part: part,
                        speaker: 100 + voice,
                        name: "\(100 + voice)-1-\(number)",
                        text: texts[index % texts.count],
                        voice: Self.voices[voice],
                        wordsPerMinute: random.within(150...190),
                        pitch: random.within(35...65)
                    )
                )
            }
        }
        self.lines = lines
    }

    /// How many sentences are said in all.
    public var count: Int { lines.count }

    /// The texts of a part, by the path of their recordings.
    ///
    /// - Parameter part: `train`, `dev` or `test`.
    /// - Returns: in the order of the plan.
    public func texts(of part: String) -> [(path: String, text: String)] {
        lines.filter { $0.part == part }.map { (path(of: $0), $0.text) }
    }

    private func path(of line: Line) -> String { "\(folder)/\(line.file)" }

    /// Speaks what is not there yet.
    ///
    /// - Parameter workerCount: how many sentences are said at once.
    /// - Throws: ``DemonstrationError``, `AudioError`, `CancellationError`; what was said before stays.
    @concurrent
    public func speak(workerCount: Int = 2) async throws {
        try forgetOtherPlan()
        for folder in Set(lines.map { FileSystem.folder(of: path(of: $0)) }) {
            do {
                try FileSystem.createDirectories(folder)
            } catch {
                throw DemonstrationError.file(path: folder, reason: error.explanation)
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            var next = 0
            func start() {
                guard next < lines.count else { return }
                let line = lines[next]
                next += 1
                group.addTask { try await speak(line) }
            }
            for _ in 0..<max(1, workerCount) { start() }
            while try await group.next() != nil { start() }
        }
        for part in Self.parts { try writeTranscripts(of: part) }
    }

    private func speak(_ line: Line) async throws {
        let path = path(of: line)
        // After a power cut a file may be there and empty.
        if let found = FileIdentity.find(path), found.size > 0 { return }
        // Ctrl-C on a terminal goes to a whole process group; we are asked to end, not the speaker behind our back.
        var platform = PlatformOptions()
        platform.processGroupID = 0
        let (status, sound, reason): (TerminationStatus, [UInt8], String?)
        do {
            let result = try await Subprocess.run(
                .name(Self.program),
                arguments: [
                    "-v", line.voice, "-s", "\(line.wordsPerMinute)", "-p", "\(line.pitch)", "--stdout",
                    line.text,
                ],
                platformOptions: platform,
                output: .bytes(limit: 16 << 20),
                error: .string(limit: 4096)
            )
            (status, sound, reason) = (result.terminationStatus, result.standardOutput, result.standardError)
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            guard error.code == .executableNotFound else {
                throw DemonstrationError.speakerFailed(
                    program: Self.program,
                    text: line.text,
                    reason: "\(error)"
                )
            }
            throw DemonstrationError.speakerMissing(program: Self.program)
        }
        // Cancelling ends the speaker, which is then no fault of its own.
        try Task.checkCancellation()
        guard status.isSuccess else {
            throw DemonstrationError.speakerFailed(
                program: Self.program,
                text: line.text,
                reason: "\(status); \(reason ?? "")"
            )
        }
        let signal = try AudioFile.read(
            bytes: sound,
            name: "\(Self.program) \(line.voice)",
            sampleRateHz: 16_000
        )
        let bytes = try AudioWriter.encode(signal, as: .flac16)
        do {
            try AtomicFile.write(bytes, to: path, synchronizing: false)
        } catch {
            throw DemonstrationError.file(path: path, reason: "\(error)")
        }
    }

    /// `<speaker>-1.trans.txt` beside the recordings, in capitals as LibriSpeech has it.
    private func writeTranscripts(of part: String) throws {
        let own = Dictionary(grouping: lines.filter { $0.part == part }, by: \.speaker)
        for (speaker, lines) in own {
            let path = "\(folder)/\(part)/\(speaker)/1/\(speaker)-1.trans.txt"
            let text = lines.map { "\($0.name) \($0.text.uppercased())\n" }.joined()
            do {
                try AtomicFile.write(Array(text.utf8), to: path, synchronizing: false)
            } catch {
                throw DemonstrationError.file(path: path, reason: "\(error)")
            }
        }
    }
}
