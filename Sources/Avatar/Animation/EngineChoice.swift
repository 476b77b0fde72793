/// Chooses the engine that makes a video, and says why.
public struct EngineChoice: Sendable {
    /// The best first; the last one should always work.
    public let engines: [any AnimationEngine]

    /// The best of those that are set up here: nobody needs to be told why one that is not is not taken.
    public var expected: (any AnimationEngine)? { engines.first(where: \.isSetUp) }

    /// What stands for the best engine that can be used.
    public static let automatic = "auto"

    /// - Parameter engines: the best first.
    public init(_ engines: [any AnimationEngine]) { self.engines = engines }

    /// Engines to try one after the other.
    public struct Decision: Sendable {
        /// The first is tried first; further ones where it fails.
        public var engines: [any AnimationEngine]
        /// Why the first of them, in a sentence.
        public var reason: String
    }

    /// Refuses a name that no engine has, before anything is made.
    ///
    /// - Parameter name: an engine's, or `auto`.
    /// - Throws: ``AvatarError/clipRefused(reason:)`` with all names.
    public func check(_ name: String) throws(AvatarError) {
        let known = [Self.automatic] + engines.map(\.name)
        guard !known.contains(name) else { return }
        throw .clipRefused(
            reason:
                "no engine is called \(VisibleText.quoted(name)); there are: \(known.joined(separator: ", "))"
        )
    }

    /// Refuses an avatar that none of the engines in question can move here now, before anything is made.
    ///
    /// An engine is only asked whether it can be used, which may take a while, where another refuses the avatar.
    ///
    /// - Parameters:
    ///   - name: an engine's, or `auto`.
    ///   - avatar: who is to speak.
    /// - Throws: as ``check(_:)``; what an engine says of the avatar; `CancellationError`.
    public func check(_ name: String, for avatar: AvatarLibrary.Entry) async throws {
        try check(name)
        var refusal: AvatarError?
        var others: [any AnimationEngine] = []
        for engine in engines where name == Self.automatic || engine.name == name {
            if let problem = engine.problem(with: avatar) { refusal = problem } else { others.append(engine) }
        }
        guard let refusal else { return }
        for engine in others where await engine.problem() == nil { return }
        try Task.checkCancellation()
        throw refusal
    }

    /// Decides.
    ///
    /// - Parameter name: an engine's, or `auto` for the best that can be used.
    /// - Returns: at least one engine; with `auto`, also those that take over where it fails.
    /// - Throws: ``AvatarError/engineUnavailable(name:reason:)``, as ``check(_:)``, `CancellationError`.
    public func decide(_ name: String) async throws -> Decision {
        try check(name)
        guard name == Self.automatic else { return try await named(name) }
        var usable: [any AnimationEngine] = []
        var problems: [(engine: any AnimationEngine, text: String)] = []
        for engine in engines {
            if let problem = await engine.problem() {
                if usable.isEmpty { problems.append((engine, problem)) }
            } else {
                usable.append(engine)
            }
        }
        try Task.checkCancellation()
        guard let first = usable.first else {
            // What is set up and does not work is the likelier cause.
            let ordered = problems.filter(\.engine.isSetUp) + problems.filter { !$0.engine.isSetUp }
            throw AvatarError.engineUnavailable(
                name: name,
                reason: ordered.isEmpty
                    ? "there is no engine"
                    : ordered.map { "\($0.engine.name): \($0.text)" }.joined(separator: "; ")
            )
        }
        guard !problems.isEmpty else {
            return Decision(engines: usable, reason: "\(first.name) is taken: the best engine here")
        }
        let reasons = problems.map { "\($0.engine.name) cannot be used: \($0.text)" }
        return Decision(
            engines: usable,
            reason: "\(first.name) is taken, as \(reasons.joined(separator: "; "))"
        )
    }

    private func named(_ name: String) async throws -> Decision {
        let named = engines.filter { $0.name == name }
        for engine in named {
            guard let problem = await engine.problem() else { continue }
            throw AvatarError.engineUnavailable(name: name, reason: problem)
        }
        return Decision(engines: named, reason: "\(name) was asked for")
    }
}
