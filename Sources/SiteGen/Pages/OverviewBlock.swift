import Foundation

/// The run at a glance: rings for what fills up, cards for what changes.
struct OverviewBlock {
    let report: RunReport
    let known: KnownSeries

    /// Nil for a run that has logged nothing: a row of dashes tells nobody anything.
    var context: TemplateContext? {
        let cards = cards
        let rings = rings
        guard !cards.isEmpty || !rings.isEmpty else { return nil }
        return [.hasRings: .flag(!rings.isEmpty), .rings: .list(rings), .cards: .list(cards)]
    }

    // MARK: Rings

    /// Only what has an end fills a ring: a run without a plan has none for its epochs and steps.
    private var rings: [TemplateContext] {
        var rings: [TemplateContext] = []
        let progress = report.progress
        if let epoch = progress.passedEpochs, let total = progress.totalEpochs, total > 0 {
            let value = "\(Wording.epoch(epoch))/\(Wording.epoch(total))"
            rings.append(ring("epoch", "Epoch", fraction: epoch / total, value: value))
        }
        if let fraction = progress.fraction {
            rings.append(ring("step", "Steps", fraction: fraction, value: Self.wholePercent(fraction)))
        }
        if let share = KnownSeries.share(known.gpuUtilisation) {
            rings.append(ring("gpu", "GPU", fraction: share, value: Self.wholePercent(share)))
        }
        return rings
    }

    private func ring(_ key: String, _ label: String, fraction: Double, value: String) -> TemplateContext {
        let svg = ProgressRing.svg(fraction: fraction, value: value, label: label)
        return [
            .key: .text(key), .label: .text(label),
            .ringMarkup: .markup(String(decoding: svg, as: UTF8.self)),
        ]
    }

    /// Rounded down, so that 100 % means done.
    static func wholePercent(_ fraction: Double) -> String { "\(Int(fraction * 100)) %" }

    // MARK: Cards

    private var cards: [TemplateContext] {
        [lossCard, epochCard, stepCard, speedCard, timeCard, errorRateCard, learningRateCard, memoryCard]
            .compactMap(\.self)
    }

    private func card(
        _ key: String,
        _ label: String,
        _ value: String,
        unit: String? = nil,
        trend: TemplateContext? = nil,
        detail: TemplateValue = .absent,
        finish: Date? = nil
    ) -> TemplateContext {
        var isMarkup = false
        if case .markup = detail { isMarkup = true }
        return [
            .key: .text(key), .label: .text(label), .value: .text(value), .unit: .optional(unit),
            .trend: .optional(trend), .detail: isMarkup ? .absent : detail,
            .detailMarkup: isMarkup ? detail : .absent, .eta: .optional(finish.map(Wording.stamp)),
        ]
    }

    private var lossCard: TemplateContext? {
        guard let loss = known.loss, let last = loss.last else { return nil }
        let name = Wording.shortened(loss.name, to: 40)
        if let newest = loss.points.last, !newest.y.isFinite {
            let detail = "\(name), last finite \(NumberFormat.value(last.y)) at \(Wording.step(last.x))"
            return card("loss", "Loss", NumberFormat.value(newest.y), detail: .text(detail))
        }
        return card(
            "loss",
            "Loss",
            NumberFormat.value(last.y),
            trend: trend(from: loss.previous, to: last.y),
            detail: .text(name)
        )
    }

    /// How the newest value compares with the mean over the window before it.
    private func trend(from previous: Double?, to last: Double) -> TemplateContext? {
        guard let previous, previous != 0, previous.isFinite else { return nil }
        let change = (last - previous) / abs(previous)
        guard change.isFinite else { return nil }
        let direction = abs(change) < 0.0005 ? "flat" : change < 0 ? "down" : "up"
        let text =
            switch direction {
            case "down": "\(Self.share(change)) lower"
            case "up": "\(Self.share(change)) higher"
            default: "unchanged"
            }
        return [.direction: .text(direction), .text: .text(text)]
    }

    private static func share(_ change: Double) -> String {
        NumberFormat.text(abs(change) * 100, significantDigits: 2) + " %"
    }

    private var epochCard: TemplateContext? {
        guard let epoch = report.progress.passedEpochs else { return nil }
        let total = report.progress.totalEpochs.map { "of \(Wording.epoch($0))" }
        return card("epoch", "Epoch", Wording.epoch(epoch), unit: total)
    }

    private var stepCard: TemplateContext? {
        guard let step = report.progress.step else { return nil }
        let total = report.progress.totalSteps.map { "of \(Wording.step($0))" }
        return card(
            "step",
            report.axis == .line ? "Line" : "Step",
            Wording.step(step),
            detail: .optional(total)
        )
    }

    private var speedCard: TemplateContext? {
        guard let speed = report.progress.stepsPerSecond else { return nil }
        let isSlow = speed > 0 && speed < 0.1
        return card(
            "speed",
            "Speed",
            NumberFormat.text(isSlow ? 1 / speed : speed, significantDigits: 3),
            unit: isSlow ? "s/step" : "steps/s",
            detail: report.status == .running ? .absent : "when last heard"
        )
    }

    /// When the run is going to be done, at its measured speed.
    static func finish(of report: RunReport) -> Date? {
        guard let eta = report.progress.etaSeconds, eta.isFinite else { return nil }
        return report.lastUpdate?.addingTimeInterval(eta)
    }

    /// The time left while the run is going, else the time it took.
    private var timeCard: TemplateContext? {
        if report.status == .running, let eta = report.progress.etaSeconds {
            let finish = Self.finish(of: report)
            return card(
                "eta",
                "Time left",
                Wording.duration(eta),
                detail: finish.map { .markup("done " + Wording.time($0)) } ?? .absent,
                finish: finish
            )
        }
        guard let elapsed = report.progress.elapsedSeconds, elapsed > 0 else { return nil }
        let isGoing = report.status == .running
        return card("elapsed", isGoing ? "Running for" : "Ran for", Wording.duration(elapsed))
    }

    private var errorRateCard: TemplateContext? {
        let rated = report.evaluations.filter { $0.wordErrorRate?.isFinite ?? false }
        guard let newest = rated.last?.wordErrorRate,
            let best = rated.min(by: { ($0.wordErrorRate ?? .infinity) < ($1.wordErrorRate ?? .infinity) })
        else { return nil }
        let place = best.step.map { " at step \(Wording.step($0))" } ?? ""
        let detail = "best \(Wording.percent(best.wordErrorRate))\(place)"
        return card("wer", "Word error rate", Wording.percent(newest), detail: .text(detail))
    }

    private var learningRateCard: TemplateContext? {
        guard let last = known.learningRate?.last else { return nil }
        return card("learning-rate", "Learning rate", NumberFormat.learningRate(last.y))
    }

    private var memoryCard: TemplateContext? {
        guard let memory = known.gpuMemory, let last = memory.last else { return nil }
        let unit = MetricName(memory.name).unit
        let peak = memory.maximum.map { "peak \(unit.text($0.y))" }
        return card("gpu-memory", "GPU memory", unit.text(last.y), detail: .optional(peak))
    }
}
