import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Collector

@Suite(.enabled(if: SSHServer.executable != nil, "no sshd here: apt install openssh-server"), .serialized)
struct SSHSecretsTests {
    static let secret = "correct horse  battery staple"

    private func hostWithPassphrase(_ folder: TemporaryDirectory, _ server: SSHServer) throws -> ResolvedHost
    {
        try folder.write(Self.secret + "\n", to: "passphrase")
        chmod(folder.path(of: "passphrase"), 0o600)
        var host = try server.known()
        host.host.passphraseFile = folder.path(of: "passphrase")
        return host
    }

    @Test func aPassphraseFromItsFileOpensTheKeyAndIsInNoArgumentOrEnvironment() async throws {
        let folder = try TemporaryDirectory()
        try SSHServer.makeKey("ed25519", at: folder.path(of: "key"), passphrase: Self.secret)
        let server = try await SSHServer(clientKeyFile: folder.path(of: "key"))
        let host = try hostWithPassphrase(folder, server)
        let isDone = Flag()
        let leaks = try await withThrowingTaskGroup(of: [String].self) { group in
            group.addTask {
                var leaks: [String] = []
                while !isDone.isUp {
                    leaks += Self.processesThatShow(Self.secret)
                    await Task.yield()
                }
                return leaks
            }
            let transport = try await SSHExecTransport.connect(to: host, root: folder.path)
            let name = try relative("passphrase")
            #expect(try await transport.status(of: [name]).count == 1)
            isDone.raise()
            await transport.close()
            return try await group.next() ?? []
        }
        #expect(leaks.isEmpty)
    }

    @Test func aWrongPassphraseIsAnErrorWithoutIt() async throws {
        let folder = try TemporaryDirectory()
        try SSHServer.makeKey("ed25519", at: folder.path(of: "key"), passphrase: "another one entirely")
        let server = try await SSHServer(clientKeyFile: folder.path(of: "key"))
        let host = try hostWithPassphrase(folder, server)
        do {
            _ = try await SSHExecTransport.connect(to: host, root: folder.path)
            Issue.record("it connected")
        } catch let error as CollectorError {
            guard case .authentication("gpu", _) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(!"\(error)".contains(Self.secret))
        }
    }

    @Test func aSecretThatOthersMayReadIsRefused() async throws {
        let folder = try TemporaryDirectory()
        let server = try await SSHServer()
        let host = try hostWithPassphrase(folder, server)
        for mode in [0o640, 0o604, 0o660] {
            chmod(folder.path(of: "passphrase"), mode_t(mode))
            #expect(throws: CollectorError.self) { try SSHConfiguration(host: host, connectSeconds: 5) }
        }
    }

    /// sshconnect2.c: the prompts for passwords, keyboard-interactive and keys.
    @Test func theHelperAnswersItsOwnPromptsAlone() throws {
        let folder = try TemporaryDirectory()
        try folder.write("pass'word $HOME\n", to: "pw")
        try folder.write("phrase\n", to: "ph")
        for name in ["pw", "ph"] { chmod(folder.path(of: name), 0o600) }
        let key = try #require(HostKey(HostFileTests.key))
        let host = KnownHost(
            name: "gpu",
            user: "root",
            address: "203.0.113.7",
            keys: [key],
            identityFile: "/keys/it's",
            passphraseFile: folder.path(of: "ph"),
            passwordFile: folder.path(of: "pw")
        )
        let configuration = try SSHConfiguration(host: ResolvedHost(host: host), connectSeconds: 5)
        #expect(configuration.environment["SSH_ASKPASS_REQUIRE"] == "force")
        let helper = try #require(configuration.environment["SSH_ASKPASS"])
        #expect(try FileManager.default.attributesOfItem(atPath: helper)[.posixPermissions] as? Int == 0o700)
        #expect(try answer(helper, "root@voxsite-0's password: ") == "pass'word $HOME\n")
        #expect(try answer(helper, "(root@voxsite-0) Password: ") == "pass'word $HOME\n")
        #expect(try answer(helper, "Enter passphrase for key '/keys/it's': ") == "phrase\n")
        for other in ["root@voxsite-1's password: ", "(root@other) Password: ", "Enter PIN", "", "yes/no?"] {
            #expect(try answer(helper, other).isEmpty)
        }
        #expect(SSHConfiguration.warnings(for: ResolvedHost(host: host)).count == 1)
    }

    @Test func thePrivateFilesAreOursAloneAndGoAway() throws {
        let key = try #require(HostKey(HostFileTests.key))
        let host = ResolvedHost(host: KnownHost(name: "gpu", address: "h", keys: [key]))
        let configuration = try SSHConfiguration(host: host, connectSeconds: 5)
        let manager = FileManager.default
        #expect(
            try manager.attributesOfItem(atPath: configuration.folder)[.posixPermissions] as? Int == 0o700
        )
        for name in ["config", "known_hosts"] {
            let path = configuration.folder + "/" + name
            #expect(try manager.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        }
        #expect(configuration.controlPath.utf8.count + 17 <= 100)
        configuration.remove()
        #expect(!manager.fileExists(atPath: configuration.folder))
    }

    @Test func sshCompressesOnRequestAloneAndPrefersWhatTheProcessorIsGoodAt() throws {
        let key = try #require(HostKey(HostFileTests.key))
        let host = ResolvedHost(host: KnownHost(name: "gpu", address: "h", keys: [key]))
        for (compresses, hasFastAES) in [(false, false), (false, true), (true, false), (true, true)] {
            var text = SSHConfigurationText(host: host, folder: "/f", connectSeconds: 5)
            text.compresses = compresses
            text.hasFastAES = hasFastAES
            let lines = try text.configuration().split(separator: "\n")
            #expect(lines.contains("Compression \(compresses ? "yes" : "no")"))
            // The caret puts it before ssh's own list, of which nothing is lost.
            let ciphers = lines.filter { $0.hasPrefix("Ciphers") }
            #expect(ciphers == (hasFastAES ? ["Ciphers ^aes128-gcm@openssh.com,aes256-gcm@openssh.com"] : []))
        }
    }

    private func answer(_ helper: String, _ prompt: String) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: helper)
        process.arguments = [prompt]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    /// Looks at what every user of this machine could see of a process, and at what only we can.
    static func processesThatShow(_ secret: String) -> [String] {
        let needle = Data(secret.utf8)
        let own = "\(ProcessInfo.processInfo.processIdentifier)"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { $0 != own && Int($0) != nil }.flatMap { number in
            ["cmdline", "environ"].compactMap { file in
                let data = try? Data(contentsOf: URL(filePath: "/proc/\(number)/\(file)"))
                let words = (try? Data(contentsOf: URL(filePath: "/proc/\(number)/cmdline"))) ?? Data()
                // ssh-keygen of the test itself is given it.
                guard data?.range(of: needle) != nil, words.range(of: Data("ssh-keygen".utf8)) == nil else {
                    return nil
                }
                return "\(number)/\(file)"
            }
        }
    }
}

/// Goes up once.
final class Flag: Sendable {
    private let state = Atomic<Bool>(false)

    var isUp: Bool { state.load(ordering: .acquiring) }

    func raise() { state.store(true, ordering: .releasing) }

    /// Whether this is the first time.
    func raiseFirst() -> Bool { !state.exchange(true, ordering: .acquiringAndReleasing) }
}
