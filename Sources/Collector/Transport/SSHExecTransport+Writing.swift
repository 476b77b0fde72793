public import Files
import Subprocess

extension SSHExecTransport {
    /// Creates a folder step by step, so that no link on the way is followed.
    public func createFolder(_ path: RelativePath) async throws {
        try await perform(["mk", path.string], on: path, "create the folder")
    }

    /// Writes by `dd` with `fsync`, in an ssh process of its own.
    public func write(
        _ path: RelativePath,
        at offset: Int,
        truncating: Bool,
        from chunks: @Sendable () async throws -> [UInt8]
    ) async throws -> Int {
        guard offset >= 0 else { throw CollectorError.usage("a write at a negative place") }
        guard capabilities.contains(.write) else {
            throw CollectorError.usage("\(displayName): its dd cannot write at an offset")
        }
        let words = ["wr"] + Self.parts(path) + ["\(offset)", tools.writeFlags, truncating ? "cut" : "keep"]
        let token = SSHShellRequest.makeToken()
        let script = SSHRemoteScript.single(root: Self.remoteRoot(root), token: token, words: words)
        let watch = SilenceWatch(seconds: timeouts.silenceSeconds)
        var written = 0
        _ = try await alone(on: path, "write", watch: watch) { running in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    var marker = SSHOutputMarker(token: token)
                    for try await buffer in running.output {
                        // Dots: they count once all is sent.
                        watch.touch()
                        _ = try marker.skip(buffer)
                    }
                    return marker.isPassed
                }
                watch.begin()
                var isOpen = try await Self.send(Array(script.utf8)[...], to: running, watch)
                watch.end()
                while isOpen {
                    let chunk = try await chunks()
                    if chunk.isEmpty { break }
                    try await self.pacer?.pace(chunk.count)
                    watch.begin()
                    isOpen = try await Self.send(chunk[...], to: running, watch)
                    watch.end()
                    written += chunk.count
                }
                watch.begin()
                try await running.input.finish()
                return try await group.next() ?? false
            }
        }
        return written
    }

    /// Sends bytes in small pieces, so that progress shows.
    ///
    /// - Returns: false where the far side takes no more; its exit status tells why.
    private static func send(
        _ bytes: ArraySlice<UInt8>,
        to running: SSHProcess.Running,
        _ watch: SilenceWatch
    ) async throws -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let piece = Array(rest.prefix(65_536))
            do {
                guard try await running.input.write(piece) == piece.count else { return false }
            } catch {
                // A broken pipe, and nothing else.
                try Task.checkCancellation()
                return false
            }
            watch.touch()
            rest = rest.dropFirst(piece.count)
        }
        return true
    }

    /// Renames by `mv -fT`, with the file and the folder on the device before and after.
    public func replace(_ path: RelativePath, with partial: RelativePath) async throws {
        let words = ["rp"] + Self.parts(partial) + Self.parts(path)
        let answer = try await shell.ask(words, limit: 1 << 16)
        // What is missing is the partial file.
        let isMissing = answer.status == SSHRemoteScript.Status.missing
        try check(
            answer.status,
            answer.errors,
            path: shown(isMissing ? partial : path),
            operation: "replace"
        )
    }

    /// Gives a file a new name by a hard link, which fails where the name is taken.
    public func move(_ path: RelativePath, toNew target: RelativePath) async throws {
        let words = ["mn"] + Self.parts(path) + Self.parts(target)
        let answer = try await shell.ask(words, limit: 1 << 16)
        let isMissing = answer.status == SSHRemoteScript.Status.missing
        try check(
            answer.status,
            answer.errors,
            path: shown(isMissing ? path : target),
            operation: "move \(path) there"
        )
    }

    /// Sets permissions and time by `chmod` and `touch`.
    public func setAttributes(
        of path: RelativePath,
        mode: UInt32?,
        modifiedNanoseconds: Int64?
    ) async throws {
        let bits = mode.map { String($0 & 0o7777, radix: 8) } ?? "-"
        let time = modifiedNanoseconds.map { Self.time($0) } ?? "-"
        try await perform(["at"] + Self.parts(path) + [bits, time], on: path, "set the attributes")
    }

    /// `seconds.nanoseconds` for touch; times before 1970 lose their fraction.
    static func time(_ nanoseconds: Int64) -> String {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        guard rest >= 0, seconds >= 0 else { return String(rest < 0 ? seconds - 1 : seconds) }
        let digits = String(rest)
        return "\(seconds).\(String(repeating: "0", count: 9 - digits.count))\(digits)"
    }

    /// Removes a file, a link or an empty folder.
    public func remove(_ path: RelativePath) async throws {
        let answer = try await shell.ask(["rm_"] + Self.parts(path), limit: 1 << 16)
        // No folder for it to be in: it is not there.
        if answer.status == SSHRemoteScript.Status.missing { return }
        try check(answer.status, answer.errors, path: shown(path), operation: "remove")
    }
}
