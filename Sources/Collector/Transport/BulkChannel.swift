import Files
import Synchronization

/// Over what much data comes from a host: SFTP on a long way, commands on a short one.
///
/// ssh lets 2 MiB be on the way at a time, which a long way uses up; libcurl's SFTP keeps more. On a short way that
/// does not matter, and ssh is three times as fast, for it has the processor's own AES. SFTP is another connection
/// with a login of its own, so it is opened when much data first comes, and not before.
final class BulkChannel: Sendable {
    /// Opens SFTP and makes it answer.
    typealias Opener = @Sendable () async throws -> SFTPChannel

    /// From here on the way there and back is long: 2 MiB in this time are 200 MB/s.
    static let longRoundTrip = Duration.milliseconds(10)

    private enum Choice: Sendable {
        case sftp(SFTPChannel, roundTrip: Duration)
        case commands(reason: String)
    }

    private let exec: SSHExecTransport
    private let openSFTP: Opener
    private let longRoundTrip: Duration
    private let queue = TransferQueue()
    private let choice = Mutex<Choice?>(nil)

    init(
        exec: SSHExecTransport,
        longRoundTrip: Duration = BulkChannel.longRoundTrip,
        openSFTP: @escaping Opener
    ) {
        self.exec = exec
        self.longRoundTrip = longRoundTrip
        self.openSFTP = openSFTP
    }

    /// In words, with the reason where a choice was made.
    var description: String {
        let commands = exec.channelDescription
        switch choice.withLock({ $0 }) {
        case nil: return "\(commands); much data over sftp where the way is long"
        case .sftp(_, let roundTrip):
            return "sftp for much data (there and back in \(Self.text(roundTrip))), \(commands) for the rest"
        case .commands(let reason): return "\(commands) alone; \(reason)"
        }
    }

    /// Whether SFTP was opened.
    var isSFTP: Bool { if case .sftp = choice.withLock({ $0 }) { true } else { false } }

    /// What to read much data from.
    ///
    /// - Throws: ``CollectorError/hostKeyChanged(host:pinned:offered:)``, which is never a reason to try another way;
    ///   ``CollectorError`` where the host does not answer at all; `CancellationError`.
    func transport() async throws -> any Transport {
        try await queue.run {
            if let choice = choice.withLock({ $0 }) { return transport(of: choice) }
            let choice = try await choose()
            self.choice.withLock { $0 = choice }
            return transport(of: choice)
        }
    }

    /// Ends SFTP, if it was opened.
    func close() async {
        if case .sftp(let channel, _) = choice.withLock({ $0 }) { await channel.close() }
    }

    private func transport(of choice: Choice) -> any Transport {
        switch choice {
        case .sftp(let channel, _): channel
        case .commands: exec
        }
    }

    private func choose() async throws -> Choice {
        let roundTrip = try await exec.roundTrip(shorterThan: longRoundTrip)
        guard roundTrip >= longRoundTrip else {
            return .commands(reason: "the way is short: there and back in \(Self.text(roundTrip))")
        }
        do {
            return .sftp(try await openSFTP(), roundTrip: roundTrip)
        } catch let error as CollectorError {
            if case .hostKeyChanged = error { throw error }
            return .commands(reason: "sftp does not answer: \(error)")
        }
    }

    private static func text(_ duration: Duration) -> String {
        let microseconds = duration.components.attoseconds / 1_000_000_000_000
        let milliseconds = duration.components.seconds * 1000 + microseconds / 1000
        return milliseconds < 10 ? "\(milliseconds).\(microseconds / 100 % 10) ms" : "\(milliseconds) ms"
    }
}
