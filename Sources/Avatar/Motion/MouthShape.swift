/// What the mouth looks like at one moment, as the parameters that a skin draws.
///
/// A vector, since co-articulation is arithmetic on all of them at once.
public struct MouthShape: Sendable, Hashable {
    /// The parameters in the order of ``Index``.
    var values: SIMD16<Float>

    /// Where each parameter lies in ``values``.
    enum Index {
        static let opening = 0
        static let width = 1
        static let rounding = 2
        static let upperRaise = 3
        static let lowerDrop = 4
        static let upperTeeth = 5
        static let lowerTeeth = 6
        static let tongue = 7
        static let press = 8
    }

    init(values: SIMD16<Float>) { self.values = values }

    init(
        opening: Float = 0,
        width: Float = 0,
        rounding: Float = 0,
        upperRaise: Float = 0,
        lowerDrop: Float = 0,
        upperTeeth: Float = 0,
        lowerTeeth: Float = 0,
        tongue: Float = 0,
        press: Float = 0
    ) {
        values = SIMD16<Float>.zero
        values[Index.opening] = opening
        values[Index.width] = width
        values[Index.rounding] = rounding
        values[Index.upperRaise] = upperRaise
        values[Index.lowerDrop] = lowerDrop
        values[Index.upperTeeth] = upperTeeth
        values[Index.lowerTeeth] = lowerTeeth
        values[Index.tongue] = tongue
        values[Index.press] = press
    }

    /// The mouth of somebody who listens.
    public static let rest = MouthShape()

    /// How far the jaw is down and the lips are apart, 0 (closed) to 1 (as wide as speech goes).
    public var opening: Float {
        get { values[Index.opening] }
        set { values[Index.opening] = newValue }
    }
    /// Corners drawn apart (to 1) or together (to -1).
    public var width: Float {
        get { values[Index.width] }
        set { values[Index.width] = newValue }
    }
    /// Lips pushed forward, 0 to 1.
    public var rounding: Float {
        get { values[Index.rounding] }
        set { values[Index.rounding] = newValue }
    }
    /// Upper lip raised, 0 to 1.
    public var upperRaise: Float {
        get { values[Index.upperRaise] }
        set { values[Index.upperRaise] = newValue }
    }
    /// Lower lip drawn down (to 1), or tucked under the upper teeth (to -1), as for f and v.
    public var lowerDrop: Float {
        get { values[Index.lowerDrop] }
        set { values[Index.lowerDrop] = newValue }
    }
    /// How much of the upper teeth shows, 0 to 1.
    public var upperTeeth: Float {
        get { values[Index.upperTeeth] }
        set { values[Index.upperTeeth] = newValue }
    }
    /// How much of the lower teeth shows, 0 to 1.
    public var lowerTeeth: Float {
        get { values[Index.lowerTeeth] }
        set { values[Index.lowerTeeth] = newValue }
    }
    /// The tongue: 0 down, 1 at the teeth.
    public var tongue: Float { values[Index.tongue] }
    /// Lips pressed upon each other, 0 to 1.
    public var press: Float {
        get { values[Index.press] }
        set { values[Index.press] = newValue }
    }
}
