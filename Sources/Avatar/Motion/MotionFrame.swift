/// Everything that moves, at the moment of one picture.
public struct MotionFrame: Sendable, Hashable {
    /// Pictures per second, of every clip.
    public static let framesPerSecond = 25

    /// The mouth.
    public var mouth = MouthShape.rest
    /// Corners of the mouth up, cheeks and lower lids with them: added to what the face has by nature, from about -0.1
    /// to 0.4.
    public var smile: Float = 0
    /// The lid of the eye on the left of the picture: 0 open, 1 shut.
    public var blinkLeft: Float = 0
    /// The lid of the eye on the right of the picture: 0 open, 1 shut.
    public var blinkRight: Float = 0
    /// Where the eyes look, -1 (left of the picture) to 1.
    public var gazeX: Float = 0
    /// Where the eyes look, -1 (up) to 1.
    public var gazeY: Float = 0
    /// The brow on the left of the picture raised (to 1) or drawn down (to -1).
    public var browLeft: Float = 0
    /// The brow on the right of the picture raised (to 1) or drawn down (to -1).
    public var browRight: Float = 0
    /// The head turned to the right of the picture, in degrees.
    public var yawDegrees: Float = 0
    /// The head bent down, in degrees.
    public var pitchDegrees: Float = 0
    /// The head tilted to the right of the picture, in degrees.
    public var rollDegrees: Float = 0
    /// The chest: -1 breathed out, 1 breathed in.
    public var breath: Float = 0

    /// A face at rest that looks at the camera.
    public init() {}

    /// How many pictures accompany a sound.
    ///
    /// - Parameter durationSeconds: finite and not negative.
    /// - Returns: the duration in pictures, rounded; at least one.
    public static func count(durationSeconds: Double) -> Int {
        max(1, Int((durationSeconds * Double(framesPerSecond)).rounded()))
    }

    /// The middle of the time that a picture is shown.
    static func timeSeconds(ofFrame index: Int) -> Double {
        (Double(index) + 0.5) / Double(framesPerSecond)
    }
}
