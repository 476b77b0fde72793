import Files
import Glibc
import Synchronization
public import TensorCore

/// Features of a frozen front end, kept on disk, so that it runs once for each utterance instead of once an epoch.
///
/// All layers are kept, since the weights of their sum are learnt: 12 × 50 × 768 float16 numbers, 0.92 MB, for a second
/// of speech by WavLM base. Files are replaced whole and checked by a hash when they are read; a damaged one is as good
/// as missing. Any number of threads and processes may share a folder: they write the same bytes under the same name.
public final class FeatureCache: Sendable {
    /// Shape `[layers, frames, features]`, float16.
    public typealias Features = StoredTensor

    /// What has happened so far.
    public struct Statistics: Sendable, Equatable {
        /// How often features were found.
        public var hits = 0
        /// How often they were not there.
        public var misses = 0
        /// How often they were there, and not what was written; counted as misses, too.
        public var damaged = 0
        /// How many were written.
        public var stored = 0
        /// How many bytes lie in the folder, as far as this process knows.
        public var byteCount = 0
        /// Why nothing more is written; nil while it is.
        public var refusal: String?
    }

    private let folder: String
    private let model: String
    private let budgetByteCount: Int
    private let state: Mutex<Statistics>

    /// Opens a cache, and counts what is in it.
    ///
    /// - Parameters:
    ///   - folder: is created where it is missing.
    ///   - model: the fingerprint of the front end's weights and sizes.
    ///   - budgetByteCount: how large the folder may become.
    /// - Throws: ``TrainerError/featureCache(path:reason:)``.
    public init(folder: String, model: String, budgetByteCount: Int) throws(TrainerError) {
        self.folder = folder
        self.model = model
        self.budgetByteCount = max(0, budgetByteCount)
        do throws(FilesError) {
            try FileSystem.createDirectories(folder)
            state = Mutex(Statistics(byteCount: try Self.measure(folder)))
        } catch {
            throw .featureCache(path: error.path, reason: error.explanation)
        }
    }

    /// What has happened so far.
    public var statistics: Statistics { state.withLock { $0 } }

    /// How many bytes features take.
    ///
    /// - Parameters:
    ///   - seconds: how much speech there is.
    ///   - layerCount: of the front end.
    ///   - width: of its frames.
    ///   - variantCount: in how many speeds each utterance is heard.
    /// - Returns: about how much the folder will take; at 50 frames a second.
    public static func estimatedByteCount(
        seconds: Double,
        layerCount: Int,
        width: Int,
        variantCount: Int = 1
    ) -> Int {
        let bytes = seconds * 50 * Double(layerCount) * Double(width) * 2 * Double(variantCount)
        guard bytes.isFinite, bytes > 0 else { return 0 }
        return Int(exactly: min(bytes, 1e18).rounded(.up)) ?? Int.max
    }

    /// Fails where features would not fit, before hours are spent on computing them.
    ///
    /// - Parameter byteCount: what all features take, those that are there already included.
    /// - Throws: ``TrainerError/featureCache(path:reason:)`` with both figures and what to do.
    public func requireRoom(forByteCount byteCount: Int) throws(TrainerError) {
        let used = statistics.byteCount
        if byteCount > budgetByteCount {
            throw .featureCache(
                path: folder,
                reason: "features of all utterances take about \(Self.text(byteCount)), and "
                    + "data.feature_cache_gigabytes allows \(Self.text(budgetByteCount)); raise it, learn from fewer "
                    + "recordings, or write data.feature_cache: null"
            )
        }
        let needed = max(0, byteCount - used)
        if let free = Self.freeByteCount(folder), needed > free {
            throw .featureCache(
                path: folder,
                reason:
                    "features of all utterances take about \(Self.text(needed)) more, and \(Self.text(free)) are "
                    + "free on that disk; free some space, choose another folder, or write data.feature_cache: null"
            )
        }
    }

    /// The features that were kept of an utterance.
    ///
    /// - Parameters:
    ///   - utterance: its name and recording.
    ///   - speedPercent: how fast it is played.
    /// - Returns: nil where they have to be computed.
    public func find(_ utterance: Utterance, speedPercent: Int = 100) -> Features? {
        guard let key = FeatureKey(model: model, utterance, speedPercent: speedPercent) else {
            state.withLock { $0.misses += 1 }
            return nil
        }
        let path = path(key)
        do throws(CheckpointFileError) {
            if let features = try FeatureFile.read(path, key: key) {
                state.withLock { $0.hits += 1 }
                return features
            }
        } catch {
            if FileIdentity.find(path) == nil {
                state.withLock { $0.misses += 1 }
                return nil
            }
        }
        state.withLock {
            $0.misses += 1
            $0.damaged += 1
        }
        return nil
    }

