import Files
import Foundation

/// A file of the site with all that can be computed before anything is written.
struct PreparedFile: Sendable {
    enum Contents: Sendable {
        case bytes([UInt8], ContentHash)
        /// To be copied from the path; what stood there a moment ago.
        case copy(of: RelativePath, below: String, FileIdentity)
        case unreadable(SiteGenError)
        /// To be copied, but removed since it was decided; its page says so when it is drawn again.
        case gone

        /// What is to be told where there is nothing to write; nil where there is something.
        var warningsOfAbsence: [SiteGenError]? {
            switch self {
            case .bytes, .copy: nil
            case .unreadable(let error): [error]
            case .gone: []
            }
        }
    }

    let path: RelativePath
    let contents: Contents
    let isCompressible: Bool
    /// What the site has there, where that seems to be the same; to be checked again before it is relied on.
    let match: PublishedFile?
    /// The gzip file beside it; nil where none is wanted, or where the site seems to have the same.
    let twin: [UInt8]?

    /// Hashes and compresses `files`, on all cores where it is worth it.
    ///
    /// - Parameters:
    ///   - files: what is to be published.
    ///   - root: the live site, to find files that are there already; they are not compressed.
    ///   - known: what is known to be there.
    ///   - level: of the compression.
    /// - Returns: one prepared file for each, in the same order.
    @concurrent
    static func prepare(
        _ files: [OutputFile],
        root: String,
        known: [RelativePath: PublishedFile],
        level: Int32
    ) async -> [PreparedFile] {
        let workers = isWorthwhile(files) ? min(ProcessInfo.processInfo.activeProcessorCount, files.count) : 1
        guard workers > 1 else { return prepareAll(files, root: root, known: known, level: level) }
        return await withTaskGroup(of: (Int, [PreparedFile]).self) { group in
            for worker in 0..<workers {
                let part = stride(from: worker, to: files.count, by: workers).map { files[$0] }
                group.addTask { (worker, prepareAll(part, root: root, known: known, level: level)) }
            }
            var parts: [[PreparedFile]] = Array(repeating: [], count: workers)
            for await (worker, part) in group { parts[worker] = part }
            return files.indices.map { parts[$0 % workers][$0 / workers] }
        }
    }

    private static func isWorthwhile(_ files: [OutputFile]) -> Bool {
        var total = 0
        for file in files {
            guard file.isCompressible else { continue }
            switch file.contents {
            case .bytes(let bytes): total += bytes.count
            case .copy: total += 10_000
            }
            // A task costs microseconds, a megabyte of pages about ten milliseconds.
            if total > 200_000 { return true }
        }
        return false
    }

    private static func prepareAll(
        _ files: [OutputFile],
        root: String,
        known: [RelativePath: PublishedFile],
        level: Int32
    ) -> [PreparedFile] {
        let gzip = Gzip(level: level)
        return files.map { prepare($0, root: root, known: known[$0.path], gzip: gzip) }
    }

    private static func prepare(
        _ file: OutputFile,
        root: String,
        known: PublishedFile?,
        gzip: borrowing Gzip
    ) -> PreparedFile {
        func prepared(_ contents: Contents, match: PublishedFile? = nil, twin: [UInt8]? = nil) -> PreparedFile
        {
            PreparedFile(
                path: file.path,
                contents: contents,
                isCompressible: file.isCompressible,
                match: match,
                twin: twin
            )
        }
        do throws(FilesError) {
            let bytes: [UInt8]
            switch file.contents {
            case .bytes(let given): bytes = given
            case .copy(let source, let folder):
                let open = try OpenFile.reading(source, below: folder)
                guard file.isCompressible else {
                    let identity = try open.identity()
                    let match = PublishedFile.find(file.path, below: root, copyOf: identity)
                    return prepared(.copy(of: source, below: folder, identity), match: match)
                }
                bytes = try open.readAll()
            }
            let hash = ContentHash(bytes)
            if let known, known.hash == hash, known.isCompressible == file.isCompressible {
                return prepared(.bytes(bytes, hash), match: known)
            }
            let match =
                known == nil
                ? PublishedFile.find(
                    file.path,
                    below: root,
                    holding: bytes,
                    hash,
                    isCompressible: file.isCompressible
                ) : nil
            if let match, match.twin != nil { return prepared(.bytes(bytes, hash), match: match) }
            let twin = file.isCompressible ? gzip.twin(of: bytes) : nil
            if let match, twin == nil { return prepared(.bytes(bytes, hash), match: match) }
            return prepared(.bytes(bytes, hash), twin: twin)
        } catch {
            if error.code == ENOENT, !file.isCompressible { return prepared(.gone) }
            return prepared(.unreadable(.input(path: error.path, reason: error.explanation)))
        }
    }
}
