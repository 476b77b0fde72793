import Files

/// The files of the site that show one run: its page, its JSON twins, its series and its media.
struct RunOutputs: Sendable {
    let renderer: PageRenderer
    let site: SiteContext

    /// - Parameters:
    ///   - report: The run.
    ///   - folder: Where its media is; nil for a lone log.
    /// - Returns: The files; the page first, since that is what people wait for.
    /// - Throws: `SiteGenError.template` when the page cannot be drawn.
    func files(for report: RunReport, folder: String?) throws -> [OutputFile] {
        let twins = "api/runs/\(report.id)"
        var files = [
            try renderer.runPage(report, site: site),
            try Self.file("\(twins).json", RunJSON.bytes(for: report)),
            try Self.file("\(twins)/series.json", SeriesJSON.bytes(for: report)),
            try Self.file("\(twins)/training-status.json", TrainingStatusJSON.bytes(for: report)),
        ]
        for series in report.series {
            let path = "\(twins)/csv/\(SeriesSlug.slug(for: series.name)).csv"
            // Downloaded now and then, rewritten with every line: not worth compressing each time.
            files.append(try Self.file(path, SeriesCSV.bytes(for: series, of: report), isCompressible: false))
        }
        if let folder { files += try media(report, folder) }
        return files
    }

    private func media(_ report: RunReport, _ folder: String) throws -> [OutputFile] {
        var paths: Set<String> = []
        for sample in report.samples {
            paths.formUnion([sample.videoPath, sample.audioPath, sample.posterPath].compactMap { $0 })
            paths.formUnion(sample.pictures.map(\.value))
        }
        return try paths.sorted().map { path in
            OutputFile(
                path: try RelativePath(validating: "runs/\(report.id)/\(path)"),
                contents: .copy(of: try RelativePath(validating: path), below: folder),
                isCompressible: false
            )
        }
    }

    static func file(_ path: String, _ bytes: [UInt8], isCompressible: Bool = true) throws -> OutputFile {
        OutputFile(
            path: try RelativePath(validating: path),
            contents: .bytes(bytes),
            isCompressible: isCompressible
        )
    }
}
