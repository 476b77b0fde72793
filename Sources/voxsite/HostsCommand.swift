import ArgumentParser
import Collector
import Foundation

struct HostsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hosts",
        abstract: "The hosts that are trusted, and their keys.",
        discussion: """
            Files are only ever carried from and to hosts whose keys stand in hosts.yaml. A key is shown once, when \
            its host is added; from then on any other key is a hard stop.
            """,
        subcommands: [Add.self, List.self, Remove.self, Move.self, Check.self]
    )
}

/// Where the hosts are.
struct HostFileOptions: ParsableArguments {
    @Option(help: "The file with the known hosts. (default: $VOXSITE_HOSTS or ~/.config/voxsite/hosts.yaml)")
    var hosts: String?

    var file: String { HostDirectory.defaultFile(given: hosts) }

    func directory() throws -> HostDirectory { try HostDirectory(contentsOf: file) }

    /// Asks on the terminal, where there is one.
    func enrolment() -> HostEnrolment {
        let isTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
        return HostEnrolment(file: file, confirm: isTerminal ? Self.ask : nil)
    }

    @Sendable private static func ask(_ offer: HostKeyOffer) async -> Bool {
        Console.error(
            """
            \(offer.name) (\(offer.address)) shows this key:
              \(offer.fingerprint) (\(offer.algorithm))
            Compare it with what the machine itself says: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
            Type yes to trust it from now on:
            """
        )
        return readLine() == "yes"
    }

    /// Runs a command's work; a failure of the collector is printed and becomes its exit code.
    static func exiting(_ body: () async throws -> Void) async throws {
        do { try await body() } catch let error as CollectorError {
            // A host that is not trusted: the number of rsync(1) for what cannot start.
            if case .refused(let host, let reason) = error {
                Console.error("voxsite: \(host): \(reason)")
                throw ExitCode(5)
            }
            Console.error("voxsite: \(error)")
            throw ExitCode(error.exitStatus)
        }
    }
}

extension HostsCommand {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a host's key and store it once.")

        @Argument(help: "What to call it: gpu.")
        var name: String

        @Argument(help: "Where it is: user@host:port.")
        var address: String

        @Option(help: "The host to go through: a known name, or user@host:port to add it as NAME-jump.")
        var jump: String?

        @Option(help: "The fingerprint that the key must have: SHA256:…. Asked for on a terminal otherwise.")
        var fingerprint: String?

        @Option(help: "The same for a jump host that is added, too.")
        var jumpFingerprint: String?

        @Option(help: "The private key to log in with.")
        var identity: String?

        @OptionGroup var file: HostFileOptions

        func run() async throws {
            try await HostFileOptions.exiting {
                let request = HostEnrolment.Request(
                    name: name,
                    address: try Location.HostReference(address, allowsPort: true),
                    jump: jump,
                    fingerprint: fingerprint,
                    jumpFingerprint: jumpFingerprint,
                    identity: identity
                )
                let added = try await file.enrolment().add(request)
                for host in added {
                    Console.error("\(host.name): \(host.fingerprints) is trusted from now on (\(file.file))")
                }
                if added.isEmpty { Console.error("\(name): known already, with this key") }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the known hosts.")

        @OptionGroup var file: HostFileOptions

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await HostFileOptions.exiting {
                let hosts = try file.directory().hosts.values.sorted { $0.name < $1.name }
                guard json else {
                    if hosts.isEmpty {
                        Console.error(
                            "no hosts in \(file.file) yet; voxsite hosts add NAME user@host:port adds one"
                        )
                    }
                    for host in hosts {
                        let jump = host.jump.map { " through \($0)" } ?? ""
                        print("\(host.name)\t\(host.writtenAddress)\(jump)\t\(host.fingerprints)")
                    }
                    return
                }
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                print(String(decoding: try encoder.encode(hosts.map(Row.init)), as: UTF8.self))
            }
        }

        private struct Row: Encodable {
            let name: String
            let address: String
            let jump: String?
            let fingerprints: [String]

            init(_ host: KnownHost) {
                name = host.name
                address = host.writtenAddress
                jump = host.jump
                fingerprints = host.keys.map(\.fingerprint)
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Forget a host and its key.")

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var file: HostFileOptions

        func run() async throws {
            try await HostFileOptions.exiting {
                let host = try file.enrolment().remove(name)
                Console.error("\(host.name): \(host.fingerprints) is no longer trusted")
            }
        }
    }

    struct Move: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a host a new address; its pinned key must answer there."
        )

        @Argument(help: "Its name.")
        var name: String

        @Argument(help: "Where it is now: user@host:port.")
        var address: String

        @OptionGroup var file: HostFileOptions

        func run() async throws {
            try await HostFileOptions.exiting {
                let reference = try Location.HostReference(address, allowsPort: true)
                let host = try await file.enrolment().move(name, to: reference)
                Console.error("\(host.name): now at \(host.writtenAddress), with the same key")
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Connect to a host and say what answers.")

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var file: HostFileOptions

        func run() async throws {
            try await HostFileOptions.exiting {
                let check = try await HostCheck.run(name, hosts: file.directory())
                for finding in check.findings {
                    print("\(finding.isGood ? "yes" : "no ")  \(finding.subject): \(finding.detail)")
                }
                if !check.isUsable { throw ExitCode(10) }
            }
        }
    }
}
