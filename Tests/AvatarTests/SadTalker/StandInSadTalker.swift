import Audio
import Foundation
import Glibc
import TestSupport

@testable import Avatar

/// A checkout whose Python is a shell script that behaves as `inference.py` does, or as a test wants.
struct StandInSadTalker {
    let folder: TemporaryDirectory
    var configuration: SadTalkerConfiguration

    /// The least that is an MP4.
    static let video = "\\000\\000\\000\\020ftypisom\\000\\000\\002\\000"
    /// What a good run does: the video goes to a folder of the time, and is moved up at the end.
    static let success = """
        printf 'using safetensor as default\\n3DMM Extraction for source image\\n'
        printf '\\rmel::  50%%|#####     | 1/2\\rmel:: 100%%|##########| 2/2\\n' >&2
        printf '\\rFace Renderer::  50%%|#####     | 1/2 [00:00<00:00,  3.01it/s]\\n' >&2
        mkdir "$results/2026_11_29_12.00.00"
        printf '\(video)one' > "$results/2026_11_29_12.00.00/temp_one.mp4"
        mv "$results/2026_11_29_12.00.00/temp_one.mp4" "$results/2026_11_29_12.00.00.mp4"
        rm -r "$results/2026_11_29_12.00.00"
        echo "The generated video is named: $results/2026_11_29_12.00.00.mp4"
        """
    /// Bytes of ``success``.
    static let successBytes = Array("\0\0\0\u{10}ftypisom\0\0\u{2}\0one".utf8)

    /// What a run does that never ends: a child of it holds the life line too.
    static let hang = """
        exec 9> "$here/life"
        sleep 1000 &
        printf '\\rFace Renderer::  10%%|#\\n' >&2
        while :; do wait; sleep 1000; done
        """
    /// A Python of the system; nil where there is none.
    static let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
    /// A program with the arguments of SadTalker's `inference.py` at cd4c046, which insists on good files.
    static let inference = #"""
        import argparse, os, sys, wave
        parser = argparse.ArgumentParser()
        for name in ["driven_audio", "source_image", "ref_eyeblink", "ref_pose", "checkpoint_dir", "result_dir",
                     "enhancer", "background_enhancer"]:
            parser.add_argument("--" + name, type=str)
        for name in ["pose_style", "batch_size", "size"]:
            parser.add_argument("--" + name, type=int)
        parser.add_argument("--expression_scale", type=float)
        parser.add_argument("--preprocess", choices=["crop", "extcrop", "resize", "full", "extfull"])
        for name in ["cpu", "face3dvis", "still", "verbose", "old_version"]:
            parser.add_argument("--" + name, action="store_true")
        given = parser.parse_args()
        assert given.still and given.old_version and given.enhancer == "gfpgan" and given.size == 256
        assert wave.open(given.driven_audio).getparams()[:3] == (1, 2, 16000)
        assert open(given.source_image, "rb").read(4) == b"\x89PNG"
        for bar in ["Face Renderer:", "Face Enhancer:"]:
            sys.stderr.write("\r%s: 100%%|##########| 1/1\n" % bar)
        with open(os.path.join(given.result_dir, "2026_11_29_12.00.00.mp4"), "wb") as file:
            file.write(b"\0\0\0\x10ftypisom\0\0\x02\0one")
        """#

    /// - Parameter script: for sh; `$results`, `$audio` and `$image` are the arguments of `inference.py`.
    /// - Throws: what the system says.
    init(_ script: String) throws {
        folder = try TemporaryDirectory()
        try folder.createDirectory("checkout")
        try folder.createDirectory("tmp")
        try folder.createDirectory("out")
        let head = """
            #!/bin/sh
            here='\(folder.path)'
            pwd > "$here/seen-folder"
            env > "$here/seen-environment"
            for word in "$@"; do printf '%s\\n' "$word"; done > "$here/seen-arguments"
            while [ $# -gt 0 ]; do
              case $1 in
                --result_dir) results=$2;;
                --driven_audio) audio=$2;;
                --source_image) image=$2;;
              esac
              shift
            done
            """
        try folder.write("\(head)\n\(script)\n", to: "python")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755],
            ofItemAtPath: folder.path(of: "python")
        )
        try folder.write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0], to: "portrait.png")
        configuration = SadTalkerConfiguration(checkout: folder.path(of: "checkout"))
        configuration.python = folder.path(of: "python")
    }

    /// This machine, with a folder of its own for temporary files.
    func localHost(alarm: Alarm? = nil) -> LocalSadTalkerHost {
        var host = LocalSadTalkerHost(temporaryFolder: folder.path(of: "tmp"))
        if let alarm { host.wait = alarm.wait }
        return host
    }

    /// A tenth of a second of a tone.
    static let audio = AudioSignal(
        samples: (0..<1_600).map { 0.5 * sin(Float($0) / 10) },
        sampleRateHz: 16_000
    )

    /// Where the clips of the tests go.
    var target: String { folder.path(of: "out/clip.mp4") }

    /// Draws a clip.
    @discardableResult
    func render(
        on host: (any SadTalkerHost)? = nil,
        to target: String? = nil,
        progress: @escaping @Sendable (SadTalkerProgress) -> Void = { _ in }
    ) async throws -> SadTalkerReport {
        let engine = try SadTalkerEngine(
            configuration: configuration,
            host: host ?? localHost(),
            temporaryFolder: folder.path(of: "tmp")
        )
        return try await engine.render(
            audio: Self.audio,
            portrait: folder.path(of: "portrait.png"),
            to: target ?? self.target,
            progress: progress
        )
    }

    /// The error of a clip that cannot be drawn.
    func failure(on host: (any SadTalkerHost)? = nil) async -> (any Error)? {
        do {
            try await render(on: host)
            return nil
        } catch { return error }
    }

    /// What is left in the folder for temporary files.
    func leftovers() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path(of: "tmp"))
    }

    /// The arguments that it got.
    func seenArguments() throws -> [String] {
        try folder.readText("seen-arguments").split(separator: "\n").map(String.init)
    }
}

/// The time of a clip, which is up when a test says so.
final class Alarm: Sendable {
    private let (stream, continuation) = AsyncStream.makeStream(of: Void.self)

    /// The time is up.
    func ring() { continuation.finish() }

    /// Waits for it; all other time-outs are those of the clock.
    var wait: @Sendable (Double) async throws -> Void {
        { [stream] seconds in
            guard seconds == 600 else { return try await Task.sleep(for: .seconds(seconds)) }
            for await _ in stream {}
            try Task.checkCancellation()
        }
    }
}

/// Sees that all processes have ended which hold a pipe open.
final class LifeLine: Sendable {
    private let descriptor: Int32

    /// - Parameter path: of the pipe, for those to open who are watched.
    /// - Throws: what the system says.
    init(_ path: String) throws {
        guard mkfifo(path, 0o600) == 0 else { throw POSIXError(.EEXIST) }
        descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// Whether all have ended, or do so soon.
    func isCut(seconds: Int32 = 20) -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let count = poll(&watched, 1, seconds * 1_000)
        return count == 1 && watched.revents & Int16(POLLHUP) != 0
    }
}
