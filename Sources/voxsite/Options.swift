import ArgumentParser
import SiteGen

/// What `build` and `demo` have in common.
struct SiteOptions: ParsableArguments {
    @Option(name: [.short, .customLong("output")], help: "The folder the site goes to.")
    var output = "site"

    @Option(help: "A folder of templates that replace voxsite's own, file by file.")
    var templates: String?

    @Option(name: .customLong("public"), help: "A folder of files to copy to the site as they are.")
    var publicFolder: String?

    @Option(help: "Shown atop every page.")
    var title = "voxsite"

    @Option(
        help: "Where the site will stand on its host, such as /training/; for the page for missing addresses."
    )
    var mount = "/"

    func validate() throws {
        let isPlain = mount.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || "/-._~".utf8.contains($0)
        }
        guard isPlain, mount.hasPrefix("/"), mount.hasSuffix("/"), !mount.contains("//") else {
            throw ValidationError(
                "--mount: \(mount) is not a path with a slash at both ends, such as /training/"
            )
        }
    }

    func configuration(runs: String) throws -> SiteConfiguration {
        SiteConfiguration(
            runs: runs,
            output: output,
            templates: try ResourceFolders.find("templates", override: templates),
            assets: try ResourceFolders.find("public", override: publicFolder),
            title: title,
            mountPath: mount
        )
    }
}

/// Where the server listens.
struct ServerOptions: ParsableArguments {
    @Option(help: "The address to listen at. Anything but 127.0.0.1 or ::1 lets other machines in.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen at; 0 takes any free one.")
    var port = 8080

    @Option(
        name: .customLong("allow-host"),
        help: "A name by which a reverse proxy in front addresses the server. May be given several times."
    )
    var allowedHosts: [String] = []

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port: \(port) is not between 0 and 65535")
        }
    }

    func configuration(siteRoot: String, isWatching: Bool) -> ServerConfiguration {
        ServerConfiguration(
            siteRoot: siteRoot,
            host: host,
            port: port,
            cacheControl: isWatching ? .watch : .static,
            allowedHosts: allowedHosts
        )
    }
}

/// How much is said.
struct TalkOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Say more, for whoever looks for a cause.")
    var verbose = false

    var console: Console { Console(verbosity: quiet ? .quiet : verbose ? .verbose : .normal) }
}
