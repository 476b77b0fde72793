/// A step file that cannot be gone on from.
struct UnusableCheckpoint: Sendable, Equatable {
    /// Which step its name says it is of.
    let step: Int
    /// What is wrong with it, with its path.
    let reason: String
}
