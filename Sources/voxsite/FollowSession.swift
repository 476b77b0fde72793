import Collector
import Files

/// `voxsite sync --follow`: carries what grows until it is stopped.
struct FollowSession: Sendable {
    private let follower: Follower
    private let options: SyncOptions
    private let screen: SyncScreen

    init(_ options: SyncOptions, places: SyncPlaces, screen: SyncScreen) throws {
        self.options = options
        self.screen = screen
        guard options.destination.isLocal else {
            throw CollectorError.usage(
                "\(options.destination): --follow collects into a folder of this machine"
            )
        }
        let sources = try options.sources.map { try Self.source($0, places: places) }
        var configuration = FollowConfiguration(
            sources: sources,
            destinationRoot: options.destination.path
        )
        // -r asks for everything, as it does without --follow.
        configuration.includesOtherFiles = options.isRecursive
        configuration.includesCheckpoints = options.isRecursive
        let rules = options.rules
        configuration.selects = { !rules.leavesOut($0) }
        let output = options.output
        configuration.report = { Self.report($0, output: output, screen: screen) }
        follower = Follower(configuration: configuration)
    }

    /// The trailing slash counts as without `--follow`: with it the contents, without it the folder.
    private static func source(_ location: Location, places: SyncPlaces) throws -> FollowSource {
        var targetFolder: RelativePath?
        if !location.hasTrailingSlash, let (_, name) = location.folderAndName() {
            targetFolder = try RelativePath(validating: name)
        }
        let name =
            switch location.scheme {
            case .local: "local"
            case .host(let host), .sftp(let host): host.name
            case .http(let origin): origin
            }
        return FollowSource(
            name: name,
            location: location.description,
            targetFolder: targetFolder,
            localRoot: location.isLocal ? location.path : nil,
            open: { [opener = places.opener] in try await opener.open(location) }
        )
    }

    /// - Returns: what the shell is told: 0 after an orderly end, 23 where something is missing.
    ///
    /// - Parameter stop: asked once for a last pass, and again for an end without.
    func run(stop: OrderlyStop) async -> Int32 {
        do {
            let summary = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { [options, screen] in
                    await stop.wait(for: .finish)
                    guard !Task.isCancelled, !options.output.isQuiet else { return }
                    screen.write(.talk, "stopping: one last look; once more ends it at once")
                }
                defer { group.cancelAll() }
                return try await follower.run(stop: stop)
            }
            if !options.output.isQuiet {
                screen.write(
                    .talk,
                    "stopped: \(summary.carriedByteCount) bytes of \(summary.fileCount) files arrived, "
                        + "\(summary.lagByteCount) are known to be missing"
                        + (summary.isComplete ? "" : "; not every host could be looked at once more")
                )
            }
            return summary.isComplete && summary.problems.isEmpty ? 0 : 23
        } catch is CancellationError {
            return 20
        } catch let error as CollectorError {
            screen.write(.talk, "voxsite: \(error)")
            return error.exitStatus
        } catch {
            screen.write(.talk, "voxsite: \(error)")
            return 1
        }
    }

    private static func report(_ event: FollowEvent, output: SyncOutputOptions, screen: SyncScreen) {
        func say(_ text: String) { if !output.isQuiet { screen.write(.talk, text) } }
        func tell(_ host: String, _ error: CollectorError, _ next: String = "") {
            let text = "\(error)"
            screen.write(.talk, (text.hasPrefix(host + ":") ? text : "\(host): \(text)") + next)
        }
        switch event {
        case .connected(let host, let channel): say("\(host): connected over \(channel)")
        case .disconnected(let host, let error, let retryAfter):
            let next = retryAfter.map { $0 < .seconds(1) ? "at once" : "in \($0.components.seconds) s" }
            tell(
                host,
                error,
                next.map { "; tried again " + $0 } ?? "; left alone until this is started again"
            )
        case .discovered(let host, let path): if output.verbosity > 0 { say("\(host): following \(path)") }
        case .carried(_, let path, let byteCount):
            if output.itemizes || output.verbosity > 0 {
                screen.write(.output, ShownText.escaped("\(byteCount) \(path)"))
            }
        case .generation(let host, let path, let reason):
            say("\(host): \(path): a new generation: \(reason); what was collected is kept")
        case .vanished(let host, let path):
            say("\(host): \(path): it is gone there; what was collected is kept")
        case .problem(let host, let error): tell(host, error)
        case .note(let text): say(text)
        }
    }
}
