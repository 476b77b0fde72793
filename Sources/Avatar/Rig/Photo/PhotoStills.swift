/// A few pictures of a photograph that moves, side by side: enough to see whether its points are right.
enum PhotoStills {
    /// The side of each picture in pixels.
    static let side = 256
    /// How many there are: at rest, the mouth open, the lips rounded, the eyes shut.
    static var count: Int { frames.count }

    private static let frames: [MotionFrame] = {
        var open = MotionFrame()
        open.mouth = MouthShape(
            opening: 0.82,
            width: 0.02,
            rounding: 0.1,
            upperRaise: 0.35,
            lowerDrop: 0.5,
            upperTeeth: 1,
            lowerTeeth: 0.15,
            tongue: 0.35
        )
        var round = MotionFrame()
        round.mouth = MouthShape(opening: 0.3, width: -0.62, rounding: 1, upperRaise: 0.1, lowerDrop: 0.1)
        round.yawDegrees = 4
        var shut = MotionFrame()
        shut.blinkLeft = 1
        shut.blinkRight = 1
        return [MotionFrame(), open, round, shut]
    }()

    /// Draws them.
    ///
    /// - Parameter rig: the photograph and its points, checked.
    /// - Returns: ``count`` squares of ``side`` pixels in a row.
    /// - Throws: ``AvatarError/picture(path:reason:)``.
    static func row(of rig: PhotoRig) throws(AvatarError) -> RasterImage {
        let skin = try PhotoRenderer(rig: rig, size: side)
        let pictures = frames.map { skin.render($0) }
        return RasterImage(width: side * pictures.count, height: side) { canvas in
            for (index, picture) in pictures.enumerated() {
                canvas.draw(picture, at: Point(Double(index * side), 0))
            }
        }
    }
}
