import Foundation

@testable import SiteGen

/// Hand-made runs in the states pages are designed for.
enum SampleReports {
    /// 24 Nov 2026 03:10 UTC.
    static let now = Date(timeIntervalSince1970: 1_795_489_800)

    /// A report with everything left empty that is not given.
    static func report(
        id: String = "empty",
        name: String? = nil,
        status: RunStatus = .waiting,
        started: Date? = nil,
        lastUpdate: Date? = nil,
        silentAfter: Date? = nil,
        progress: RunProgress = progress(),
        tags: [String] = [],
        notes: String = "",
        configuration: [ConfigurationEntry] = [],
        restarts: [Double] = [],
        series: [SeriesReport] = [],
        epochs: [EpochRow] = [],
        evaluations: [EvaluationRow] = [],
        checkpoints: [CheckpointRow] = [],
        backups: [BackupRow] = [],
        samples: [SampleRow] = [],
        messages: [MessageRow] = [],
        problems: LogProblems = LogProblems(badLineCount: 0, examples: [], unfinishedBytes: 0, failures: [])
    ) -> RunReport {
        RunReport(
            id: id,
            name: name ?? id,
            engine: "trainer",
            stage: "stage2",
            hostName: "gpu-1",
            gpuName: "RTX 4090",
            tags: tags,
            notes: notes,
            configuration: configuration,
            logPath: "\(id)/metrics.jsonl",
            status: status,
            started: started,
            lastUpdate: lastUpdate,
            silentAfter: silentAfter,
            progress: progress,
            axis: .step,
            axisKnots: knots,
            restarts: restarts,
            series: series,
            epochs: epochs,
            evaluations: evaluations,
            checkpoints: checkpoints,
            backups: backups,
            samples: samples,
            messages: messages,
            problems: problems
        )
    }

    static func progress(
        step: Double? = nil,
        totalSteps: Double? = nil,
        epoch: Double? = nil,
        totalEpochs: Double? = nil,
        stepsPerSecond: Double? = nil,
        etaSeconds: Double? = nil,
        elapsedSeconds: Double? = nil
    ) -> RunProgress {
        RunProgress(
            step: step,
            totalSteps: totalSteps,
            epoch: epoch,
            totalEpochs: totalEpochs,
            passedEpochs: epoch,
            stepsPerSecond: stepsPerSecond,
            etaSeconds: etaSeconds,
            elapsedSeconds: elapsedSeconds
        )
    }

    /// A series of `count` points ten steps apart, with a curve where it is long enough.
    static func series(
        _ name: String,
        count: Int = 60,
        _ value: (_ position: Double) -> Double
    ) -> SeriesReport {
        let points = (0..<count).map { index in
            DataPoint(x: Double(index + 1) * 10, y: value(Double(index) / Double(max(1, count - 1))))
        }
        let finite = points.filter(\.y.isFinite)
        let sorted = finite.map(\.y).sorted()
        let curve = finite.enumerated().map { index, point in
            let window = finite[max(0, index - 6)...index]
            return DataPoint(x: point.x, y: window.reduce(0) { $0 + $1.y } / Double(window.count))
        }
        let isLong = count > 20
        return SeriesReport(
            name: name,
            points: points,
            smoothed: isLong
                ? [
                    SmoothedCurve(halfLifeSteps: 20, points: curve),
                    SmoothedCurve(halfLifeSteps: 100, points: curve),
                ]
                : [],
            defaultSmoothing: isLong ? 0 : nil,
            discarded: [],
            count: count,
            nonFiniteCount: count - finite.count,
            first: finite.first,
            last: finite.last,
            minimum: finite.min { $0.y < $1.y },
            maximum: finite.max { $0.y < $1.y },
            percentiles: sorted.isEmpty ? nil : sorted[sorted.count / 20]...sorted[sorted.count * 19 / 20],
            previous: finite.count > 12 ? finite[finite.count - 12].y : nil
        )
    }

    private static let knots = (0...4).map { index in
        AxisKnot(
            step: Double(index) * 150,
            epoch: Double(index) / 2,
            time: now.timeIntervalSince1970 - 7200 + Double(index) * 1800
        )
    }

    /// A wave that is the same everywhere, in place of noise.
    private static func wave(_ position: Double) -> Double {
        let phase = position * 37
        return (phase - phase.rounded(.down)) - 0.5
    }

