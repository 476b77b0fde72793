import Files
import RunRecords

/// A list of recordings and texts: a JSON array, or JSON lines.
///
/// An entry has `audio_path` (or `audio`) and `text`; `id` and `duration` in seconds may be there. Paths count from the
/// manifest's folder.
enum Manifest {
    /// No manifest is longer.
    private static let longestByteCount = 4 << 30

    /// All entries of the right form, in their order.
    ///
    /// - Parameters:
    ///   - path: the manifest.
    ///   - skipped: gains entries that are not of that form.
    /// - Returns: names and texts.
    /// - Throws: ``TrainerError/corpus(path:reason:)`` where the file cannot be read, or is an array that does not end.
    static func read(_ path: String, _ skipped: inout SkipTally) throws(TrainerError) -> [Candidate] {
        let bytes: [UInt8]
        do {
            bytes = try OpenFile.reading(path).readAll(limit: longestByteCount)
        } catch {
            throw .corpus(path: path, reason: error.explanation)
        }
        let folder = FileSystem.folder(of: path)
        var candidates: [Candidate] = []
        for entry in try entries(bytes, path) {
            let place = "\(path):\(entry.line)"
            do throws(EntryFault) {
                candidates.append(try candidate(entry.bytes, folder: folder, place: place))
            } catch {
                skipped.add(.malformedEntry, "\(place): \(error.reason)")
            }
        }
        return candidates
    }

    /// The bytes of each entry and the line it begins in.
    private static func entries(
        _ bytes: [UInt8],
        _ path: String
    ) throws(TrainerError) -> [(line: Int, bytes: [UInt8])] {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let first = bytes[start...].first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard first == UInt8(ascii: "[") else {
            return bytes[start...].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                .enumerated()
                .filter { $0.element.contains { ![0x20, 0x09, 0x0D].contains($0) } }
                .map { ($0.offset + 1, Array($0.element)) }
        }
        do {
            return try JSONArrayElements.split(bytes, from: start)
        } catch {
            throw .corpus(path: "\(path):\(error.line)", reason: error.reason)
        }
    }

    private struct EntryFault: Error {
        let reason: String
    }

    private static func candidate(
        _ bytes: [UInt8],
        folder: String,
        place: String
    ) throws(EntryFault) -> Candidate {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes) } catch {
            throw EntryFault(reason: "it is not JSON: \(error)")
        }
        guard case .object = value else {
            throw EntryFault(reason: "it is not an object with audio_path and text")
        }
        guard let audio = value["audio_path"] ?? value["audio"] else {
            throw EntryFault(reason: "audio_path is missing")
        }
        guard let path = audio.string, !path.isEmpty, !path.utf8.contains(0) else {
            throw EntryFault(reason: "audio_path is not a path")
        }
        guard let text = value["text"] else { throw EntryFault(reason: "text is missing") }
        guard let text = text.string else { throw EntryFault(reason: "text is not a text") }
        var duration: Double?
        if let given = value["duration"], given != .null {
            guard let seconds = given.finite, seconds >= 0 else {
                throw EntryFault(reason: "duration is not a number of seconds")
            }
            duration = seconds
        }
        var id = path
        if let given = value["id"], given != .null {
            guard let text = given.string, !text.isEmpty else { throw EntryFault(reason: "id is not a text") }
            id = text
        }
        return Candidate(
            id: id,
            audioPath: path.hasPrefix("/") ? path : "\(folder)/\(path)",
            text: TranscriptText.normalized(text),
            durationSeconds: duration,
            place: place
        )
    }
}

/// Cuts a JSON array into its elements without reading them, so that each is read alone and has a line.
enum JSONArrayElements {
    /// Where an array does not end as it should.
    struct Fault: Error {
        let line: Int
        let reason: String
    }

    /// Source: RFC 8259, sections 5 and 7; what is inside an element is left to its parser.
    static func split(_ bytes: [UInt8], from start: Int) throws(Fault) -> [(line: Int, bytes: [UInt8])] {
        var elements: [(line: Int, bytes: [UInt8])] = []
        var line = 1
        var depth = 0
        var isInString = false
        var isEscaped = false
        var element: (line: Int, start: Int)?
        var isClosed = false
        for position in start..<bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\n") { line += 1 }
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            if byte == 0x20 || (0x09...0x0D).contains(byte) { continue }
            guard !isClosed else { throw Fault(line: line, reason: "something follows the end of the array") }
            let isOpening = byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{")
            let isClosing = byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
            if depth == 1, isClosing || byte == UInt8(ascii: ",") {
                if let (line, start) = element {
                    elements.append((line, Array(bytes[start..<position])))
                } else if byte == UInt8(ascii: ",") {
                    throw Fault(line: line, reason: "an element is missing before the comma")
                }
                element = nil
            } else if depth >= 1, element == nil {
                element = (line, position)
            }
            if byte == UInt8(ascii: "\"") { isInString = true }
            if isOpening { depth += 1 }
            if isClosing {
                depth -= 1
                isClosed = depth == 0
            }
        }
        guard isClosed else {
            throw Fault(line: line, reason: "the array does not end; the file seems to be cut off")
        }
        return elements
    }
}
