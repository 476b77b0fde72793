import Files

/// The sentences that a tokenizer is trained on, in the form in which transcripts are tokenized.
///
/// They are kept as one run of bytes, since the trainer reads all of them several times.
public struct TokenizerCorpus: Sendable {
    /// Longer sentences are left out: more likely a file without line breaks than something that was said.
    public static let maximumSentenceBytes = 16_384
    /// Larger files are refused.
    ///
    /// The transcripts of LibriSpeech's 960 hours take 50 MB.
    public static let maximumFileBytes = 1 << 30

    /// How many sentences there are.
    public var count: Int { ends.count }
    /// How many sentences were left out: those too long, and those with characters that the trainer keeps for itself.
    public private(set) var leftOutCount = 0

    var bytes: [UInt8] = []
    var ends: [Int] = []

    /// Makes a corpus without sentences.
    public init() {}

    /// Makes a corpus of sentences.
    ///
    /// - Parameter sentences: any texts; see ``add(_:)``.
    public init(_ sentences: some Sequence<String>) {
        for sentence in sentences { add(sentence) }
    }

    /// Reads files and folders of sentences.
    ///
    /// - Parameter paths: see ``add(contentsOf:)``.
    /// - Throws: ``TrainerError/tokenizerTraining(reason:)`` for the first that cannot be read.
    public init(contentsOf paths: [String]) throws(TrainerError) {
        for path in paths { try add(contentsOf: path) }
    }

    /// Adds one sentence, normalised; an empty one counts for nothing.
    ///
    /// - Parameter sentence: any text.
    public mutating func add(_ sentence: String) {
        let text = TranscriptText.normalized(sentence)
        guard !text.isEmpty else { return }
        // U+2585 marks rare characters inside the trainer, and U+0000 ends its texts.
        guard text.utf8.count <= Self.maximumSentenceBytes, !text.unicodeScalars.contains("\u{2585}"),
            !text.utf8.contains(0)
        else {
            leftOutCount += 1
            return
        }
        bytes.append(contentsOf: text.utf8)
        ends.append(bytes.count)
    }

    /// Adds the sentences of a file, one a line, or of the transcripts in a folder of LibriSpeech.
    ///
    /// Of a folder, only the `.trans.txt` files anywhere below it are read. A line of such a file begins with the
    /// utterance's id, which is no part of the sentence.
    ///
    /// - Parameter path: a file of UTF-8 text, or a folder.
    /// - Throws: ``TrainerError/tokenizerTraining(reason:)`` where it cannot be read, or a folder holds no such file.
    public mutating func add(contentsOf path: String) throws(TrainerError) {
        do throws(FilesError) {
            guard try FileIdentity(ofFileAt: path).kind == .directory else { return try addFile(path) }
            let transcripts = try DirectoryTree.walk(path).filter {
                $0.kind == .file && $0.path.string.hasSuffix(Self.transcriptSuffix)
            }
            if !transcripts.isEmpty {
                for entry in transcripts { try addFile(entry.path.below(path)) }
                return
            }
        } catch {
            throw .tokenizerTraining(reason: "\(error)")
        }
        throw .tokenizerTraining(
            reason: "\(path): there is no \(Self.transcriptSuffix) file below this folder; "
                + "give a text file, or a folder of LibriSpeech"
        )
    }

    private static let transcriptSuffix = ".trans.txt"

    private mutating func addFile(_ path: String) throws(FilesError) {
        let hasIDs = path.hasSuffix(Self.transcriptSuffix)
        let file = try OpenFile.reading(path).readAll(limit: Self.maximumFileBytes)
        for line in file.split(separator: UInt8(ascii: "\n")) {
            let sentence = hasIDs ? line.drop { $0 != UInt8(ascii: " ") } : line
            add(String(decoding: sentence, as: UTF8.self))
        }
    }
}