    // MARK: Runs

    /// A run in full swing, with something in every section.
    static let running = report(
        id: "stage2-20261124",
        name: "VoxFormer stage 2",
        status: .running,
        started: now.addingTimeInterval(-7200),
        lastUpdate: now,
        silentAfter: now.addingTimeInterval(60),
        progress: progress(
            step: 6800,
            totalSteps: 17_840,
            epoch: 1,
            totalEpochs: 5,
            stepsPerSecond: 3.9,
            etaSeconds: 2831,
            elapsedSeconds: 7200
        ),
        tags: ["baseline", "fp16"],
        notes: "Second stage: the encoder is thawed, the learning rate halved.",
        configuration: [
            ConfigurationEntry(key: "model.layers", value: "12"),
            ConfigurationEntry(key: "optimizer.lr", value: "1.7e-05"),
            ConfigurationEntry(key: "seed", value: "7"),
        ],
        restarts: [410],
        series: [
            series("train/loss") { 7.2 / (1 + 6 * $0) + 0.3 * wave($0) },
            series("train/ctc_loss") { 4.1 / (1 + 8 * $0) + 0.2 * wave($0) },
            series("train/ce_loss") { 8.4 / (1 + 5 * $0) + 0.3 * wave($0) },
            series("train/learning_rate") { 1.7e-5 * min(1, $0 * 5) * (1 - 0.6 * $0) },
            series("train/grad_norm") { 0.9 + wave($0) * 0.4 },
            series("eval/wer", count: 4) { 0.9 - 0.6 * $0 },
            series("train/steps_per_second") { 3.9 + 0.1 * wave($0) },
            series("system/gpu_util") { 94 + 6 * wave($0) },
            series("system/gpu_memory_gb") { 23.7 + 0.1 * wave($0) },
        ],
        epochs: [
            EpochRow(
                epoch: 0,
                averageLoss: 3.916,
                ctcLoss: 1.8,
                ceLoss: 5.35,
                learningRate: 8.5e-6,
                wordErrorRate: 0.4127,
                time: now.addingTimeInterval(-3600),
                durationSeconds: 912
            ),
            EpochRow(
                epoch: 1,
                averageLoss: 1.204,
                ctcLoss: 0.61,
                ceLoss: 1.52,
                learningRate: 1.7e-5,
                wordErrorRate: 0.3,
                time: now.addingTimeInterval(-60),
                durationSeconds: 908
            ),
        ],
        evaluations: [
            EvaluationRow(
                step: 3568,
                epoch: 0,
                time: now.addingTimeInterval(-3600),
                wordErrorRate: 0.4127,
                characterErrorRate: 0.181,
                transcripts: []
            ),
            EvaluationRow(
                step: 6400,
                epoch: 1,
                time: now.addingTimeInterval(-240),
                wordErrorRate: 0.3,
                characterErrorRate: 0.124,
                transcripts: [
                    Transcript(reference: "the quick brown fox", hypothesis: "the quick brown box"),
                    Transcript(reference: "speak to me slowly", hypothesis: ""),
                ]
            ),
        ],
        checkpoints: [
            CheckpointRow(
                path: "checkpoints/best.safetensors",
                bytes: 182_400_000,
                kind: "best",
                sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                step: 6400,
                epoch: 1,
                time: now.addingTimeInterval(-200),
                backedUp: now.addingTimeInterval(-100)
            ),
            CheckpointRow(
                path: "checkpoints/step_6800.safetensors",
                bytes: 182_400_000,
                kind: "step",
                sha256: nil,
                step: 6800,
                epoch: 1,
                time: now,
                backedUp: nil
            ),
        ],
        backups: [
            BackupRow(
                path: "checkpoints/best.safetensors",
                destination: "sftp://backup.example/vox/",
                succeeded: true,
                bytes: 182_400_000,
                seconds: 41.2,
                message: "",
                time: now.addingTimeInterval(-100)
            ),
            BackupRow(
                path: "checkpoints/epoch_history.log",
                destination: "sftp://backup.example/vox/",
                succeeded: false,
                bytes: nil,
                seconds: 10,
                message: "connection reset by peer",
                time: now.addingTimeInterval(-90)
            ),
        ],
        samples: [
            clip("Good morning, Ada.", voice: "amy", at: -300),
            clip("Good morning, Ada.", voice: "joe", at: -200),
        ],
        messages: [
            MessageRow(
                kind: .status,
                level: "running",
                title: "",
                text: "",
                step: 0,
                time: now.addingTimeInterval(-7200)
            ),
            MessageRow(
                kind: .alert,
                level: "warn",
                title: "Gradient clipped",
                text: "norm 14.2 at step 410, resumed from step_400",
                step: 410,
                time: now.addingTimeInterval(-5000)
            ),
            MessageRow(
                kind: .note,
                level: "info",
                title: "",
                text: "Learning rate halved.",
                step: 500,
                time: nil
            ),
        ],
        problems: LogProblems(
            badLineCount: 2,
            examples: [
                "stage2-20261124/metrics.jsonl:412: the object ends early",
                "stage2-20261124/metrics.jsonl:977: not JSON",
            ],
            unfinishedBytes: 17,
            failures: []
        )
    )

