import Glibc

/// `log(eᵃ + eᵇ)` without leaving the range of the numbers; minus infinity is the probability 0.
///
/// - Parameters:
///   - left: the logarithm of one probability.
///   - right: of the other.
/// - Returns: the logarithm of their sum.
func logarithmicSum(_ left: Double, _ right: Double) -> Double {
    let (larger, smaller) = left > right ? (left, right) : (right, left)
    guard smaller > -.infinity else { return larger }
    return larger + log1p(exp(smaller - larger))
}
