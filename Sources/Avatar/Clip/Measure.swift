/// A number with its name, as a run's log holds it.
public struct Measure: Sendable, Hashable, Codable {
    /// Such as `quality/sync_correlation`.
    public var name: String
    /// In the unit that the name says.
    public var value: Double

    /// - Parameters:
    ///   - name: such as `quality/sync_correlation`.
    ///   - value: in the unit that the name says.
    public init(_ name: String, _ value: Double) {
        self.name = name
        self.value = value
    }
}
