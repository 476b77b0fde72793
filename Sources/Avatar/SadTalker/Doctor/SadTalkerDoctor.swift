import Foundation

/// Finds out whether an installation of SadTalker can make clips, and what would mend it.
public struct SadTalkerDoctor: Sendable {
    /// Where it is installed, and how it is to draw.
    public var configuration: SadTalkerConfiguration
    /// The machine that runs it.
    public var host: any SadTalkerHost
    /// How long it may take: loading torch from a cold disk takes a minute.
    public var timeoutSeconds: Double

    /// - Parameters:
    ///   - configuration: where it is installed, and how it is to draw.
    ///   - host: the machine that runs it.
    ///   - timeoutSeconds: how long it may take.
    public init(
        configuration: SadTalkerConfiguration,
        host: any SadTalkerHost,
        timeoutSeconds: Double = 180
    ) {
        self.configuration = configuration
        self.host = host
        self.timeoutSeconds = timeoutSeconds
    }

    /// Looks at everything, changing nothing.
    ///
    /// - Returns: what was found; that something is broken is no error.
    /// - Throws: `CancellationError`.
    public func examine() async throws -> SadTalkerExamination {
        do {
            try configuration.validate()
            let end = try await host.withFolder { folder in
                try await host.run(
                    SadTalkerProbe.command(configuration, folder: folder),
                    timeoutSeconds: timeoutSeconds
                ) { _, _ in }
            }
            return SadTalkerExamination(findings: Self.read(end, timeoutSeconds: timeoutSeconds))
        } catch let error as AvatarError {
            return SadTalkerExamination(findings: [Self.finding(error)])
        }
    }

    /// A line of the probe.
    private struct Line: Decodable {
        var check: String
        var state: SadTalkerFinding.State
        var detail: String
    }

    static func read(_ end: ProgramEnd, timeoutSeconds: Double) -> [SadTalkerFinding] {
        var findings: [SadTalkerFinding] = []
        var isWhole = false
        for text in end.output.split(whereSeparator: \.isNewline) where text.hasPrefix("{") {
            // Packages talk while they are loaded.
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)) else { continue }
            if line.check == "end" { isWhole = true }
            guard let check = SadTalkerFinding.Check(rawValue: line.check) else { continue }
            findings.append(finding(check, line.state, line.detail))
        }
        guard !isWhole else { return findings }
        let last = LastLines.of(end.errors, count: 1)?.first
        let breakage = SadTalkerBreakage.recognize(end.errors)
        let reason =
            switch end.status {
            case .timedOut: "loading it takes longer than \(VisibleText.number(timeoutSeconds)) s"
            case .exited(let code): "its Python ended with status \(code)"
            case .signaled(let signal): "its Python crashed (signal \(signal))"
            }
        findings.append(
            SadTalkerFinding(
                findings.isEmpty ? .python : .imports,
                .failure,
                ([reason] + [last].compactMap { $0 }).joined(separator: ": "),
                fix: breakage?.fix ?? "run `python inference.py --help` in the checkout and see what it says"
            )
        )
        return findings
    }

    private static func finding(
        _ check: SadTalkerFinding.Check,
        _ state: SadTalkerFinding.State,
        _ detail: String
    ) -> SadTalkerFinding {
        let shown = VisibleText.line(detail, limit: 400)
        guard state != .ok else { return SadTalkerFinding(check, state, shown) }
        if let breakage = SadTalkerBreakage.recognize(detail) {
            return SadTalkerFinding(check, state, "\(shown): \(breakage.reason)", fix: breakage.fix)
        }
        let fix: String? =
            switch check {
            case .checkpoints: "bash scripts/download_models.sh in the checkout"
            case .disk: "make 2 GB of room there, or set TMPDIR to another disk"
            case .python: "make an environment with Python 3.8 to 3.11, and set VOXSITE_SADTALKER_PYTHON"
            case .checkout: "git clone https://github.com/OpenTalker/SadTalker"
            case .imports: "pip install -r requirements.txt with the same Python"
            case .cuda: "nvidia-smi tells whether the driver sees it; install the torch for its CUDA version"
            case .host, .ffmpeg, .sources: nil
            }
        return SadTalkerFinding(check, state, shown, fix: fix)
    }

    private static func finding(_ error: AvatarError) -> SadTalkerFinding {
        switch error {
        case .sadTalkerMissing(_, .checkout, let path):
            SadTalkerFinding(
                .checkout,
                .failure,
                "there is no folder \(VisibleText.line(path))",
                fix: "git clone https://github.com/OpenTalker/SadTalker"
            )
        case .sadTalkerMissing(_, .python, let path):
            SadTalkerFinding(
                .python,
                .failure,
                "there is no program \(VisibleText.line(path))",
                fix: "set VOXSITE_SADTALKER_PYTHON to the Python that has SadTalker's packages"
            )
        case .sadTalkerHost(_, let reason, let remedy): SadTalkerFinding(.host, .failure, reason, fix: remedy)
        case .sadTalkerConfiguration(let key, let reason):
            SadTalkerFinding(.checkout, .failure, "settings: \(key): \(reason)", fix: "correct the setting")
        default: SadTalkerFinding(.host, .failure, error.description)
        }
    }
}
