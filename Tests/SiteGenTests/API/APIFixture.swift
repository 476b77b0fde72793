import Foundation

@testable import SiteGen

/// Reports for the tests of the JSON and CSV twins.
enum APIFixture {
    /// A run that has something of everything.
    static let full = report(
        id: "stage2",
        name: "VoxFormer \"2\" <b>",
        engine: "trainer",
        stage: "stage2",
        status: .running,
        started: 1_765_467_060,
        lastUpdate: 1_765_470_600,
        progress: RunProgress(
            step: 3568,
            totalSteps: 17_840,
            epoch: 1,
            totalEpochs: 5,
            passedEpochs: 1,
            stepsPerSecond: 3.9,
            etaSeconds: 3659.49,
            elapsedSeconds: 3540
        ),
        knots: [
            AxisKnot(step: 0, epoch: 0, time: 1_765_467_060),
            AxisKnot(step: 10, epoch: 0.5, time: 1_765_467_080),
            AxisKnot(step: 20, epoch: nil, time: nil),
        ],
        series: [
            series("train/loss", [(0, 7.5), (5, 4), (10, .nan), (20, 3.916)], smoothedWith: 100),
            series("train/ctc_loss", [(0, 3), (20, 1.8)]), series("train/ce_loss", [(5, 5.35)]),
            series("train/learning_rate", [(0, 8.5e-06)]), series("system/gpu_util", [(0, 97)]),
            series("system/gpu_memory_gb", [(0, 23.7)]),
            series("</script>\u{2028}\"\u{301}", [(0, -.infinity)]),
        ]
    )

    static func report(
        id: String,
        name: String = "run",
        engine: String? = nil,
        stage: String? = nil,
        status: RunStatus = .completed,
        started: Double? = nil,
        lastUpdate: Double? = nil,
        progress: RunProgress = RunProgress(
            step: nil,
            totalSteps: nil,
            epoch: nil,
            totalEpochs: nil,
            passedEpochs: nil,
            stepsPerSecond: nil,
            etaSeconds: nil,
            elapsedSeconds: nil
        ),
        axis: XAxis = .step,
        knots: [AxisKnot] = [],
        series: [SeriesReport] = []
    ) -> RunReport {
        let isFull = stage != nil
        return RunReport(
            id: id,
            name: name,
            engine: engine,
            stage: stage,
            hostName: isFull ? "gpu-1" : nil,
            gpuName: nil,
            tags: isFull ? ["a&b"] : [],
            notes: isFull ? "line 1\nline 2" : "",
            configuration: isFull
                ? [
                    ConfigurationEntry(key: "optimizer.lr", value: "0.0003"),
                    ConfigurationEntry(key: "optimizer.lr", value: "clash"),
                ] : [],
            logPath: "\(id)/metrics.jsonl",
            status: status,
            started: started.map { Date(timeIntervalSince1970: $0) },
            lastUpdate: lastUpdate.map { Date(timeIntervalSince1970: $0) },
            silentAfter: nil,
            progress: progress,
            axis: axis,
            axisKnots: knots,
            restarts: isFull ? [10] : [],
            series: series,
            epochs: isFull ? rows.epochs : [],
            evaluations: isFull ? rows.evaluations : [],
            checkpoints: isFull ? rows.checkpoints : [],
            backups: isFull ? rows.backups : [],
            samples: isFull ? rows.samples : [],
            messages: isFull ? rows.messages : [],
            problems: LogProblems(
                badLineCount: isFull ? 1 : 0,
                examples: isFull ? ["stage2/metrics.jsonl:4: not an object"] : [],
                unfinishedBytes: 0,
                failures: []
            )
        )
    }

    static func series(
        _ name: String,
        _ points: [(Double, Double)],
        smoothedWith halfLife: Double? = nil
    ) -> SeriesReport {
        let points = points.map { DataPoint(x: $0, y: $1) }
        let finite = points.filter(\.y.isFinite)
        return SeriesReport(
            name: name,
            points: points,
            smoothed: halfLife.map { [SmoothedCurve(halfLifeSteps: $0, points: finite.map(third))] } ?? [],
            defaultSmoothing: halfLife == nil ? nil : 0,
            discarded: halfLife == nil ? [] : [[DataPoint(x: 9, y: 5)]],
            count: points.count,
            nonFiniteCount: points.count - finite.count,
            first: finite.first,
            last: finite.last,
            minimum: finite.min { $0.y < $1.y },
            maximum: finite.max { $0.y < $1.y },
            percentiles: nil,
            previous: nil
        )
    }

    private static func third(_ point: DataPoint) -> DataPoint { DataPoint(x: point.x, y: point.y / 3) }

    private static let rows = (
        epochs: [
            EpochRow(
                epoch: 0,
                averageLoss: 3.916,
                ctcLoss: 1.8,
                ceLoss: 5.35,
                learningRate: 8.5e-06,
                wordErrorRate: 0.07,
                time: Date(timeIntervalSince1970: 1_765_470_600),
                durationSeconds: 3500
            )
        ],
        evaluations: [
            EvaluationRow(
                step: 3568,
                epoch: 0,
                time: Date(timeIntervalSince1970: 1_765_470_600),
                wordErrorRate: 0.07,
                characterErrorRate: nil,
                transcripts: [Transcript(reference: "a", hypothesis: "b")]
            )
        ],
        checkpoints: [
            CheckpointRow(
                path: "checkpoints/best.safetensors",
                bytes: 1e9,
                kind: "best",
                sha256: nil,
                step: 3568,
                epoch: 0,
                time: nil,
                backedUp: nil
            )
        ],
        backups: [
            BackupRow(
                path: "checkpoints/best.safetensors",
                destination: "vps",
                succeeded: true,
                bytes: 1e9,
                seconds: 12.5,
                message: "",
                time: Date(timeIntervalSince1970: 1_765_470_700)
            )
        ],
        samples: [
            SampleRow(
                videoPath: "media/a.mp4",
                audioPath: nil,
                posterPath: nil,
                pictures: [],
                text: "hi",
                transcript: "hi",
                voice: "v",
                avatar: "art_0",
                engine: "rig",
                isNeural: false,
                step: nil,
                time: nil,
                timings: [ConfigurationEntry(key: "speech", value: "0.5")]
            )
        ],
        messages: [MessageRow(kind: .status, level: "running", title: "", text: "", step: nil, time: nil)]
    )
}
