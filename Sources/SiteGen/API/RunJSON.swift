/// `api/runs/<id>.json`: all that is known of one run but the points themselves.
enum RunJSON {
    static func bytes(for report: RunReport) -> [UInt8] {
        JSONWriter.object { writer in
            writer.member("id", report.id)
            writer.member("name", report.name)
            writer.member("engine", report.engine)
            writer.member("stage", report.stage)
            writer.member(object: "host") { writer in
                writer.member("name", report.hostName)
                writer.member("gpu", report.gpuName)
            }
            writer.member(array: "tags", report.tags) { $0.value($1) }
            writer.member("notes", report.notes)
            writer.statusMembers(of: report)
            writer.progressMember(of: report)
            configuration(report.configuration, &writer)
            writer.member("log", report.logPath)
            writer.member("axis", report.axis.rawValue)
            writer.member(array: "restarts", report.restarts) { $0.value($1) }
            writer.member("seriesFile", "\(report.id)/series.json")
            writer.member(array: "series", report.series, series)
            writer.member(array: "epochs", report.epochs, epoch)
            writer.member(array: "evaluations", report.evaluations, evaluation)
            writer.member(array: "checkpoints", report.checkpoints, checkpoint)
            writer.member(array: "backups", report.backups, backup)
            writer.member(array: "samples", report.samples, sample)
            writer.member(array: "messages", report.messages, message)
            problems(report.problems, &writer)
        }
    }

    /// `config`, an object by dotted key.
    ///
    /// A flat key that holds a dot can meet a nested one; object keys must differ, so the later gets a number.
    private static func configuration(_ entries: [ConfigurationEntry], _ writer: inout JSONWriter) {
        var used: Set<String> = []
        writer.member(object: "config") { writer in
            for entry in entries {
                var key = entry.key
                var number = 2
                while !used.insert(key).inserted {
                    key = "\(entry.key) (\(number))"
                    number += 1
                }
                writer.member(key, entry.value)
            }
        }
    }

    private static func series(_ writer: inout JSONWriter, _ series: SeriesReport) {
        let slug = SeriesSlug.slug(for: series.name)
        writer.object { writer in
            writer.member("name", series.name)
            writer.member("slug", slug)
            writer.member("metric", KnownMetric.named(series.name)?.rawValue)
            writer.member("count", series.count)
            writer.member("nonFiniteCount", series.nonFiniteCount)
            writer.member("first", point: series.first)
            writer.member("last", point: series.last)
            writer.member("minimum", point: series.minimum)
            writer.member("maximum", point: series.maximum)
            writer.member("previous", series.previous)
        }
    }

    private static func epoch(_ writer: inout JSONWriter, _ row: EpochRow) {
        writer.object { writer in
            writer.member("epoch", row.epoch)
            writer.member("averageLoss", row.averageLoss)
            writer.member("ctcLoss", row.ctcLoss)
            writer.member("ceLoss", row.ceLoss)
            writer.member("learningRate", row.learningRate)
            writer.member("wordErrorRate", row.wordErrorRate)
            writer.member("time", row.time)
            writer.member("durationSeconds", row.durationSeconds)
        }
    }

    private static func evaluation(_ writer: inout JSONWriter, _ row: EvaluationRow) {
        writer.object { writer in
            writer.member("step", row.step)
            writer.member("epoch", row.epoch)
            writer.member("time", row.time)
            writer.member("wordErrorRate", row.wordErrorRate)
            writer.member("characterErrorRate", row.characterErrorRate)
            writer.member(array: "transcripts", row.transcripts) { writer, transcript in
                writer.object { writer in
                    writer.member("reference", transcript.reference)
                    writer.member("hypothesis", transcript.hypothesis)
                }
            }
        }
    }

    private static func checkpoint(_ writer: inout JSONWriter, _ row: CheckpointRow) {
        writer.object { writer in
            writer.member("path", row.path)
            writer.member("bytes", row.bytes)
            writer.member("kind", row.kind)
            writer.member("sha256", row.sha256)
            writer.member("step", row.step)
            writer.member("epoch", row.epoch)
            writer.member("time", row.time)
            writer.member("backedUp", row.backedUp)
        }
    }

    private static func backup(_ writer: inout JSONWriter, _ row: BackupRow) {
        writer.object { writer in
            writer.member("path", row.path)
            writer.member("destination", row.destination)
            writer.member("ok", row.succeeded)
            writer.member("bytes", row.bytes)
            writer.member("seconds", row.seconds)
            writer.member("message", row.message)
            writer.member("time", row.time)
        }
    }

    private static func sample(_ writer: inout JSONWriter, _ row: SampleRow) {
        writer.object { writer in
            writer.member("video", row.videoPath)
            writer.member("audio", row.audioPath)
            writer.member("poster", row.posterPath)
            writer.member(array: "pictures", row.pictures, entry)
            writer.member("text", row.text)
            writer.member("transcript", row.transcript)
            writer.member("voice", row.voice)
            writer.member("avatar", row.avatar)
            writer.member("engine", row.engine)
            writer.member("neural", row.isNeural)
            writer.member("step", row.step)
            writer.member("time", row.time)
            writer.member(array: "timings", row.timings, entry)
        }
    }

    private static func entry(_ writer: inout JSONWriter, _ entry: ConfigurationEntry) {
        writer.object { writer in
            writer.member("name", entry.key)
            writer.member("value", entry.value)
        }
    }

    private static func message(_ writer: inout JSONWriter, _ row: MessageRow) {
        writer.object { writer in
            writer.member("kind", row.kind.rawValue)
            writer.member("level", row.level)
            writer.member("title", row.title)
            writer.member("text", row.text)
            writer.member("step", row.step)
            writer.member("time", row.time)
        }
    }

    private static func problems(_ problems: LogProblems, _ writer: inout JSONWriter) {
        writer.member(object: "problems") { writer in
            writer.member("badLineCount", problems.badLineCount)
            writer.member(array: "examples", problems.examples) { $0.value($1) }
            writer.member("unfinishedBytes", problems.unfinishedBytes)
            writer.member(array: "failures", problems.failures) { $0.value($1) }
        }
    }
}
