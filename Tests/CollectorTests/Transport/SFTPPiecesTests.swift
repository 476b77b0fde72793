import CCurl
import Foundation
import TestSupport
import Testing

@testable import Collector

/// The small parts of the SFTP transport that need no server.
@Suite struct SFTPPiecesTests {
    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGkvGR0Y0T3vBSTrLQMDYJZ9yn2WFrQb0wW4D6M0Yb9R"

    private func endpoint(_ address: String, port: Int) throws -> SSHEndpoint {
        let key = try #require(HostKey(Self.key))
        return SSHEndpoint(name: "gpu", address: address, port: port, user: "root", pinnedKeys: [key])
    }

    @Test(
        "known_hosts names the host as libssh2 looks for it",
        arguments: [
            ("203.0.113.7", 22, "203.0.113.7 "), ("203.0.113.7", 20544, "[203.0.113.7]:20544 "),
            ("2001:db8::1", 22, "2001:db8::1 "), ("fe80::1%eth0", 2222, "[fe80::1]:2222 "),
        ]
    )
    func knownHosts(address: String, port: Int, start: String) throws {
        #expect(try KnownHostsFile.line(for: endpoint(address, port: port)) == start + Self.key + "\n")
    }

    @Test("the file is nobody else's to read and goes with its owner")
    func knownHostsFile() throws {
        var path = ""
        do {
            let file = try KnownHostsFile(for: endpoint("a", port: 1))
            path = file.path
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
            #expect(stat((path as NSString).deletingLastPathComponent, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o700)
        }
        #expect(!FileManager.default.fileExists(atPath: (path as NSString).deletingLastPathComponent))
    }

    @Test(
        "an address that could mean something else is refused",
        arguments: ["", "-oProxyCommand=x", "a b", "a,b", "a/b", "user@host", "a\nb", "[::1]", "a#b", "é"]
    )
    func addresses(address: String) throws {
        let endpoint = try endpoint(address, port: 22)
        #expect(throws: CollectorError.self) { try SFTPTransport(endpoint: endpoint, root: "/") }
    }

    @Test(
        "roots become URL paths",
        arguments: [
            ("/", "/"), ("/root/runs", "/root/runs/"), ("/root/runs//", "/root/runs/"), ("runs", "/~/runs/"),
            (".", "/~/"), ("~", "/~/"), ("~/runs", "/~/runs/"), ("/~/x", "//~/x/"), ("/a b?c#d%e", "/a%20b%3Fc%23d%25e/"),
            ("/é", "/%C3%A9/"),
        ]
    )
    func roots(root: String, path: String) throws { #expect(try SFTPTransport.urlPath(ofRoot: root) == path) }

    @Test("a passphrase is taken as it is but for one line break at its end")
    func passphrases() throws {
        let folder = try TemporaryDirectory()
        let cases = [
            ("secret\n", "secret"), ("    \n", "    "), (" a \n\n", " a \n"), ("a\r\n", "a\r"), ("a", "a"),
        ]
        for (text, secret) in cases {
            try folder.write(text, to: "p")
            #expect(chmod(folder.path(of: "p"), 0o600) == 0)
            #expect(try SecretFile.read(folder.path(of: "p"), purpose: "it") == secret)
            #expect(chmod(folder.path(of: "p"), 0o400) == 0)
            #expect(try SecretFile.read(folder.path(of: "p"), purpose: "it") == secret)
        }
        for text in ["", "\n", "a\0b"] {
            try folder.write(text, to: "q")
            #expect(chmod(folder.path(of: "q"), 0o600) == 0)
            #expect(throws: CollectorError.self) { try SecretFile.read(folder.path(of: "q"), purpose: "it") }
        }
        #expect(throws: CollectorError.self) { try SecretFile.read(folder.path(of: "none"), purpose: "it") }
        #expect(throws: CollectorError.self) { try SecretFile.read(folder.path, purpose: "it") }
    }

    @Test("a secret of another user is refused", .enabled(if: getuid() == 0, "only root gives files away"))
    func foreignSecret() throws {
        let folder = try TemporaryDirectory()
        try folder.write("secret", to: "p")
        #expect(chmod(folder.path(of: "p"), 0o600) == 0 && chown(folder.path(of: "p"), 12_345, 12_345) == 0)
        #expect(throws: CollectorError.self) { try SecretFile.read(folder.path(of: "p"), purpose: "it") }
    }

    @Test("an option is refused where its argument is of another kind")
    func optionKinds() throws {
        let handle = try CurlHandle.make(protocols: "sftp", bufferSize: 1 << 20, timeouts: TransferTimeouts())
        #expect(throws: CollectorError.self) { try handle.set(CURLOPT_URL, 1) }
        #expect(throws: CollectorError.self) { try handle.set(CURLOPT_MAX_RECV_SPEED_LARGE, 1) }
        #expect(throws: CollectorError.self) { try handle.set(CURLOPT_NOSIGNAL, "yes") }
        #expect(throws: CollectorError.self) { try handle.set(CURLOPT_URL, "a\0b") }
        try handle.set(CURLOPT_URL, "sftp://127.0.0.1/")
    }

    @Test("text from the other side becomes one line of bounded length")
    func printable() {
        #expect(CurlFailure.printable("a\u{1B}[31m\nb\u{202E}") == "a\u{FFFD}[31m\u{FFFD}b\u{FFFD}")
        #expect(CurlFailure.printable(String(repeating: "x", count: 1000)).unicodeScalars.count == 301)
    }
}
