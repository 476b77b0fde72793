/// Draws the pictures of a drawn person.
///
/// A plain value: any number of threads may draw pictures of it at once.
public struct PortraitRenderer: FaceSkin {
    /// Drawn with vectors.
    public var engineName: String { "rig-v" }
    /// Who is drawn.
    public let avatar: AvatarDescription
    /// The side of the square picture in pixels.
    public let size: Int
    private let background: RasterImage

    /// Sizes that are drawn.
    public static let sizes = 64...1_024

    /// Prepares what never moves.
    ///
    /// - Parameters:
    ///   - avatar: who is drawn.
    ///   - size: the side of the picture in pixels, within ``sizes``.
    public init(_ avatar: AvatarDescription, size: Int) {
        precondition(Self.sizes.contains(size), "a picture of \(size) pixels is not drawn")
        self.avatar = avatar
        self.size = size
        background = RasterImage(width: size, height: size) { canvas in
            let side = Double(size)
            let ramp = avatar.background
            canvas.fillAll(
                .radial(
                    center: Point(side * 0.46, side * 0.38),
                    radius: side * 0.85,
                    [.init(0, ramp.light), .init(0.45, ramp.base), .init(1, ramp.shadow)]
                )
            )
        }
    }

    /// Draws one picture; a few milliseconds at 256 pixels, about ten at 512.
    ///
    /// - Parameter frame: how everything stands.
    /// - Returns: the picture, without transparency.
    public func render(_ frame: MotionFrame) -> RasterImage {
        var image = background
        image.draw { canvas in PortraitPainter(avatar, frame, canvas, size: size).draw() }
        return image
    }

    /// The distance between the lips' inner edges against the distance of the eyes.
    ///
    /// - Parameter frame: how everything stands.
    /// - Returns: 0 for closed lips.
    public func openness(_ frame: MotionFrame) -> Double {
        let mouth = MouthGeometry(avatar, frame)
        let gap = mouth.isOpen ? mouth.innerBottom - mouth.innerTop : 0
        return max(0, gap) / (2 * avatar.eyes.spacing)
    }

    /// Where the parts of the face that move lie.
    ///
    /// - Parameter frame: how everything stands.
    /// - Returns: mouth, chin, nose, eyes with lids and irises, and brows; the unit is the height of the head.
    public func landmarks(_ frame: MotionFrame) -> [SIMD2<Double>] {
        let pose = HeadPose(frame, size: size)
        let mouth = MouthGeometry(avatar, frame)
        let head = HeadGeometry(avatar, frame)
        var points = [
            Point(-mouth.halfWidth, mouth.cornerY), Point(mouth.halfWidth, mouth.cornerY),
            Point(0, mouth.outerTop), Point(0, mouth.innerTop), Point(0, mouth.innerBottom),
            Point(0, mouth.outerBottom), head.chin, head.noseTip, HeadGeometry.crown,
        ]
        for side in [-1.0, 1.0] {
            let eye = EyeGeometry(avatar, frame, side: side)
            points += [
                eye.corners.inner, eye.corners.outer, eye.lidMiddles.upper, eye.lidMiddles.lower,
                eye.place(eye.iris),
            ]
            points += head.browOutline(side: side).points.prefix(1)
        }
        let unit = pose.scale * head.height
        return points.map { point in
            let placed = pose.project(point)
            return SIMD2(placed.x / unit, placed.y / unit)
        }
    }
}
