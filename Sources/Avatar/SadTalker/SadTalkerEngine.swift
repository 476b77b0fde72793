public import Audio
import Files
public import Foundation

/// Talking heads drawn by an installed SadTalker.
public struct SadTalkerEngine: Sendable {
    /// Where it is installed, and how it is to draw.
    public var configuration: SadTalkerConfiguration
    /// The machine that runs it.
    public var host: any SadTalkerHost
    /// Where files of this machine go meanwhile.
    public var temporaryFolder: String

    /// The rate that SadTalker makes of every recording.
    static let sampleRateHz = 16_000
    private static let portraitLimit = 64 << 20

    /// - Parameters:
    ///   - configuration: where it is installed, and how it is to draw.
    ///   - host: the machine that runs it; this one unless given.
    ///   - temporaryFolder: where files of this machine go meanwhile.
    /// - Throws: ``AvatarError/sadTalkerConfiguration(key:reason:)``: a value that cannot be used, or another host
    ///   than this machine in the settings, and none given.
    public init(
        configuration: SadTalkerConfiguration,
        host: (any SadTalkerHost)? = nil,
        temporaryFolder: String = FileManager.default.temporaryDirectory.path
    ) throws(AvatarError) {
        try configuration.validate()
        if host == nil, let name = configuration.hostName {
            throw .sadTalkerConfiguration(key: "host", reason: "\(VisibleText.quoted(name)) is not connected")
        }
        self.configuration = configuration
        self.host = host ?? LocalSadTalkerHost(temporaryFolder: temporaryFolder)
        self.temporaryFolder = temporaryFolder
    }

    /// Draws a clip to a recording.
    ///
    /// - Parameters:
    ///   - audio: the path of anything that libsndfile reads.
    ///   - portrait: the path of a PNG or JPEG.
    ///   - target: the path of the video; what is there is replaced, at the very end.
    ///   - progress: gets news, from any thread.
    /// - Returns: what became of it.
    /// - Throws: ``AvatarError``, `CancellationError`; what is at `target` is then as it was.
    public func render(
        audio: String,
        portrait: String,
        to target: String,
        progress: @escaping @Sendable (SadTalkerProgress) -> Void = { _ in }
    ) async throws -> SadTalkerReport {
        let signal: AudioSignal
        do { signal = try AudioFile.read(audio, sampleRateHz: Self.sampleRateHz) } catch {
            throw AvatarError.recording(error)
        }
        return try await render(audio: signal, portrait: portrait, to: target, progress: progress)
    }

    /// Draws a clip to a signal.
    ///
    /// - Parameters:
    ///   - audio: one channel at any rate.
    ///   - portrait: the path of a PNG or JPEG.
    ///   - target: the path of the video; what is there is replaced, at the very end.
    ///   - progress: gets news, from any thread.
    /// - Returns: what became of it.
    /// - Throws: ``AvatarError``, `CancellationError`; what is at `target` is then as it was.
    public func render(
        audio: AudioSignal,
        portrait: String,
        to target: String,
        progress: @escaping @Sendable (SadTalkerProgress) -> Void = { _ in }
    ) async throws -> SadTalkerReport {
        let clock = StageClock(progress)
        clock.enter(SadTalkerProgress(.preparing))
        let portraitName = try Self.portraitName(portrait)
        guard FileIdentity.find(FileSystem.folder(of: target))?.kind == .directory else {
            throw AvatarError.sadTalkerFile(
                .system(operation: "write the video", path: target, code: ENOENT)
            )
        }
        let own = try WorkFolder.make(in: temporaryFolder)
        defer { try? FileSystem.removeTree(own) }
        try Self.write(audio, to: "\(own)/audio.wav")
        let video = "\(own)/video.mp4"
        try await host.withFolder { folder in
            try await draw(in: folder, own: own, portrait: portrait, portraitName, video, clock)
        }
        let size = try Self.checkVideo(video, host: host.name)
        do { try FileMove.move(video, to: target) } catch { throw AvatarError.sadTalkerFile(error) }
        let timings = clock.finish()
        return SadTalkerReport(
            path: target,
            byteCount: size,
            engine: "sadtalker\(configuration.size.rawValue)",
            host: host.name,
            audioSeconds: audio.durationSeconds,
            totalSeconds: clock.totalSeconds,
            timings: timings
        )
    }

