/// One logged value of one series.
///
/// `x` is in the unit of its axis: steps, epochs or seconds. `y` is the value as logged; it is not finite
/// where the trainer logged NaN, null or an infinity, and charts break the line there.
struct DataPoint: Sendable, Equatable {
    var x: Double
    var y: Double
}
