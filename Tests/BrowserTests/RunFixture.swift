import Foundation

/// A run as a trainer would log it, with values that a test can compute again.
struct RunFixture: Sendable {
    var name: String
    /// The age of the newest line when the test starts, in seconds.
    var age: Double = 1
    var count = 200
    /// Two runs of different shift have different curves.
    var shift: Double = 0
    var extra: [String: Double] = [:]

    static let stepsPerLine = 10

    /// The contents of `run.json`.
    func identity(_ id: String) -> String {
        "{\"schema\":1,\"id\":\(quoted(id)),\"name\":\(quoted(name)),\"total_epochs\":10,\"steps_per_epoch\":1000}\n"
    }

    var lines: [String] {
        let end = Date().timeIntervalSince1970 - age
        return (0..<count).map { line(at: $0, time: end - Double(count - 1 - $0)) }
    }

    func line(at index: Int, time: Double = Date().timeIntervalSince1970) -> String {
        let step = (index + 1) * Self.stepsPerLine
        var values = [
            "train/loss": loss(step), "train/ctc_loss": 0.6 * loss(step), "train/ce_loss": 1.4 * loss(step),
            "train/learning_rate": 1e-4, "train/grad_norm": gradient(step),
        ]
        values.merge(extra.mapValues { $0 + Double(index) }) { $1 }
        let metrics = values.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\($0.value)" }.joined(
            separator: ","
        )
        return "{\"time\":\(time),\"step\":\(step),\"epoch\":\(Double(step) / 1000),\(metrics)}\n"
    }

    /// Falls smoothly, so that a value tells its step.
    func loss(_ step: Int) -> Double { 1 + shift + 4 / (1 + Double(step) / 300) }

    /// Exactly zero now and then, which a log axis has no place for.
    func gradient(_ step: Int) -> Double { step % 500 == 0 ? 0 : 0.5 + 0.4 * sin(Double(step) / 40) }
}
