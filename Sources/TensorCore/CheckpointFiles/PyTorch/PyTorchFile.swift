/// A file that `torch.save` wrote, opened: a pickle of plain values, and storages that stay where they are.
///
/// Both of its formats are read: the zip archive of version 1.6 and later, and the stream of before. Nothing in the
/// file is executed: a pickle that asks for anything but the reconstruction of tensors is refused by name.
/// Source: PyTorch, torch/serialization.py and caffe2/serialize/inline_container.h.
public struct PyTorchFile: Sendable {
    /// How the parts are put together.
    public enum Container: String, Sendable {
        /// A zip archive of stored members: `data.pkl`, `data/0`, `data/1`, ….
        case archive
        /// Pickles one after the other, then the storages.
        case stream
    }

    /// Where it was opened.
    public let path: String
    /// How the parts are put together.
    public let container: Container
    /// What was saved.
    public let root: PickleValue
    private let archive: ZipArchive?

    /// Opens a file; its tensors are pages of it, which are read when they are used.
    ///
    /// - Parameter path: a regular file.
    /// - Throws: ``CheckpointFileError``.
    public init(_ path: String) throws(CheckpointFileError) {
        try self.init(TensorBytes.mapping(path), path: path)
    }

    /// Reads a file's bytes.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - path: for messages.
    /// - Throws: ``CheckpointFileError``.
    public init(_ bytes: TensorBytes, path: String) throws(CheckpointFileError) {
        self.path = path
        if Self.isArchive(bytes) {
            let archive = try ZipArchive(bytes, path: path)
            root = try PyTorchArchive(archive).root()
            container = .archive
            self.archive = archive
        } else {
            root = try PyTorchStream(bytes, path: path).root()
            container = .stream
            archive = nil
        }
    }

    /// Whether the bytes begin as a zip archive does.
    static func isArchive(_ bytes: TensorBytes) -> Bool {
        bytes.count >= 4 && bytes.integer(at: 0, as: UInt32.self) == 0x0403_4b50
    }

    /// Whether the bytes begin as the first pickle of a stream does.
    static func isStream(_ bytes: TensorBytes) -> Bool {
        bytes.count >= 4 && bytes.integer(at: 0, as: UInt8.self) == 0x80
            && bytes.integer(at: 2, as: UInt16.self) == 0x0A8A
    }

    /// Compares every byte of an archive with its checksums; a stream has none.
    ///
    /// The pickle itself is always compared when a file is opened; its storages are not, as that reads all of it.
    ///
    /// - Returns: whether there were checksums to compare with.
    /// - Throws: ``CheckpointFileError/damaged(path:at:reason:)`` with the first member that differs.
    @discardableResult
    public func verifyChecksums() throws(CheckpointFileError) -> Bool {
        guard let archive else { return false }
        for member in archive.members { try archive.verify(member) }
        return true
    }
}
