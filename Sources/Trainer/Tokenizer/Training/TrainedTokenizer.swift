import Files

/// A tokenizer fresh from its training.
public struct TrainedTokenizer: Sendable {
    /// The contents of its `.model` file.
    public let file: [UInt8]
    /// How many sentences it was trained on.
    public let sentenceCount: Int
    /// How many sentences of the corpus were left out.
    public let leftOutCount: Int

    init(file: [UInt8], corpus: TokenizerCorpus) {
        self.file = file
        sentenceCount = corpus.count
        leftOutCount = corpus.leftOutCount
    }

    /// Writes its file, whole or not at all, and reads it back.
    ///
    /// - Parameter path: a file, replaced where it exists; its folder is made where it is missing.
    /// - Returns: the tokenizer.
    /// - Throws: ``TrainerError/tokenizer(path:reason:)``.
    public func write(to path: String) throws(TrainerError) -> Tokenizer {
        let tokenizer = try Tokenizer(file, path: path)
        do throws(FilesError) {
            try FileSystem.createDirectories(FileSystem.folder(of: path))
            try AtomicFile.write(file, to: path)
        } catch {
            throw .tokenizer(path: path, reason: error.explanation)
        }
        return tokenizer
    }
}