    static func clip(_ text: String, voice: String, at offset: Double) -> SampleRow {
        SampleRow(
            videoPath: "media/\(voice) 1.mp4",
            audioPath: nil,
            posterPath: "media/\(voice).jpg",
            pictures: [ConfigurationEntry(key: "spectrogram", value: "media/\(voice)#spec.png")],
            text: text,
            transcript: text.lowercased(),
            voice: voice,
            avatar: "art_0",
            engine: "rig",
            isNeural: voice == "amy",
            step: 6400,
            time: now.addingTimeInterval(offset),
            timings: [
                ConfigurationEntry(key: "speech", value: "0.42"),
                ConfigurationEntry(key: "total", value: "3.1"),
            ]
        )
    }

    /// A trainer that went quiet, without a plan: no ETA, no rings but the GPU's.
    static let silent = report(
        id: "grokking",
        name: "Grokking, weight decay 0",
        status: .silent(since: now.addingTimeInterval(-4000)),
        started: now.addingTimeInterval(-90_000),
        lastUpdate: now.addingTimeInterval(-4000),
        progress: progress(step: 600, stepsPerSecond: 0.05, elapsedSeconds: 86_000),
        configuration: [
            ConfigurationEntry(key: "model.layers", value: "2"), ConfigurationEntry(key: "seed", value: "7"),
        ],
        series: [series("train/loss") { 5 - 4 * $0 }, series("val/acc") { $0 }]
    )

    static let failed = report(
        id: "stage1-oom",
        name: "Stage 1, batch 64",
        status: .error(message: "CUDA out of memory: tried to allocate 2.1 GB"),
        started: now.addingTimeInterval(-200_000),
        lastUpdate: now.addingTimeInterval(-199_000),
        progress: progress(step: 50, totalSteps: 1000, elapsedSeconds: 1000),
        series: [series("train/loss", count: 5) { $0 > 0.9 ? .nan : 7 - $0 }],
        messages: [
            MessageRow(
                kind: .status,
                level: "error",
                title: "",
                text: "CUDA out of memory: tried to allocate 2.1 GB",
                step: 50,
                time: now.addingTimeInterval(-199_000)
            )
        ]
    )

    static let completed = report(
        id: "stage0",
        name: "Stage 0 warm-up",
        status: .completed,
        started: now.addingTimeInterval(-400_000),
        lastUpdate: now.addingTimeInterval(-380_000),
        progress: progress(step: 600, totalSteps: 600, epoch: 2, totalEpochs: 2, elapsedSeconds: 20_000),
        series: [
            series("train/loss") { 6.6 / (1 + 5 * $0) + 0.2 * wave($0 + 0.01) },
            series("train/grad_norm") { 0.7 + wave($0 + 0.3) * 0.3 },
        ]
    )

    static let stopped = report(
        id: "stage2-try",
        name: "VoxFormer stage 2, first try",
        status: .stopped,
        started: now.addingTimeInterval(-300_000),
        lastUpdate: now.addingTimeInterval(-290_000),
        progress: progress(step: 300, totalSteps: 17_840, elapsedSeconds: 10_000),
        series: [series("train/loss", count: 30) { 7 - 3 * $0 + 0.4 * wave($0) }]
    )

    static let waiting = report(id: "queued", name: "Queued on gpu-2")

    static let all = [running, silent, failed, completed, stopped, waiting]
}
