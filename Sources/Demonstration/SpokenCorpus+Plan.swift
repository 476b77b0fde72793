import Files

/// The plan beside a corpus: which recordings were made for it, and of what.
extension SpokenCorpus {
    private var planPath: String { "\(folder)/plan.tsv" }

    /// A line for each recording: where it is, below the corpus's folder; who says it and how; what.
    private var plan: String {
        lines.map { "\($0.file)\t\($0.voice) \($0.wordsPerMinute) \($0.pitch)\t\($0.text)\n" }.joined()
    }

    /// Removes recordings of another plan, which have the same names and say something else, and nothing but them.
    ///
    /// - Throws: ``DemonstrationError/folder(path:reason:)`` where there is speech of others;
    ///   ``DemonstrationError/file(path:reason:)``.
    func forgetOtherPlan() throws(DemonstrationError) {
        let new = Array(plan.utf8)
        do throws(FilesError) {
            if FileIdentity.find(planPath) != nil {
                let old = try OpenFile.reading(planPath).readAll(limit: 64 << 20)
                if old == new { return }
                try removeRecordings(of: String(decoding: old, as: UTF8.self))
            }
            for part in Self.parts { try requireEmpty("\(folder)/\(part)") }
            try FileSystem.createDirectories(folder)
            try AtomicFile.write(new, to: planPath, synchronizing: false)
        } catch {
            if case .unsafePath(let path, let reason) = error { throw .folder(path: path, reason: reason) }
            throw .file(path: error.path, reason: error.explanation)
        }
    }

    /// Removes what a plan lists, the transcripts beside it, and the folders that are empty then.
    private func removeRecordings(of plan: String) throws(FilesError) {
        var folders: Set<String> = []
        for line in plan.split(separator: "\n") {
            let file = String(line.prefix { $0 != "\t" })
            guard let path = try? RelativePath(validating: file), Self.isRecording(path) else {
                let reason =
                    "it is not the plan of a demonstration; choose another folder with --folder, or remove it"
                throw .unsafePath(planPath, reason: reason)
            }
            try FileSystem.removeFile(path.below(folder))
            folders.insert(FileSystem.folder(of: path.below(folder)))
        }
        for chapter in folders where FileIdentity.find(chapter) != nil {
            let speaker = FileSystem.name(of: FileSystem.folder(of: chapter))
            try FileSystem.removeFile("\(chapter)/\(speaker)-1.trans.txt")
            for name in try DirectoryTree.names(in: chapter) where name.name.hasPrefix(".voxsite-tmp-") {
                // Of a process that was killed while it wrote a recording.
                try FileSystem.removeFile("\(chapter)/\(name.name)")
            }
            FileSystem.removeEmptyDirectory(chapter)
            FileSystem.removeEmptyDirectory(FileSystem.folder(of: chapter))
        }
    }

    /// Whether a plan of ours may have a path in it: `train/100/1/100-1-00000.flac`.
    private static func isRecording(_ path: RelativePath) -> Bool {
        let names = path.components
        return names.count == 4 && parts.contains(String(names[0])) && names[2] == "1"
            && names[3].hasPrefix("\(names[1])-1-") && names[3].hasSuffix(".flac")
    }

    private func requireEmpty(_ part: String) throws(FilesError) {
        guard FileIdentity.find(part) != nil else { return }
        if let file = try DirectoryTree.walk(part).first(where: { $0.kind != .directory }) {
            let reason =
                "the folder has files that the demonstration did not make, such as \(file.path); choose another folder "
                + "with --folder, or move it away"
            throw .unsafePath(part, reason: reason)
        }
    }
}
