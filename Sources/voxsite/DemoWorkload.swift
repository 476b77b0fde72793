import Demonstration
import Foundation
import RunRecords
import ServiceLifecycle

/// The training run of the demo as a service: Ctrl-C ends it with a last line in its log.
struct DemoWorkload: Service {
    let regression: RegressionRun
    let runs: String
    let console: Console

    func run() async throws {
        let writer = try RunLogWriter(runs: runs, id: Self.identifier())
        console.say("Training: \(RegressionRun.name), run \(writer.id)")
        let outcome = try await cancelWhenGracefulShutdown { try await regression.run(writer: writer) }
        switch outcome {
        case .completed: console.say("Training is done; the dashboard stays up until Ctrl-C.")
        case .stopped(let step):
            console.say("Training stopped at step \(step); its log and best checkpoint are kept.")
        }
    }

    /// A new run each time, in order of time.
    private static func identifier() -> String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = "\(parts.tm_year + 1900)\(two(parts.tm_mon + 1))\(two(parts.tm_mday))"
        return "demo-\(date)-\(two(parts.tm_hour))\(two(parts.tm_min))\(two(parts.tm_sec))"
    }
}
