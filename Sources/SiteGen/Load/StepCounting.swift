/// Counts steps through where a trainer counts them anew in every epoch.
///
/// The first time an epoch begins tells which kind of trainer it is: if the step goes on, it counts through; if it
/// falls, and metrics fall back with it, it counts by epoch. An epoch's steps then follow those of the epoch
/// before at the interval in which steps are logged. All of it follows from the rows so far, so a log read as it
/// grows has the same steps as one read at once.
struct StepCounting: Sendable {
    private enum Kind: Sendable { case undecided, through, byEpoch }

    /// Beyond these many epochs the older ones are forgotten, and restarts into them begin at the oldest known.
    private static let epochLimit = 4096

    private var kind = Kind.undecided
    /// The newest epoch, without its fraction.
    private var epoch = Double.nan
    /// What the newest epoch's steps are added to.
    private var base = 0.0
    /// The highest step of the newest epoch, as logged, and the last distance between two such.
    private var top = -Double.infinity
    private var interval = 0.0
    private var bases: [(epoch: Double, base: Double)] = []

    /// Whether every row is where its own step says.
    var isPlain: Bool { kind == .through }
    /// Whether it is not known yet how steps are counted.
    var isUndecided: Bool { kind == .undecided }

    /// The place of an event, which decides nothing.
    func place(step: Double, epoch: Double?) -> Double {
        guard kind == .byEpoch else { return step }
        return base(of: epoch?.rounded(.down) ?? self.epoch) + step
    }

    /// The place of a row.
    ///
    /// - Parameters:
    ///   - step: As logged.
    ///   - epoch: NaN where the row tells none.
    ///   - isSetback: Whether a metric of the row had a value at a higher step before.
    /// - Returns: Where it stands, counted through.
    mutating func place(step: Double, epoch: Double, isSetback: () -> Bool) -> Double {
        let whole = epoch.rounded(.down)
        switch kind {
        case .through: return step
        case .undecided: decide(step, whole, isSetback)
        case .byEpoch:
            if whole > self.epoch {
                begin(whole, step)
            } else if whole < self.epoch {
                return base(of: whole) + step
            }
        }
        if step > top {
            if top.isFinite { interval = step - top }
            top = step
        }
        return base + step
    }

    private mutating func decide(_ step: Double, _ whole: Double, _ isSetback: () -> Bool) {
        guard whole.isFinite else { return }
        guard epoch.isFinite else {
            epoch = whole
            bases = [(whole, 0)]
            return
        }
        if whole > epoch {
            if step > top {
                kind = .through
            } else if step < top, isSetback() {
                kind = .byEpoch
                begin(whole, step)
            }
        } else if whole < epoch, isSetback() {
            // A restart from before the first row.
            epoch = whole
            bases = [(whole, 0)]
            top = step
        }
    }

    private mutating func begin(_ whole: Double, _ step: Double) {
        if step <= top {
            let next = interval > 0 ? top + interval : top + max(step, 1)
            base = min(base + next - step, RowAxis.largestPlace)
            top = step
        }
        epoch = whole
        bases.append((whole, base))
        if bases.count >= 2 * Self.epochLimit { bases.removeFirst(Self.epochLimit) }
    }

    private func base(of whole: Double) -> Double {
        guard whole < epoch else { return base }
        var low = 0
        var high = bases.count
        while low < high {
            let middle = (low + high) / 2
            if bases[middle].epoch <= whole { low = middle + 1 } else { high = middle }
        }
        return bases.isEmpty ? base : bases[max(low - 1, 0)].base
    }
}
