import Files
import Subprocess

/// Asks a host for its key without trusting it, and without showing it any credential.
enum HostKeyQuestion {
    /// Fetches the key that a host offers, ed25519 before others.
    ///
    /// ssh itself does it, through jump hosts with their pinned keys; it writes the key to a throw-away file. The
    /// host has then proved that it holds the key: ssh asks for the account only after that.
    ///
    /// - Parameters:
    ///   - host: where to ask; its own keys do not matter.
    ///   - timeouts: how long to wait.
    /// - Returns: the key.
    /// - Throws: ``CollectorError``: not there, or a jump host that shows another key.
    static func ask(_ host: ResolvedHost, timeouts: TransferTimeouts) async throws -> HostKey {
        var host = host
        host.host.passwordFile = nil
        host.host.passphraseFile = nil
        let configuration = try SSHConfiguration(
            host: host,
            connectSeconds: timeouts.connectSeconds,
            asksForKey: true
        )
        defer { configuration.remove() }
        let process = SSHProcess(
            arguments: configuration.arguments(["-T"]) + ["exit"],
            environment: configuration.environment
        )
        let watch = SilenceWatch(seconds: timeouts.connectSeconds)
        watch.begin()
        let (_, end) = try await process.run { running in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await watch.run { running.kill() } }
                defer { group.cancelAll() }
                try await running.input.finish()
                for try await _ in running.output {}
            }
        }
        if watch.hasFired {
            throw CollectorError.connectTimeout(host: host.host.name, seconds: timeouts.connectSeconds)
        }
        let target = SSHConfigurationText.alias(0)
        // "root@203.0.113.7: Permission denied (publickey)." comes after the proof of the key.
        let denial = "@\(host.host.address): Permission denied ("
        let isProved = end.status == 0 || end.errors.contains(denial)
        let text = (try? HostFile.text(of: configuration.folder + "/offered")) ?? ""
        let keys = text.split(separator: "\n").filter { $0.hasPrefix(target + " ") }
            .compactMap { HostKey($0.dropFirst(target.utf8.count + 1)) }
        guard isProved, let key = keys.first else {
            throw SSHDiagnosis(host: host, connectSeconds: timeouts.connectSeconds).error(end.errors)
        }
        return key
    }
}
