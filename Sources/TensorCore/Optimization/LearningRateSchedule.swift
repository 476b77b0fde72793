import Glibc

/// How the learning rate goes: up in a line, then down along a cosine.
public struct LearningRateSchedule: Sendable, Hashable {
    /// How the ends are treated.
    public enum Form: Sendable, Hashable {
        /// The first step has a rate already, and the last rate stays.
        case standard
        /// The first step has the rate 0, and behind the last the cosine goes on: as VoxFormer was trained.
        case unbounded
    }

    /// The highest rate.
    public var peak: Float
    /// How many steps it takes to get there.
    public var warmUpSteps: Int
    /// How many steps there are in all.
    public var totalSteps: Int
    /// The lowest rate after the peak, as a part of it.
    public var floor: Float
    /// How the ends are treated.
    public var form: Form

    /// - Parameters:
    ///   - peak: the highest rate.
    ///   - warmUpSteps: how many steps it takes to get there.
    ///   - totalSteps: how many steps there are in all.
    ///   - floor: the lowest rate after the peak, as a part of it.
    ///   - form: how the ends are treated.
    public init(
        peak: Float,
        warmUpSteps: Int,
        totalSteps: Int,
        floor: Float = 0.1,
        form: Form = .standard
    ) {
        self.peak = peak
        self.warmUpSteps = max(0, warmUpSteps)
        self.totalSteps = max(0, totalSteps)
        self.floor = floor
        self.form = form
    }

    /// The part of the peak at a step.
    ///
    /// - Parameter step: from 0.
    /// - Returns: from 0 to 1.
    public func factor(at step: Int) -> Float {
        if step < warmUpSteps {
            let reached = form == .standard ? step + 1 : step
            return Float(reached) / Float(max(1, warmUpSteps))
        }
        let span = Double(max(1, totalSteps - warmUpSteps))
        var progress = Double(step - warmUpSteps) / span
        if form == .standard { progress = min(1, progress) }
        let share = 0.5 * (1 + cos(.pi * progress))
        return Float(Double(floor) + (1 - Double(floor)) * share)
    }

    /// The rate at a step.
    ///
    /// - Parameter step: from 0.
    /// - Returns: the rate.
    public func rate(at step: Int) -> Float { peak * factor(at: step) }
}
