import Subprocess
import SystemPackage

/// One run of ffmpeg that takes raw pictures from a pipe and the sound from a file.
///
/// The process gets a group of its own that ends with the call, whatever happens.
struct VideoEncoder: Sendable {
    /// `ffmpeg`, or the absolute path of a program that is called like it.
    var program = "ffmpeg"
    let format: ClipFormat
    let size: Int

    /// Where a program is that encodes; nil where there is none.
    ///
    /// - Parameter program: a name, or an absolute path.
    /// - Returns: its absolute path.
    static func find(_ program: String) -> String? {
        ProgramRun.find(program, in: ChildEnvironment.variables()["PATH"] ?? "/usr/bin:/bin")
    }

    /// Takes the pictures.
    struct FrameWriter: Sendable {
        fileprivate let input: StandardInputWriter

        /// Hands on one picture, and waits while the encoder is behind.
        ///
        /// - Throws: ``Closed`` when the encoder has gone away.
        func write(_ image: RasterImage) async throws {
            // A process that is gone shows as an error, or as a write that ends early.
            let count = try? await input.write(image.pixels)
            try Task.checkCancellation()
            guard count == image.pixels.count else { throw Closed() }
        }
    }

    /// The encoder takes no more pictures; how it ended says why.
    private struct Closed: Error {}

    /// Encodes a clip.
    ///
    /// - Parameters:
    ///   - audioPath: the sound.
    ///   - path: the video, which must not exist.
    ///   - body: writes the pictures.
    /// - Returns: what `body` returned.
    /// - Throws: ``AvatarError/encoderMissing(program:)``, ``AvatarError/encoderFailed(program:status:lastLines:)``,
    ///   `CancellationError`, or what `body` throws.
    func encode<Result: Sendable>(
        audioPath: String,
        to path: String,
        _ body: (FrameWriter) async throws -> Result
    ) async throws -> Result {
        BrokenPipes.areErrors
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .milliseconds(300))
        ]
        guard let executable = Self.find(program) else { throw AvatarError.encoderMissing(program: program) }
        var variables: [Environment.Key: String] = [:]
        for (name, value) in ChildEnvironment.variables() {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        do {
            let outcome = try await Subprocess.run(
                .path(FilePath(executable)),
                arguments: Arguments(arguments(audioPath: audioPath, to: path)),
                environment: .custom(variables),
                platformOptions: options,
                input: .inputWriter,
                output: .discarded,
                error: .sequence
            ) { execution in
                let errorStream = execution.standardError
                async let said = OutputTail.read(errorStream)
                var result: Result?
                do {
                    result = try await body(FrameWriter(input: execution.standardInputWriter))
                } catch is Closed {
                    result = nil
                }
                try? await execution.standardInputWriter.finish()
                return (result, await said)
            }
            try Task.checkCancellation()
            guard outcome.terminationStatus.isSuccess, let result = outcome.closureResult.0 else {
                throw AvatarError.encoderFailed(
                    program: program,
                    status: Self.text(outcome.terminationStatus),
                    lastLines: LastLines.of(outcome.closureResult.1, count: 6) ?? []
                )
            }
            return result
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw AvatarError.encoderFailed(
                program: program,
                status: "could not be run",
                lastLines: ["\(error)"]
            )
        }
    }

    /// `file:` keeps a name from being taken for an option or a protocol; `bitexact` keeps the time out of the file.
    private func arguments(audioPath: String, to path: String) -> [String] {
        let input = [
            "-hide_banner", "-loglevel", "warning", "-y", "-filter_threads", "1",
            "-thread_queue_size", "1", "-f", "rawvideo", "-pix_fmt", "bgra", "-video_size", "\(size)x\(size)",
            "-framerate", "\(MotionFrame.framesPerSecond)", "-i", "pipe:0", "-i", "file:\(audioPath)",
            "-map", "0:v", "-map", "1:a", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v",
            "+bitexact",
            "-flags:a", "+bitexact",
        ]
        return input + format.encoderArguments + ["file:\(path)"]
    }

    private static func text(_ status: TerminationStatus) -> String {
        switch status {
        case .exited(let code): code == 0 ? "ended early" : "failed with status \(code)"
        case .signaled(let signal): "was ended by signal \(signal)"
        }
    }
}
