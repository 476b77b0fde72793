/// What makes pictures of a face out of motion: a drawn person, or a photograph.
public protocol FaceSkin: Sendable {
    /// How metrics name it: `rig-v` for drawn faces, `rig-p` for photographs.
    var engineName: String { get }
    /// The side of the square pictures in pixels.
    var size: Int { get }
    /// Makes one picture. Any number of threads may do so at once.
    ///
    /// - Parameter frame: how everything stands.
    /// - Returns: a picture of ``size`` times ``size`` pixels without transparency.
    func render(_ frame: MotionFrame) -> RasterImage
    /// The distance between the lips' inner edges against the distance of the eyes.
    ///
    /// - Parameter frame: how everything stands.
    /// - Returns: 0 for closed lips.
    func openness(_ frame: MotionFrame) -> Double
    /// Where the parts of the face that move lie.
    ///
    /// - Parameter frame: how everything stands.
    /// - Returns: always the same parts in the same order; the unit is the height of the head.
    func landmarks(_ frame: MotionFrame) -> [SIMD2<Double>]
}
