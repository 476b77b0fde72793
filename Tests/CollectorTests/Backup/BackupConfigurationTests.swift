import TestSupport
import Testing

@testable import Collector

@Suite struct BackupConfigurationTests {
    private func parse(_ text: String) throws -> BackupConfiguration {
        try BackupConfiguration.parse(text, file: "backup.yaml")
    }

    @Test("A whole file is understood; a job overrides what stands above")
    func whole() throws {
        let configuration = try parse(
            """
            interval: 30m
            jitter: 2m
            final_timeout: 90s
            keep_last: 5
            runs: /srv/runs
            jobs:
              - name: stage2
                source: gpu:/root/voxformer/checkpoints/stage2/
                destination: backups
                run: stage2-20251211
              - name: stage1
                source: sftp://root@203.0.113.7:20544/root/stage1
                destination: /srv/backups/
                interval: 1h30m
                keep_best: 7
            """
        )
        let (first, second) = (configuration.jobs[0], configuration.jobs[1])
        #expect(configuration.jobs.count == 2)
        #expect(first.source.description == "gpu:/root/voxformer/checkpoints/stage2/")
        #expect(first.folder == "backups/stage2")
        #expect(first.interval == .seconds(1800) && first.jitter == .seconds(120))
        #expect(first.finalTimeout == .seconds(90))
        #expect(first.retention == Retention(keptStepCount: 5, keptBestCount: 2))
        #expect(first.run == "stage2-20251211" && first.runs == "/srv/runs")
        #expect(second.folder == "/srv/backups/stage1")
        #expect(second.interval == .seconds(5400) && second.jitter == .seconds(540))
        #expect(second.retention.keptBestCount == 7 && second.run == nil)
    }

    @Test(
        "Errors say file, line, what is wrong and what was meant",
        arguments: [
            ("intervall: 30m\njobs: []", "backup.yaml:1: unknown key intervall; did you mean interval?"),
            (
                "jobs:\n  - name: a\n    sorce: x\n    destination: d",
                "backup.yaml:3: unknown key sorce; did you mean source?"
            ),
            (
                "interval: soon\njobs:\n  - {name: a, source: x, destination: d}",
                "backup.yaml:1: interval should be a length of time such as 30m, 90s or 1h30m, not soon"
            ),
            ("", "backup.yaml: the file should be a list of keys and values"),
            ("- a", "backup.yaml:1: the file should be a list of keys and values"),
            ("interval: 30m", "backup.yaml:1: jobs is missing"),
            ("jobs: yes", "backup.yaml:1: jobs should be a list"),
            ("jobs:\n  - 5", "backup.yaml:2: a job should be a list of keys and values"),
            ("jobs:\n  - name: a\n    destination: d", "backup.yaml:2: a job has no source"),
            ("jobs:\n  - name: [a]\n    source: x", "backup.yaml:2: name should be a text"),
            (
                "jobs:\n  - name: a/b\n    source: x\n    destination: d",
                "backup.yaml:2: 'a/b' is not usable"
            ),
            (
                "jobs:\n  - name: a\n    source: gpu::x\n    destination: d",
                "backup.yaml:3: gpu::x: rsync's daemon"
            ),
            (
                "jobs:\n  - name: a\n    source: x\n    destination: gpu:/d",
                "backup.yaml:4: destination is a folder of this machine"
            ),
            (
                "keep_last: 0\njobs:\n  - {name: a, source: x, destination: d}",
                "backup.yaml:1: keep_last should be a number from 1, not 0"
            ),
            (
                "jobs:\n  - {name: a, source: x, destination: d}\n  - {name: a, source: y, destination: d}",
                "backup.yaml:3: another job is kept in d/a"
            ),
            ("jobs:\n  - name: a\n    name: b", "backup.yaml:2: name is there twice"),
            ("jobs: [", "backup.yaml:"),
            ("interval: 1s\njobs:\n  - {name: a, source: x, destination: d}", "interval is less than 10s"),
        ]
    )
    func errors(_ text: String, _ expected: String) {
        let error = #expect(throws: CollectorError.self) { try parse(text) }
        #expect(error?.description.contains(expected) ?? false, "\(error.map { "\($0)" } ?? "")")
    }

    @Test("A password in an address is refused without being repeated")
    func password() {
        let error = #expect(throws: CollectorError.self) {
            try parse("jobs:\n  - name: a\n    source: sftp://root:geheim@h/x\n    destination: d")
        }
        #expect(error.map { !"\($0)".contains("geheim") } ?? false)
    }

    @Test(
        "Lengths of time",
        arguments: [
            ("90s", 90), ("30m", 1800), ("1h30m", 5400), ("2d", 172_800), ("45", 45), ("500ms", 0.5),
            ("0", 0), ("", nil), ("m", nil), ("1x", nil), ("1h30", nil), ("-5m", nil), ("1.5h", nil),
            ("9999999999999d", nil), ("99999999999999999999s", nil), ("٣m", nil),
        ] as [(String, Double?)]
    )
    func durations(_ text: String, _ seconds: Double?) {
        #expect(DurationText.parse(text) == seconds.map { .seconds($0) })
    }
}
