import Collector
import Foundation
import TestSupport
import Testing

@testable import Collector

@Suite struct HostFileTests {
    static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF/ZRdzt7L+WZOTjdVzhUzVwDDRYx2mnZ2s4RINUMOpk"

    @Test func aFullFileIsUnderstood() throws {
        let text = """
            # ours
            hosts:
              bastion:
                address: "[2001:db8::1]:2222"
                host_key: \(Self.key) comment
              gpu:
                address: root@203.0.113.7:20544
                jump: bastion
                host_key:
                  - \(Self.key)
                identity: ~/.ssh/gpu
                passphrase_file: /etc/voxsite/passphrase
                password_file: "/etc/vox site/password"
                agent: false
            """
        let directory = try HostDirectory(HostFile.parse(text, file: "hosts.yaml"))
        let gpu = try #require(directory.hosts["gpu"])
        #expect(gpu.writtenAddress == "root@203.0.113.7:20544")
        #expect(gpu.identityFile == NSHomeDirectory() + "/.ssh/gpu")
        #expect(gpu.passwordFile == "/etc/vox site/password" && !gpu.usesAgent)
        #expect(gpu.keys.map(\.description) == [Self.key])
        let bastion = try #require(directory.hosts["bastion"])
        #expect(
            bastion.address == "2001:db8::1" && bastion.port == 2222 && bastion.user == nil
                && bastion.usesAgent
        )
        let resolved = try directory.resolve(Location.HostReference(user: "me", name: "gpu"))
        #expect(resolved.host.user == "me" && resolved.jumps.map(\.name) == ["bastion"])
        // An address that stands there is that host, any other is nobody.
        #expect(
            try directory.resolve(Location.HostReference("root@203.0.113.7", allowsPort: true)).host.name
                == "gpu"
        )
        for other in ["203.0.113.8", "other@203.0.113.7", "203.0.113.7:22", "GPU"] {
            let reference = try Location.HostReference(other, allowsPort: true)
            #expect(throws: CollectorError.hostUnknown(other)) { try directory.resolve(reference) }
        }
    }

    @Test(arguments: [
        ("hosts:\n  gpu:\n    adress: a\n    host_key: \(key)\n", 3, "did you mean address?"),
        ("host:\n  gpu: {}\n", 1, "did you mean hosts?"),
        ("hosts:\n  gpu:\n    host_key: \(key)\n", 2, "gpu has no address"),
        ("hosts:\n  gpu:\n    address: a\n", 2, "gpu has no host_key"),
        ("hosts:\n  gpu:\n    address: [a]\n    host_key: \(key)\n", 3, "should be a text"),
        ("hosts:\n  gpu:\n    address: a:0\n    host_key: \(key)\n", 3, "port"),
        ("hosts:\n  gpu:\n    address: -oProxyCommand=x\n    host_key: \(key)\n", 3, "not a usable"),
        ("hosts:\n  gpu:\n    address: a\n    host_key: ssh-ed25519 AAAA\n", 4, "should look like"),
        ("hosts:\n  gpu:\n    address: a\n    host_key: []\n", 4, "empty"),
        ("hosts:\n  gpu:\n    address: a\n    host_key: \(key)\n    agent: maybe\n", 5, "true or false"),
        ("hosts:\n  gpu:\n    address: a\n    host_key: \(key)\n    identity: key\n", 5, "begins with /"),
        ("hosts:\n  gpu:\n    address: a\n    host_key: \(key)\n    jump: a@b\n", 5, "name of another"),
        ("hosts:\n  gpu*:\n    address: a\n    host_key: \(key)\n", 2, "name is made of"),
        ("hosts:\n  -gpu:\n    address: a\n    host_key: \(key)\n", 2, "name is made of"),
        ("hosts:\n  gpu:\n  gpu:\n", nil, "twice"),
        ("hosts: [a\n", nil, ""),
        ("- a\n", 1, "list of keys and values: hosts"),
    ])
    func mistakesAreToldWithTheirLine(_ text: String, _ line: Int?, _ words: String) throws {
        #expect {
            _ = try HostFile.parse(text, file: "/h.yaml")
        } throws: { error in
            guard case .configuration("/h.yaml", let found, let reason)? = error as? CollectorError else {
                return false
            }
            return (line == nil || found == line) && (words.isEmpty || reason.contains(words))
        }
    }

    @Test func anAddressOfSeveralHostsIsNoneOfThem() throws {
        let text = """
            hosts:
              gpu: {address: root@203.0.113.7:22, host_key: \(Self.key)}
              twin: {address: root@203.0.113.7:23, host_key: \(Self.key)}
            """
        let directory = try HostDirectory(HostFile.parse(text, file: "h"), file: "h")
        #expect(
            try directory.resolve(Location.HostReference(name: "203.0.113.7", port: 23)).host.name == "twin"
        )
        #expect {
            try directory.resolve(Location.HostReference(name: "203.0.113.7"))
        } throws: { error in
            "\(error)".contains("gpu, twin")
        }
    }

    @Test func circlesAndMissingJumpHostsAreRefused() throws {
        for jump in ["none", "gpu", "b"] {
            let text = """
                hosts:
                  gpu: {address: a, host_key: \(Self.key), jump: \(jump)}
                  b: {address: b, host_key: \(Self.key), jump: gpu}
                """
            #expect(throws: CollectorError.self) {
                try HostDirectory(HostFile.parse(text, file: "h"))
            }
        }
    }

    @Test func aFileThatOthersMayWriteIsNotBelieved() throws {
        let folder = try TemporaryDirectory()
        try folder.write("hosts:\n  gpu: {address: a, host_key: \(Self.key)}\n", to: "hosts.yaml")
        let file = folder.path(of: "hosts.yaml")
        for mode in [0o620, 0o602, 0o666] {
            chmod(file, mode_t(mode))
            #expect(throws: CollectorError.self) { try HostDirectory(contentsOf: file) }
        }
        chmod(file, 0o600)
        #expect(try HostDirectory(contentsOf: file).hosts.keys.sorted() == ["gpu"])
        #expect(try HostDirectory(contentsOf: folder.path(of: "none")).hosts.isEmpty)
        try folder.write("", to: "empty.yaml")
        #expect(try HostDirectory(contentsOf: folder.path(of: "empty.yaml")).hosts.isEmpty)
    }

    @Test func theFileIsWhereItIsSaidToBe() {
        let home = ProcessInfo.processInfo.environment["HOME"] ?? NSHomeDirectory()
        #expect(HostDirectory.defaultFile(given: "~/h", environment: ["VOXSITE_HOSTS": "/v"]) == home + "/h")
        #expect(HostDirectory.defaultFile(environment: ["VOXSITE_HOSTS": "/v"]) == "/v")
        #expect(HostDirectory.defaultFile(environment: ["XDG_CONFIG_HOME": "/x"]) == "/x/voxsite/hosts.yaml")
        #expect(HostDirectory.defaultFile(environment: [:]) == home + "/.config/voxsite/hosts.yaml")
    }

    /// A damaged file is an error, or other hosts, but never the end of the program.
    @Test func anyDamageToTheTextIsSurvived() throws {
        let text = Array(
            "hosts:\n  gpu:\n    address: r@h:1\n    host_key: \(Self.key)\n    agent: false\n".utf8
        )
        for index in text.indices {
            _ = try? HostFile.parse(String(decoding: text[..<index], as: UTF8.self), file: "h")
            for byte: UInt8 in [0, 0x09, 0x0A, 0x22, 0x23, 0x26, 0x2A, 0x2D, 0x3A, 0x5B, 0x7B, 0xFF] {
                var damaged = text
                damaged[index] = byte
                _ = try? HostFile.parse(String(decoding: damaged, as: UTF8.self), file: "h")
            }
        }
    }
}
