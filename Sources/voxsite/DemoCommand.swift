import ArgumentParser
import Demonstration
import Foundation
import Glibc
import RunRecords
import ServiceLifecycle
import SiteGen

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Train something small for real and watch it live.",
        discussion: """
            Runs stochastic gradient descent on a small regression problem for about a minute and a half, writes the \
            run to the folder of runs as any trainer would, and serves the dashboard while it does.
            """
    )

    @Option(name: .shortAndLong, help: "The folder of runs.")
    var runs = "runs"

    @Option(help: "Optimiser steps per second; 0 for as fast as it goes.")
    var pace = 40.0

    @Flag(help: "End when the training run has ended instead of serving on.")
    var once = false

    @OptionGroup var site: SiteOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var talk: TalkOptions

    func validate() throws {
        guard pace >= 0, pace.isFinite else {
            throw ValidationError("--pace: \(pace) is not a number of steps")
        }
    }

    func run() async throws {
        var regression = RegressionConfiguration()
        regression.pace = pace > 0 ? pace : nil
        let console = talk.console
        guard mkdir(runs, 0o755) == 0 || errno == EEXIST else {
            throw UsageError("\(runs): the folder cannot be created: \(String(cString: strerror(errno)))")
        }
        let configuration = try site.configuration(runs: runs)
        let session = LiveSession(
            configuration: configuration,
            server: server.configuration(siteRoot: configuration.output, isWatching: true),
            reporter: BuildReporter(console: console, output: configuration.output, printsJSON: false),
            console: console,
            workload: DemoWorkload(
                regression: RegressionRun(configuration: regression),
                runs: runs,
                console: console
            ),
            endsWithWorkload: once
        )
        try await session.run()
    }
}
