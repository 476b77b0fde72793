import Files
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// One run of ffmpeg that takes raw pictures from a pipe and the sound from a file.
///
/// The process gets a group of its own that ends with the call, whatever happens.
struct VideoEncoder: Sendable {
    /// `ffmpeg`, or a program that is called like it.
    var program = "ffmpeg"
    let format: ClipFormat
    let size: Int

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
        Self.ignoreBrokenPipes
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .milliseconds(300))
        ]
        let executable: Executable = program.contains("/") ? .path(FilePath(program)) : .name(program)
        do {
            let outcome = try await Subprocess.run(
                executable,
                arguments: Arguments(arguments(audioPath: audioPath, to: path)),
                platformOptions: options,
                input: .inputWriter,
                output: .discarded,
                error: .sequence
            ) { execution in
                let errorStream = execution.standardError
                async let said = Self.tail(of: errorStream)
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
                    lastLines: outcome.closureResult.1
                )
            }
            return result
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            if error.code == .executableNotFound { throw AvatarError.encoderMissing(program: program) }
            throw AvatarError.encoderFailed(
                program: program,
                status: "could not be run",
                lastLines: "\(error)"
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

    /// The last six lines of a stream, of which at most 16 KiB are kept.
    private static func tail(of stream: SubprocessOutputSequence) async -> String {
        let limit = 16_384
        var bytes: [UInt8] = []
        do {
            for try await buffer in stream {
                buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
                if bytes.count > 2 * limit { bytes.removeFirst(bytes.count - limit) }
            }
        } catch {
            // What came before is all there is to tell.
        }
        let lines = bytes.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.suffix(6)
        return lines.map { String(decoding: $0.prefix(400), as: UTF8.self) }.joined(separator: "\n")
    }

    /// An encoder that goes away while we write must be an error, not our end.
    private static let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