    private func draw(
        in folder: String,
        own: String,
        portrait: String,
        _ portraitName: String,
        _ video: String,
        _ clock: StageClock
    ) async throws {
        // Names of our own: SadTalker hands the names of its files to a shell.
        try await host.put("\(own)/audio.wav", as: "\(folder)/audio.wav")
        try await host.put(portrait, as: "\(folder)/\(portraitName)")
        let command = SadTalkerCommand(
            configuration,
            audio: "\(folder)/audio.wav",
            portrait: "\(folder)/\(portraitName)",
            results: folder
        )
        clock.enter(SadTalkerProgress(.loading))
        let end = try await host.run(command, timeoutSeconds: configuration.timeoutSeconds) {
            clock.take($0, from: $1)
        }
        try judge(end)
        clock.enter(SadTalkerProgress(.fetching))
        guard let newest = Self.newest(try await host.videos(in: folder), in: folder) else {
            throw failure("it ended well but wrote no video", end)
        }
        guard newest.byteCount > 0 else { throw failure("its video is empty", end) }
        try await host.fetch(newest, to: video)
    }

    /// The result: the newest video in the folder itself, else in a folder of one run.
    ///
    /// SadTalker moves its result up at the very end; older versions leave it where they made it, beside a silent one
    /// whose name begins with `temp_`.
    static func newest(_ files: [HostFile], in folder: String) -> HostFile? {
        func isDeep(_ file: HostFile) -> Bool { FileSystem.folder(of: file.path) != folder }
        return files.filter { !FileSystem.name(of: $0.path).hasPrefix("temp_") }.max { first, second in
            if isDeep(first) != isDeep(second) { return isDeep(first) }
            return (first.modifiedNanoseconds, first.path) < (second.modifiedNanoseconds, second.path)
        }
    }

    private func judge(_ end: ProgramEnd) throws(AvatarError) {
        switch end.status {
        case .exited(0): return
        case .timedOut:
            throw .timeout(what: "SadTalker on \(host.name)", seconds: configuration.timeoutSeconds)
        case .exited(let code): throw failure("it ended with status \(code)", end)
        case .signaled(9): throw failure("it was killed before its end: there may be no memory left", end)
        case .signaled(let signal): throw failure("it crashed (signal \(signal))", end)
        }
    }

    private func failure(_ reason: String, _ end: ProgramEnd) -> AvatarError {
        let breakage =
            SadTalkerBreakage.recognize(end.errors) ?? SadTalkerBreakage.recognize(end.output)
        return .sadTalker(
            host: host.name,
            reason: breakage.map { "\(reason): \($0.reason)" } ?? reason,
            remedy: breakage?.fix ?? "run `voxsite avatar doctor`",
            lastLines: LastLines.of(end.errors) ?? LastLines.of(end.output) ?? []
        )
    }

    private static func write(_ audio: AudioSignal, to path: String) throws(AvatarError) {
        guard !audio.samples.isEmpty else {
            throw .recording(.encoding(target: "the recording", reason: "it is empty"))
        }
        do {
            let signal =
                audio.sampleRateHz == sampleRateHz ? audio : try audio.resampled(toRateHz: sampleRateHz)
            try AudioWriter.write(signal, to: path, as: .wav16)
        } catch { throw .recording(error) }
    }

    /// The name under which SadTalker gets a portrait: it believes the ending.
    private static func portraitName(_ path: String) throws(AvatarError) -> String {
        guard let identity = FileIdentity.find(path), identity.kind == .file else {
            throw .sadTalkerPortrait(path: path, reason: "there is no such file")
        }
        guard identity.size <= portraitLimit else {
            throw .sadTalkerPortrait(path: path, reason: "it is larger than 64 MiB; make it smaller")
        }
        let start = beginning(of: path)
        if start.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return "portrait.png" }
        if start.starts(with: [0xFF, 0xD8, 0xFF]) { return "portrait.jpg" }
        throw .sadTalkerPortrait(path: path, reason: "it is neither PNG nor JPEG; convert it to one of them")
    }

    /// An MP4 begins with a box `ftyp` (ISO/IEC 14496-12, 4.3).
    private static func checkVideo(_ path: String, host: String) throws(AvatarError) -> Int {
        let start = beginning(of: path)
        guard start.count >= 8, start[4..<8].elementsEqual("ftyp".utf8),
            let identity = FileIdentity.find(path)
        else {
            throw .sadTalker(
                host: host,
                reason: "what it wrote is no MP4",
                remedy: "run `voxsite avatar doctor`",
                lastLines: []
            )
        }
        return identity.size
    }

    private static func beginning(of path: String) -> [UInt8] {
        guard let file = try? OpenFile.reading(path) else { return [] }
        return [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            count = (try? file.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)) ?? 0
        }
    }
}
