import Files
import Glibc
import Subprocess
import Synchronization

/// A socket here that leads through jump hosts to the ssh server of a host, for libcurl, which knows no jumps.
///
/// What goes through is encrypted for the host itself: the jump hosts see nothing, and libcurl checks the host's
/// key as if there were no tunnel. ssh runs below a small shell that ends it when this process ends, also by a
/// kill.
package actor SSHTunnel {
    /// Where libcurl connects to; with mode 0600 in a folder of ours.
    package nonisolated let socket: String

    private let configuration: SSHConfiguration
    private let connectSeconds: Double
    private var run: Run?

    /// One life of the ssh process.
    private final class Run: Sendable {
        let failure = Mutex<(any Error)?>(nil)
        let task = Mutex<Task<Void, Never>?>(nil)

        var error: (any Error)? { failure.withLock { $0 } }
    }

    /// Prepares it; ``open()`` starts it.
    ///
    /// - Parameters:
    ///   - host: with its jump hosts; there must be some.
    ///   - connectSeconds: how long it may take until it stands.
    /// - Throws: ``CollectorError``.
    package init(to host: ResolvedHost, connectSeconds: Double) throws(CollectorError) {
        precondition(!host.jumps.isEmpty, "a tunnel needs a jump host")
        configuration = try SSHConfiguration(host: host, connectSeconds: connectSeconds)
        socket = configuration.folder + "/t"
        self.connectSeconds = connectSeconds
    }

    deinit { run?.task.withLock { $0 }?.cancel() }

    /// Starts the tunnel, unless it stands, and waits until its socket takes connections.
    ///
    /// - Throws: ``CollectorError``: a jump host that is not there, shows another key, or does not let us in.
    package func open() async throws {
        if let run, run.error == nil, Self.answers(socket) { return }
        await stop()
        try? FileSystem.removeFile(socket)
        let run = start()
        self.run = run
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(max(0.01, min(connectSeconds, 86_400)))
        while !Self.answers(socket) {
            if let error = run.error { throw error }
            guard clock.now < deadline else {
                await stop()
                throw CollectorError.connectTimeout(
                    host: configuration.host.host.name,
                    seconds: connectSeconds
                )
            }
            try await clock.sleep(for: .milliseconds(20))
        }
    }

    /// Ends it and removes its files.
    package func close() async {
        await stop()
        configuration.remove()
    }

    private func stop() async {
        guard let run else { return }
        self.run = nil
        let task = run.task.withLock { $0 }
        task?.cancel()
        await task?.value
    }

    /// ssh dies with the shell above it, and that with its standard input, which we hold.
    private static let watchdog =
        #"exec 3<&0; "$@" 3<&- </dev/null & p=$!; { read -r x; kill $p; } <&3 >/dev/null 2>&1 & "#
        + #"exec 3<&-; wait $p"#

    private func start() -> Run {
        let target = configuration.host.host
        let address = target.address.contains(":") ? "[\(target.address)]" : target.address
        let options = [
            "-N", "-o", "ExitOnForwardFailure=yes", "-o", "StreamLocalBindUnlink=yes", "-o",
            "StreamLocalBindMask=0177", "-L", "\(socket):\(address):\(target.port)",
        ]
        let process = SSHProcess(
            executable: "sh",
            arguments: ["-c", Self.watchdog, "sh", "ssh"] + configuration.arguments(options, to: 1),
            environment: configuration.environment
        )
        let diagnosis = SSHDiagnosis(host: configuration.host, connectSeconds: connectSeconds)
        let run = Run()
        let task = Task {
            do {
                let (_, end) = try await process.run { running in
                    // Nothing comes; the end comes with the end of ssh.
                    for try await _ in running.output {}
                }
                run.failure.withLock { $0 = diagnosis.error(end.errors) }
            } catch { run.failure.withLock { $0 = error } }
        }
        run.task.withLock { $0 = task }
        return run
    }

    /// Whether something listens at a socket.
    private static func answers(_ path: String) -> Bool {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { _ = Glibc.close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < capacity else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