    /// Keeps the features of an utterance, unless the folder is full.
    ///
    /// - Parameters:
    ///   - values: rows first, shape `[layers, frames, features]`; each is rounded to float16.
    ///   - shape: the three dimensions.
    ///   - utterance: its name and recording.
    ///   - speedPercent: how fast it is played.
    /// - Returns: whether they were written; ``Statistics/refusal`` says why not.
    /// - Throws: ``TrainerError/featureCache(path:reason:)`` where the folder cannot be written to.
    @discardableResult
    public func store(
        _ values: [Float],
        shape: [Int],
        for utterance: Utterance,
        speedPercent: Int = 100
    ) throws(TrainerError) -> Bool {
        guard let key = FeatureKey(model: model, utterance, speedPercent: speedPercent) else { return false }
        let path = path(key)
        do throws(CheckpointFileError) {
            let features = try StoredTensor(roundingToHalf: values, shape: shape)
            guard shape.count == 3 else {
                throw .invalidTensor(name: FeatureFile.tensorName, reason: "features have three dimensions")
            }
            let previous = FileIdentity.find(path)?.size ?? 0
            let added = features.byteCount + 1024 - previous
            guard reserve(added) else { return false }
            do throws(CheckpointFileError) {
                try Self.creatingFolder(of: path)
                try FeatureFile.write(features, key: key, to: path)
            } catch {
                state.withLock { $0.byteCount -= added }
                throw error
            }
            state.withLock { $0.stored += 1 }
            return true
        } catch {
            if case .system(let failure) = error, [ENOSPC, EDQUOT].contains(failure.code ?? 0) {
                // Training goes on without: what is there already is of use.
                state.withLock { $0.refusal = "\(failure); the rest is computed anew each epoch" }
                return false
            }
            throw .featureCache(path: path, reason: "\(error)")
        }
    }

    private func path(_ key: FeatureKey) -> String {
        let (shard, name) = key.path
        return "\(folder)/\(shard)/\(name)"
    }

    /// Counts bytes to be written; false where they would be too many.
    private func reserve(_ byteCount: Int) -> Bool {
        state.withLock { state in
            guard state.refusal == nil else { return false }
            guard state.byteCount + byteCount <= budgetByteCount else {
                state.refusal =
                    "\(folder): \(Self.text(state.byteCount)) are kept, and data.feature_cache_gigabytes allows "
                    + "\(Self.text(budgetByteCount)); the rest is computed anew each epoch"
                return false
            }
            state.byteCount += byteCount
            return true
        }
    }

    private static func creatingFolder(of path: String) throws(CheckpointFileError) {
        do { try FileSystem.createDirectories(FileSystem.folder(of: path)) } catch { throw .system(error) }
    }

    /// The size of all files, and an end to what killed processes left half written.
    private static func measure(_ folder: String) throws(FilesError) -> Int {
        var sum = 0
        for entry in try DirectoryTree.walk(folder) where entry.kind == .file {
            let name = FileSystem.name(of: entry.path.string)
            if name.hasPrefix(".voxsite-tmp-"), isOld(entry.identity) {
                try FileSystem.removeFile(entry.path.below(folder))
            } else {
                sum += entry.identity.size
            }
        }
        return sum
    }

    /// Whether nobody can be writing the file any more: it was last written to an hour ago.
    private static func isOld(_ file: FileIdentity) -> Bool {
        let now = Int64(time(nil)).multipliedReportingOverflow(by: 1_000_000_000).partialValue
        let (age, overflows) = now.subtractingReportingOverflow(file.modifiedNanoseconds)
        return !overflows && age > 3_600_000_000_000
    }

    private static func freeByteCount(_ folder: String) -> Int? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        let (bytes, overflows) = UInt64(status.f_bavail).multipliedReportingOverflow(
            by: UInt64(status.f_frsize)
        )
        return overflows ? nil : Int(clamping: bytes)
    }

    /// A size for people: `12.3 GB`.
    private static func text(_ byteCount: Int) -> String {
        let (unit, name) = byteCount >= 100_000_000 ? (1e9, "GB") : (1e6, "MB")
        return "\((Double(byteCount) / unit * 10).rounded() / 10) \(name)"
    }
}
