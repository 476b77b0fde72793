import Synchronization

/// What a run tells whoever started it, besides what goes into its folder.
public enum TrainingEvent: Sendable {
    /// A sentence for people.
    case message(String)
    /// An update was made.
    case progress(TrainingProgress)
}

/// How far a run is.
public struct TrainingProgress: Sendable, Equatable {
    /// The epoch at hand, from 0.
    public var epoch: Int
    /// How many there are.
    public var epochCount: Int
    /// How many updates were made.
    public var step: Int
    /// How many there will be.
    public var totalSteps: Int
    /// The loss of the newest update.
    public var loss: Double
    /// Updates in a second, of late.
    public var stepsPerSecond: Double

    /// How long it will still take, in seconds; nil before speed is known.
    public var secondsLeft: Double? {
        stepsPerSecond > 0 ? Double(max(0, totalSteps - step)) / stepsPerSecond : nil
    }
}

/// How a run ended.
public enum TrainingOutcome: Sendable, Equatable {
    /// All its steps were made; the path of the last checkpoint.
    case completed(checkpoint: String)
    /// It was asked to stop, and can be gone on with.
    case stopped(step: Int, checkpoint: String)
}

/// Asks a run to stop: it finishes the step at hand and saves.
public final class TrainingStop: Sendable {
    private let isAsked: Mutex<Bool>

    /// Nobody asked yet.
    public init() { isAsked = Mutex(false) }

    /// Asks; again and again does no harm.
    public func request() { isAsked.withLock { $0 = true } }

    /// Whether somebody asked.
    public var isRequested: Bool { isAsked.withLock { $0 } }
}
