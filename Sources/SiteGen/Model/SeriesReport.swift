/// Everything a page needs to know about one metric of one run.
///
/// The points are a summary of the whole log: per bucket of steps the first, last, smallest and largest
/// value and the edges of every gap, so a spike of one point in a million is among them. Runs short enough
/// are kept whole.
struct SeriesReport: Sendable, Equatable {
    /// The metric's full name as logged, nested keys joined by a slash.
    ///
    /// Hostile until escaped.
    let name: String
    /// Points of the newest attempt in logged order; `x` (the step) never decreases.
    let points: [DataPoint]
    /// The smoothed curves at the half-lives the page offers, shortest first; empty for short series.
    let smoothed: [SmoothedCurve]
    /// The index in `smoothed` that is drawn unless the reader chooses another.
    let defaultSmoothing: Int?
    /// Points of earlier attempts that a restart overwrote, one array per branch, oldest first.
    let discarded: [[DataPoint]]
    /// How many values the newest attempt logged, before summarising.
    let count: Int
    /// How many of them are not finite numbers.
    let nonFiniteCount: Int
    /// The first and last logged points that are finite.
    let first: DataPoint?
    let last: DataPoint?
    /// The finite extremes over all points of the newest attempt.
    let minimum: DataPoint?
    let maximum: DataPoint?
    /// The 5th and 95th percentile of the finite summary points: what a robust y-range starts from.
    let percentiles: ClosedRange<Double>?
    /// The mean over all points logged up to one default window before `last`: what "change" compares with.
    let previous: Double?
}

/// A debiased exponential average of a series, computed over every point and then thinned.
struct SmoothedCurve: Sendable, Equatable {
    /// The number of steps after which a point's weight has halved.
    let halfLifeSteps: Double
    let points: [DataPoint]
}
