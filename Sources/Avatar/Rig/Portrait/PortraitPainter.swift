/// Draws one picture of a drawn person, back to front.
///
/// All forms are computed in units of the face, placed by ``HeadPose`` and shaded in the avatar's style.
struct PortraitPainter {
    let avatar: AvatarDescription
    let frame: MotionFrame
    let canvas: Canvas
    let pose: HeadPose
    let head: HeadGeometry
    let mouth: MouthGeometry
    let eyes: [EyeGeometry]

    init(_ avatar: AvatarDescription, _ frame: MotionFrame, _ canvas: Canvas, size: Int) {
        self.avatar = avatar
        self.frame = frame
        self.canvas = canvas
        pose = HeadPose(frame, size: size)
        head = HeadGeometry(avatar, frame)
        mouth = MouthGeometry(avatar, frame)
        eyes = [-1, 1].map { EyeGeometry(avatar, frame, side: $0) }
    }

    var style: AvatarDescription.Style { avatar.style }
    var skin: AvatarDescription.Skin { avatar.skin }

    /// Everything but the background.
    func draw() {
        drawShapes(.backHair) { pose.project($0, .backHair) }
        drawBody()
        drawEars()
        drawHead()
        drawShapes(.skin) { pose.project(head.withJaw($0), .face) }
        drawEyes()
        drawNose()
        drawMouth()
        drawBrows()
        drawShapes(.face) { pose.project($0, .face) }
        drawShapes(.frontHair) { pose.project($0, .frontHair) }
        drawShapes(.front) { pose.project($0, .nose) }
    }

    /// A length of the face in pixels.
    func pixels(_ length: Double) -> Double { length * pose.scale }

    /// The width of a contour in pixels.
    var contour: Double { max(1, pixels(style == .ink ? 0.022 : 0.026)) }

    func drawShapes(_ layer: AvatarDescription.Shape.Layer, _ place: (Point) -> Point) {
        for shape in avatar.shapes where shape.layer == layer {
            let sides = shape.isMirrored ? [shape.outline, shape.outline.mirrored] : [shape.outline]
            for outline in sides {
                let placed = outline.mapped(place)
                if let fill = shape.fill {
                    if shape.feather > 0 { soften(placed, fill.base, pixels(shape.feather)) }
                    form(placed, fill)
                }
                if let stroke = shape.stroke {
                    canvas.stroke(placed, width: pixels(shape.strokeWidth), stroke)
                }
            }
        }
    }

    /// Lets what is filled afterwards fade out over its edge.
    private func soften(_ outline: Outline, _ color: Color, _ width: Double) {
        for share in [2.0, 1.3, 0.6] {
            canvas.strokeCoarsely(outline, width: width * share, color.opacity(0.24))
        }
    }

    /// Fills a form of one material as the style has it.
    ///
    /// - Parameters:
    ///   - outline: in pixels.
    ///   - ramp: its material.
    ///   - litShare: how much of its width the pen leaves white.
    func form(_ outline: Outline, _ ramp: AvatarDescription.Ramp, litShare: Double = 0.62) {
        let box = outline.bounds
        let width = box.high.x - box.low.x
        let height = box.high.y - box.low.y
        switch style {
        case .soft:
            let light = Point(box.low.x + width * 0.38, box.low.y + height * 0.3)
            canvas.fill(
                outline,
                .radial(
                    center: light,
                    radius: max(width, height) * 0.75,
                    [.init(0, ramp.light), .init(0.5, ramp.base), .init(1, ramp.shadow)]
                )
            )
        case .cel:
            canvas.fill(outline, .solid(ramp.base))
            let shift = Point(-min(width * 0.1, pixels(0.14)), -min(height * 0.06, pixels(0.08)))
            canvas.clipped(to: outline) {
                canvas.fillDifference(outline, outline.mapped { $0 + shift }, .solid(ramp.shadow))
            }
            canvas.stroke(outline, width: contour, skin.line)
        case .ink:
            canvas.fill(outline, .solid(ramp.base))
            hatch(outline, ramp.shadow, from: litShare)
            canvas.stroke(outline, width: contour, skin.line)
            // A pen goes over important lines a second time, and never quite hits them.
            canvas.stroke(
                outline.mapped { Point($0.x + pixels(0.008), $0.y - pixels(0.006)) },
                width: contour * 0.4,
                skin.line.opacity(0.7)
            )
        case .paper:
            castShadow(outline)
            canvas.fill(
                outline,
                .linear(from: box.low, to: box.high, [.init(0, ramp.light), .init(1, ramp.base)])
            )
            canvas.stroke(
                outline,
                width: max(0.7, pixels(0.007)),
                ramp.light.mixed(with: .white, 0.5).opacity(0.6)
            )
        }
    }

    /// The shadow of a sheet on the sheets below.
    private func castShadow(_ outline: Outline) {
        let shifted = outline.mapped { Point($0.x + pixels(0.02), $0.y + pixels(0.035)) }
        for spread in [0.09, 0.055, 0.02] {
            canvas.strokeCoarsely(shifted, width: pixels(spread), Color(0.05, 0.03, 0.1, 0.09))
        }
        canvas.fill(shifted, .solid(Color(0.05, 0.03, 0.1, 0.16)))
    }

    /// Slanted lines over the side away from the light.
    func hatch(_ outline: Outline, _ color: Color, from litShare: Double) {
        let box = outline.bounds
        let width = box.high.x - box.low.x
        let height = box.high.y - box.low.y
        let step = pixels(0.062)
        canvas.clipped(to: outline) {
            var x = box.low.x + width * litShare
            var index = 0
            while x < box.high.x + height * 0.5 {
                let wobble = pixels(0.02) * Double((index * 7) % 5 - 2) / 2
                let line = Outline(
                    [
                        Point(x + wobble, box.low.y + height * 0.1),
                        Point(x - height * 0.1, box.low.y + height * 0.4),
                        Point(x - height * 0.2 + wobble, box.low.y + height * 0.7),
                        Point(x - height * 0.3, box.high.y),
                    ],
                    isClosed: false
                )
                canvas.stroke(line, width: contour * 0.45, color)
                x += step
                index += 1
            }
        }
    }
}
