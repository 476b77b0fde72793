import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// Runs of the speech helper, each in a process group of its own that ends with the call, whatever happens.
struct SpeechHelperProcess: Sendable {
    let helper: SpeechHelper
    /// How long one run may take.
    var timeoutSeconds = 120.0
    /// How much it may write when it lists its voices.
    static let listLimit = 1 << 20
    private static let errorLimit = 64 << 10

    /// What it can be asked to speak with: its list as text.
    func voiceList() async throws -> String {
        var bytes: [UInt8] = []
        try await run(["--voices"], input: "") { piece in
            bytes += piece
            guard bytes.count <= Self.listLimit else {
                throw failure("its list of voices is longer than \(Self.listLimit) bytes")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Speaks text and hands on every frame as it comes, so that memory does not grow with the text.
    ///
    /// - Parameters:
    ///   - text: goes to its standard input.
    ///   - arguments: voice, rate, pitch and range.
    ///   - take: gets the frames in order.
    /// - Throws: ``AvatarError``, `CancellationError`, what `take` throws.
    func speak(_ text: String, _ arguments: [String], take: (SpeechFrame) throws -> Void) async throws {
        var parser = SpeechFrameParser()
        try await run(arguments, input: text) { piece in
            do {
                for frame in try parser.feed(piece) { try take(frame) }
            } catch let error as SpeechFrameParser.Failure { throw failure(error.reason) }
        }
        guard !parser.isInsideFrame else { throw failure("its output ends in the middle") }
    }

    /// An error of the helper that only another helper, or another version, can mend.
    func failure(_ reason: String) -> AvatarError {
        .speechHelper(
            path: helper.path,
            reason: reason,
            remedy: "install voxsite and its helper together again, or unset \(SpeechHelper.pathVariable)"
        )
    }

    private struct End: Sendable {
        var status: TerminationStatus
        var errors: String
    }

    private func run(
        _ arguments: [String],
        input: String,
        take: ([UInt8]) throws -> Void
    ) async throws {
        Self.ignoreBrokenPipes
        guard FileManager.default.isExecutableFile(atPath: helper.path) else {
            throw AvatarError.speechHelper(
                path: helper.path,
                reason: "there is no program",
                remedy: "correct or unset \(SpeechHelper.pathVariable)"
            )
        }
        let hasTimedOut = Mutex(false)
        var ended: End?
        do { ended = try await start(arguments, input, take, hasTimedOut) } catch {
            try Task.checkCancellation()
            if hasTimedOut.withLock({ $0 }) { throw timeout }
            guard let error = error as? SubprocessError else { throw error }
            throw failure("it cannot be run: \(VisibleText.line("\(error)"))")
        }
        try Task.checkCancellation()
        if hasTimedOut.withLock({ $0 }) { throw timeout }
        if let ended { try judge(ended) }
    }

    private var timeout: AvatarError { .timeout(what: "espeak-ng", seconds: timeoutSeconds) }

    private func start(
        _ arguments: [String],
        _ input: String,
        _ take: ([UInt8]) throws -> Void,
        _ hasTimedOut: borrowing Mutex<Bool>
    ) async throws -> End {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .milliseconds(200))
        ]
        let outcome = try await Subprocess.run(
            .path(FilePath(helper.path)),
            arguments: Arguments(arguments),
            environment: .custom(Self.environment),
            platformOptions: options,
            input: .inputWriter,
            output: .sequence,
            error: .sequence
        ) { execution in
            let errorStream = execution.standardError
            async let errors = Self.tail(of: errorStream)
            let deadline = Deadline(seconds: timeoutSeconds) {
                try? execution.send(signal: .kill, toProcessGroup: true)
            }
            async let watch: Void = deadline.run()
            do {
                // A helper that ends before it has read everything says why in its own way.
                _ = try? await execution.standardInputWriter.write(Array(input.utf8))
                try? await execution.standardInputWriter.finish()
                for try await buffer in execution.standardOutput {
                    try take(buffer.withUnsafeBytes { Array($0) })
                }
            } catch {
                try? execution.send(signal: .kill, toProcessGroup: true)
                hasTimedOut.withLock { $0 = deadline.hasPassed }
                throw error
            }
            let text = await errors
            // Nothing more can come of it or of what it started: nobody waits for them.
            try? execution.send(signal: .kill, toProcessGroup: true)
            deadline.end()
            await watch
            hasTimedOut.withLock { $0 = deadline.hasPassed }
            return text
        }
        return End(status: outcome.terminationStatus, errors: outcome.closureResult)
    }

    /// Turns the way it ended into an error.
    private func judge(_ end: End) throws(AvatarError) {
        let words = VisibleText.lastLine(end.errors)
        switch end.status {
        case .exited(0): return
        case .exited(65): throw .text(reason: words ?? "the speech helper does not take it")
        case .exited(let code):
            if end.errors.contains("error while loading shared libraries") {
                throw .voicesMissing(
                    provider: EspeakProvider.title,
                    reason: words ?? "its library is missing",
                    remedy: SpeechHelper.remedy
                )
            }
            if end.errors.contains("espeak-ng-data") || end.errors.contains("phontab") {
                throw .voicesMissing(
                    provider: EspeakProvider.title,
                    reason: words ?? "its data are missing",
                    remedy: SpeechHelper.remedy
                )
            }
            throw failure("it ended with status \(code): \(words ?? "it gives no reason")")
        case .signaled(9): throw failure("it was killed before its end: there may be no memory left")
        case .signaled(let signal):
            throw failure("it crashed (signal \(signal)); another text or voice may do")
        }
    }

    /// What the library needs to find its data, and nothing that is secret.
    private static var environment: [Environment.Key: String] {
        var variables: [Environment.Key: String] = ["LC_ALL": "C.UTF-8"]
        for name in ["PATH", "HOME", "ESPEAK_DATA_PATH", "LD_LIBRARY_PATH"] {
            if let value = ProcessInfo.processInfo.environment[name],
                let key = Environment.Key(rawValue: name)
            {
                variables[key] = value
            }
        }
        return variables
    }

    /// The end of what it complained of.
    private static func tail(of stream: SubprocessOutputSequence) async -> String {
        var bytes: [UInt8] = []
        do {
            for try await buffer in stream {
                buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
                if bytes.count > 2 * errorLimit { bytes.removeFirst(bytes.count - errorLimit) }
            }
        } catch {
            // What came before is all there is to tell.
        }
        return String(decoding: bytes.suffix(errorLimit), as: UTF8.self)
    }

    /// A helper that goes away while we write must be an error, not our end.
    private static let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
