public import RunRecords

/// Makes a clip and appends it to its run.
public struct ClipSession: Sendable {
    private let maker: ClipMaker
    private let runs: String
    private let run: String?

    /// - Parameters:
    ///   - maker: makes the clip.
    ///   - runs: the folder of all runs.
    ///   - run: the run's name; that of the day unless given.
    public init(maker: ClipMaker, runs: String, run: String? = nil) {
        self.maker = maker
        self.runs = runs
        self.run = run
    }

    /// What came of it.
    public struct Made: Sendable {
        /// The clip.
        public var clip: Clip
        /// The run that has it.
        public var run: RunID
        /// What the names of its files begin with.
        public var name: String
    }

    /// Makes a clip among the run's media and appends it to the run's log.
    ///
    /// - Parameters:
    ///   - request: what is wanted.
    ///   - name: what the names of its files begin with; `clip-` and chance unless given.
    ///   - progress: told how far it is.
    /// - Returns: the clip and its run.
    /// - Throws: as ``ClipMaker/prepare(_:)``, when no run is touched; as ``ClipMaker/make(_:files:progress:)``, when
    ///   the run's log says why. No file is left then.
    @concurrent
    public func make(
        _ request: ClipRequest,
        name: String? = nil,
        progress: @escaping @Sendable (ClipProgress) -> Void = { _ in }
    ) async throws -> Made {
        let prepared = try await maker.prepare(request)
        return try await make(prepared, name: name, progress: progress)
    }

    /// The same for a request that has been checked.
    ///
    /// - Parameters:
    ///   - prepared: what is wanted.
    ///   - name: what the names of its files begin with; `clip-` and chance unless given.
    ///   - progress: told how far it is.
    /// - Returns: the clip and its run.
    /// - Throws: as the other one.
    @concurrent
    public func make(
        _ prepared: ClipMaker.Prepared,
        name: String? = nil,
        progress: @escaping @Sendable (ClipProgress) -> Void = { _ in }
    ) async throws -> Made {
        let name = name ?? "clip-" + RandomName.make()
        let run = try ClipRun(runs: runs, id: run)
        try run.begin()
        let files = ClipFiles(folder: run.mediaFolder, name: name)
        do {
            let clip = try await maker.make(prepared, files: files, progress: progress)
            do { try run.append(clip) } catch {
                files.removeAll()
                throw error
            }
            return Made(clip: clip, run: run.id, name: name)
        } catch {
            if error is CancellationError { try run.stop() } else { try run.fail(error) }
            throw error
        }
    }
}

/// Names that nobody guesses.
enum RandomName {
    /// 32 hexadecimal digits: 128 bits from the system.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
