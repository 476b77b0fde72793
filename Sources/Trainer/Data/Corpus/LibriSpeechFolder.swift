import Files

/// A folder of LibriSpeech's layout: `<speaker>/<chapter>/<id>.flac` beside `<speaker>-<chapter>.trans.txt`, whose lines
/// are `ID TEXT`.
///
/// Transcripts are found at any depth, and a recording may be of any sound format, so that other corpora of that
/// layout work, too. Source: Panayotov et al., "LibriSpeech: an ASR corpus based on public domain audio books", 2015.
enum LibriSpeechFolder {
    /// How the name of a transcript ends.
    private static let transcriptEnding = ".trans.txt"
    /// No transcript of a chapter is longer.
    private static let longestTranscript = 64 << 20

    /// What is in one folder of a chapter.
    private struct Chapter {
        var transcripts: [RelativePath] = []
        /// Recordings by their name without its ending.
        var recordings: [String: RelativePath] = [:]
    }

    /// All recordings that have a text, in the order of their paths and lines.
    ///
    /// - Parameters:
    ///   - root: the folder.
    ///   - skipped: gains recordings without text, and lines without recording.
    /// - Returns: their names and texts.
    /// - Throws: ``TrainerError/corpus(path:reason:)`` where the folder cannot be listed.
    static func read(_ root: String, _ skipped: inout SkipTally) throws(TrainerError) -> [Candidate] {
        var problems: [FilesError] = []
        let entries: [DirectoryTree.Entry]
        do {
            entries = try DirectoryTree.walk(root, problems: &problems)
        } catch {
            throw .corpus(path: error.path, reason: error.explanation)
        }
        for problem in problems { skipped.add(.unreadable, "\(problem)") }
        let chapters = chapters(entries, below: root, &skipped)
        var candidates: [Candidate] = []
        for folder in chapters.keys.sorted() {
            guard let chapter = chapters[folder] else { continue }
            candidates += read(chapter, below: root, &skipped)
        }
        return candidates
    }

    private static func chapters(
        _ entries: [DirectoryTree.Entry],
        below root: String,
        _ skipped: inout SkipTally
    ) -> [String: Chapter] {
        var chapters: [String: Chapter] = [:]
        for entry in entries where entry.kind == .file || entry.kind == .symbolicLink {
            let folder = FileSystem.folder(of: entry.path.string)
            let name = FileSystem.name(of: entry.path.string)
            if name.hasSuffix(transcriptEnding) {
                chapters[folder, default: Chapter()].transcripts.append(entry.path)
            } else if let (stem, ending) = split(name), RecordingName.endings.contains(ending.lowercased()) {
                if let other = chapters[folder]?.recordings[stem] {
                    skipped.add(
                        .duplicate,
                        "\(entry.path.below(root)): \(other.below(root)) has the same name"
                    )
                } else {
                    chapters[folder, default: Chapter()].recordings[stem] = entry.path
                }
            } else if entry.kind == .symbolicLink,
                FileIdentity.find(entry.path.below(root))?.kind == .directory
            {
                skipped.add(
                    .unreadable,
                    "\(entry.path.below(root)): a link to a folder is not followed; name the folder itself in "
                        + "data.train_data"
                )
            }
        }
        return chapters
    }

    /// A file's name without its ending, and the ending.
    private static func split(_ name: String) -> (stem: String, ending: String)? {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        return (String(name[..<dot]), String(name[name.index(after: dot)...]))
    }

    private static func read(
        _ chapter: Chapter,
        below root: String,
        _ skipped: inout SkipTally
    ) -> [Candidate] {
        var candidates: [Candidate] = []
        var named: Set<String> = []
        for transcript in chapter.transcripts {
            let path = transcript.below(root)
            let lines: [(number: Int, text: String?)]
            do {
                lines = try TextLines.read(path, limit: longestTranscript)
            } catch {
                skipped.add(.unreadable, "\(error)")
                continue
            }
            for (number, line) in lines {
                let place = "\(path):\(number)"
                guard let line else {
                    skipped.add(.malformedEntry, "\(place): it is not UTF-8 text")
                    continue
                }
                let parts = line.split(maxSplits: 1, whereSeparator: \.isWhitespace)
                guard let id = parts.first.map(String.init) else { continue }
                guard let recording = chapter.recordings[id] else {
                    skipped.add(.missingAudio, "\(place): there is no recording \(id) beside it")
                    continue
                }
                named.insert(id)
                candidates.append(
                    Candidate(
                        id: id,
                        audioPath: recording.below(root),
                        text: TranscriptText.normalized(parts.count > 1 ? String(parts[1]) : ""),
                        durationSeconds: nil,
                        place: place
                    )
                )
            }
        }
        for (id, recording) in chapter.recordings.sorted(by: { $0.key < $1.key }) where !named.contains(id) {
            skipped.add(.missingTranscript, "\(recording.below(root)): no transcript beside it names it")
        }
        return candidates
    }
}
