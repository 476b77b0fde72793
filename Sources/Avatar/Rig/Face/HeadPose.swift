import Glibc

/// Where the points of a head lie in the picture.
///
/// The face is taken for a dome, so a turn moves the nose more than the ears and narrows the far side: what makes a
/// flat drawing look solid.
struct HeadPose: Sendable {
    /// How deep a layer lies: `base` in front of the plane of the ears, plus a dome over the face.
    struct Depth: Sendable {
        var base: Double
        var dome: Double

        static let face = Depth(base: 0, dome: 0.95)
        static let nose = Depth(base: 0.12, dome: 1.0)
        static let frontHair = Depth(base: 0.06, dome: 1.0)
        static let ears = Depth(base: -0.05, dome: 0)
        static let backHair = Depth(base: -0.25, dome: -0.5)
    }

    /// Pixels per unit.
    let scale: Double
    private let origin: Point
    private let yaw: (sin: Double, cos: Double)
    private let pitch: (sin: Double, cos: Double)
    private let roll: (sin: Double, cos: Double)
    /// The head turns about the top of the neck.
    private static let pivot = Point(0, 1.25)

    /// - Parameters:
    ///   - frame: the angles and the breath.
    ///   - size: of the picture in pixels.
    init(_ frame: MotionFrame, size: Int) {
        let pixels = Double(size)
        scale = pixels * 0.235
        origin = Point(pixels * 0.5, pixels * 0.455 - Double(frame.breath) * scale * 0.008)
        func turn(_ degrees: Float) -> (sin: Double, cos: Double) {
            let radians = Double(degrees) * .pi / 180
            return (sin(radians), cos(radians))
        }
        yaw = turn(frame.yawDegrees)
        pitch = turn(frame.pitchDegrees)
        roll = turn(frame.rollDegrees)
    }

    /// A point of the head in pixels.
    func project(_ point: Point, _ depth: Depth = .face) -> Point {
        let (u, v) = (point.x / 1.3, point.y / 1.75)
        let z = depth.base + depth.dome * max(0, 1 - u * u - v * v).squareRoot()
        let x = point.x * yaw.cos + z * yaw.sin
        let front = z * yaw.cos - point.x * yaw.sin
        let y = (point.y - Self.pivot.y) * pitch.cos + front * pitch.sin
        let near = 1 + 0.05 * (front * pitch.cos - (point.y - Self.pivot.y) * pitch.sin - 0.5)
        let (flatX, flatY) = (x * near, y * near)
        return Point(
            origin.x + scale * (flatX * roll.cos - flatY * roll.sin),
            origin.y + scale * (Self.pivot.y + flatX * roll.sin + flatY * roll.cos)
        )
    }

    func project(_ outline: Outline, _ depth: Depth = .face) -> Outline {
        outline.mapped { project($0, depth) }
    }

    /// A point of the body, which follows the head not at all (at the shoulders) to a third (at the top of the neck).
    func projectBody(_ point: Point, breath: Double) -> Point {
        let follow = 0.3 * min(max((1.7 - point.y) / 0.9, 0), 1)
        let rise = breath * 0.018 * min(max((point.y - 1.2) / 0.5, 0), 1)
        return Point(
            origin.x + scale * (point.x * (1 + breath * 0.004) + follow * yaw.sin * 0.5),
            origin.y + scale * (point.y - rise + follow * pitch.sin * 0.4)
        )
    }
}
