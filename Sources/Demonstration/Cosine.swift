import Glibc

/// The shape of a decaying learning rate.
enum Cosine {
    /// From 1 at 0 to 0 at 1 along half a cosine.
    static func halfWave(_ progress: Double) -> Double {
        0.5 * (1 + cos(.pi * min(1, max(0, progress))))
    }
}
