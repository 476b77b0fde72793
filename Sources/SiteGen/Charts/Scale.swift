import Foundation

/// Maps values of an axis to the share of its length, 0 at `lower` and 1 at `upper`, and back.
struct Scale: Sendable, Equatable {
    enum Kind: String, Sendable, Equatable {
        case linear
        case log = "log"
    }

    let kind: Kind
    let lower: Double
    let upper: Double
    /// The lower end and the length in the space the axis is straight in; halved on linear axes so that
    /// the whole range of `Double` fits without overflow.
    private let origin: Double
    private let length: Double

    /// A scale from `lower` to `upper`, which must differ and, on a log axis, be positive.
    init(_ kind: Kind = .linear, from lower: Double, to upper: Double) {
        precondition(lower.isFinite && upper.isFinite && lower < upper, "a scale needs finite, ordered ends")
        precondition(kind == .linear || lower > 0, "a log scale needs positive ends")
        self.kind = kind
        self.lower = lower
        self.upper = upper
        switch kind {
        case .linear:
            origin = lower / 2
            length = upper / 2 - lower / 2
        case .log:
            origin = log10(lower)
            length = log10(upper) - log10(lower)
        }
    }

    /// Where a value lies, 0…1 inside the axis.
    ///
    /// Not finite where the value cannot be placed: not a number,
    /// or not positive on a log axis.
    @inline(__always)
    func fraction(of value: Double) -> Double {
        switch kind {
        case .linear: (value / 2 - origin) / length
        case .log: value > 0 ? (log10(value) - origin) / length : -.infinity
        }
    }

    /// The value at a share of the axis.
    func value(at fraction: Double) -> Double {
        switch kind {
        case .linear: 2 * (origin + fraction * length)
        case .log: pow(10, origin + fraction * length)
        }
    }

    /// The scale with a share of its length added at both ends, as far as numbers reach.
    func extended(by share: Double) -> Scale {
        let floor = kind == .log ? Double.leastNormalMagnitude : -Double.greatestFiniteMagnitude
        return Scale(
            kind,
            from: Swift.max(floor, Swift.min(lower, value(at: -share))),
            to: Swift.min(.greatestFiniteMagnitude, Swift.max(upper, value(at: 1 + share)))
        )
    }

    /// The viewBox coordinate of a share of an axis that is `extent` units long, rounded.
    ///
    /// It is kept within fifty lengths of the view, so that one huge value neither overflows nor costs many
    /// digits. A line to a point
    /// that far away leaves the view where it would have anyway, to less than a unit.
    @inline(__always)
    static func coordinate(_ fraction: Double, extent: Double) -> Int {
        let clamped = Swift.min(Swift.max(fraction, -50), 50)
        return Int((clamped * extent).rounded())
    }
}
