public import Foundation
import Synchronization

/// A wall clock that a test sets by hand.
public final class ManualClock: Sendable {
    private let date: Mutex<Date>

    /// A clock that shows `seconds` after 1970 until it is moved.
    ///
    /// - Parameter seconds: the time shown first.
    public init(secondsSince1970 seconds: Double = 1_795_490_000) {
        date = Mutex(Date(timeIntervalSince1970: seconds))
    }

    /// The time shown.
    public var now: Date { date.withLock { $0 } }

    /// Moves the clock.
    ///
    /// - Parameter seconds: forward; negative moves it back.
    public func advance(bySeconds seconds: Double) { date.withLock { $0 += seconds } }
}
