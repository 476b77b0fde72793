import Foundation

/// Runs of the speech helper, each in a process group of its own that ends with the call, whatever happens.
struct SpeechHelperProcess: Sendable {
    let helper: SpeechHelper
    /// How long one run may take.
    var timeoutSeconds = 120.0
    /// Waits that many seconds; tests know when the time is up.
    var wait = Deadline.sleep
    /// How much it may write when it lists its voices.
    static let listLimit = 1 << 20

    /// What it can be asked to speak with: its list as text.
    func voiceList() async throws -> String {
        var bytes: [UInt8] = []
        do {
            try await run(["--voices"], input: "") { piece in
                bytes += piece
                guard bytes.count <= Self.listLimit else {
                    throw failure("its list of voices is longer than \(Self.listLimit) bytes")
                }
            }
        } catch let crash as Crash { throw crash.error }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Speaks text and hands on every frame as it comes, so that memory does not grow with the text.
    ///
    /// - Parameters:
    ///   - text: goes to its standard input.
    ///   - arguments: voice, rate, pitch and range.
    ///   - take: gets the frames in order.
    /// - Throws: ``Crash``, ``AvatarError``, `CancellationError`, what `take` throws.
    func speak(_ text: String, _ arguments: [String], take: (SpeechFrame) throws -> Void) async throws {
        var parser = SpeechFrameParser()
        try await run(arguments, input: text) { piece in
            do {
                for frame in try parser.feed(piece) { try take(frame) }
            } catch let error as SpeechFrameParser.Failure { throw failure(error.reason) }
        }
        guard !parser.isInsideFrame else { throw failure("its output ends in the middle") }
    }

    /// The engine stumbled over this text; another one may do.
    struct Crash: Error {
        /// What to say of it.
        var error: AvatarError
    }

    /// An error of the helper that only another helper, or another version, can mend.
    func failure(_ reason: String) -> AvatarError {
        .speechHelper(
            path: helper.path,
            reason: reason,
            remedy: "install voxsite and its helper together again, or unset \(SpeechHelper.pathVariable)"
        )
    }

    private func run(
        _ arguments: [String],
        input: String,
        take: ([UInt8]) throws -> Void
    ) async throws {
        guard FileManager.default.isExecutableFile(atPath: helper.path) else {
            throw AvatarError.speechHelper(
                path: helper.path,
                reason: "there is no program",
                remedy: "correct or unset \(SpeechHelper.pathVariable)"
            )
        }
        let program = ProgramRun(
            executable: helper.path,
            arguments: arguments,
            environment: ChildEnvironment.variables(and: ["ESPEAK_DATA_PATH"]),
            input: Array(input.utf8),
            endsGroup: true,
            timeoutSeconds: timeoutSeconds,
            wait: wait
        )
        do {
            try judge(try await program.run(take: take))
        } catch let error as ProgramRun.Failure {
            throw failure("it cannot be run: \(error.reason)")
        }
    }

    /// Turns the way it ended into an error.
    private func judge(_ end: ProgramEnd) throws {
        let words = VisibleText.lastLine(end.errors)
        switch end.status {
        case .exited(0): return
        case .timedOut: throw AvatarError.timeout(what: EspeakProvider.title, seconds: timeoutSeconds)
        case .exited(65): throw AvatarError.text(reason: words ?? "the speech helper does not take it")
        case .exited(let code):
            if end.errors.contains("error while loading shared libraries") {
                throw AvatarError.voicesMissing(
                    provider: EspeakProvider.title,
                    reason: words ?? "its library is missing",
                    remedy: SpeechHelper.remedy
                )
            }
            if end.errors.contains("espeak-ng-data") || end.errors.contains("phontab") {
                throw AvatarError.voicesMissing(
                    provider: EspeakProvider.title,
                    reason: words ?? "its data are missing",
                    remedy: SpeechHelper.remedy
                )
            }
            throw failure("it ended with status \(code): \(words ?? "it gives no reason")")
        case .signaled(9): throw failure("it was killed before its end: there may be no memory left")
        case .signaled(let signal):
            throw Crash(
                error: .speechHelper(
                    path: helper.path,
                    reason: "espeak-ng crashed (signal \(signal)) on this text",
                    remedy: "leave out unusual characters, or choose another voice"
                )
            )
        }
    }
}
