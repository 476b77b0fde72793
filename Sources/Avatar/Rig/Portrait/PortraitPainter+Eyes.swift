extension PortraitPainter {
    func drawEyes() {
        for eye in eyes { draw(eye) }
    }

    private func draw(_ eye: EyeGeometry) {
        let lashColor = avatar.eyes.lashColor
        if style == .soft { drawLid(eye) }
        if eye.openness > 0.08 {
            let opening = pose.project(eye.opening)
            if style == .paper {
                form(opening, .init(base: Color(0.97, 0.95, 0.9), light: .white, shadow: .white))
            }
            canvas.clipped(to: opening) { drawEyeball(eye, in: opening) }
        }
        drawLids(eye, lashColor)
    }

    /// The upper lid's skin, which bulges over the eye: shaded under the fold, light in its middle.
    private func drawLid(_ eye: EyeGeometry) {
        let lid = pose.project(eye.lid)
        let box = lid.bounds
        let shadow = skin.ramp.shadow
        canvas.fill(
            lid,
            .linear(
                from: box.low,
                to: Point(box.low.x, box.high.y),
                [
                    .init(0, shadow.opacity(0.42)), .init(0.45, shadow.opacity(0.16)),
                    .init(0.7, skin.ramp.light.opacity(0.3 * (1 - eye.openness))),
                    .init(1, shadow.opacity(0.5)),
                ]
            )
        )
    }

    private func drawEyeball(_ eye: EyeGeometry, in opening: Outline) {
        let box = opening.bounds
        switch style {
        case .soft:
            canvas.fillAll(
                .linear(
                    from: box.low,
                    to: Point(box.low.x, box.high.y),
                    [
                        .init(0, Color(0.8, 0.76, 0.75)), .init(0.45, Color(0.98, 0.975, 0.97)),
                        .init(1, Color(0.92, 0.89, 0.88)),
                    ]
                )
            )
        case .cel: canvas.fillAll(.solid(Color(0.98, 0.98, 1)))
        case .ink: canvas.fillAll(.solid(Color(1, 0.995, 0.97)))
        case .paper: break
        }
        drawIris(eye)
        // What the upper lid shades.
        if style == .soft || style == .cel {
            let shade = Color(0.18, 0.12, 0.16, style == .soft ? 0.5 : 0.22)
            let lid = pose.project(eye.upperLid)
            canvas.stroke(lid, width: pixels(0.1), shade.opacity(0.5))
            canvas.stroke(lid, width: pixels(0.055), shade.opacity(0.6))
        }
    }

    private func drawIris(_ eye: EyeGeometry) {
        let radius = eye.irisRadius
        func disc(_ dx: Double, _ dy: Double, _ size: Double) -> Outline {
            pose.project(eye.place(.ellipse(Point(eye.iris.x + dx * eye.side, eye.iris.y + dy), size, size)))
        }
        let iris = avatar.eyes.iris
        let dark = iris.mixed(with: .black, 0.62)
        let ring = disc(0, 0, radius)
        let center = pose.project(eye.place(eye.iris))
        switch style {
        case .soft, .cel:
            canvas.fill(
                ring,
                .radial(
                    center: Point(center.x, center.y + pixels(radius * 0.35)),
                    radius: pixels(radius * 1.3),
                    [
                        .init(0, iris.mixed(with: .white, 0.38)), .init(0.45, iris),
                        .init(0.82, iris.mixed(with: .black, 0.35)), .init(1, dark),
                    ]
                )
            )
            canvas.stroke(ring, width: pixels(0.014), dark)
        case .ink:
            canvas.fill(ring, .solid(iris))
            canvas.stroke(ring, width: contour * 0.6, skin.line)
        case .paper: canvas.fill(ring, .solid(iris))
        }
        canvas.fill(disc(0, 0, radius * 0.46), .solid(Color(0.06, 0.05, 0.07)))
        // Both eyes mirror the same window, so its light is on the same side.
        canvas.fill(disc(-radius * 0.34, -radius * 0.36, radius * 0.25), .solid(Color(1, 1, 1, 0.95)))
        if style == .soft || style == .cel {
            canvas.fill(disc(radius * 0.36, radius * 0.42, radius * 0.13), .solid(Color(1, 1, 1, 0.5)))
        }
    }

    private func drawLids(_ eye: EyeGeometry, _ lashColor: Color) {
        let thickness = 0.018 + 0.05 * avatar.eyes.lashes
        switch style {
        case .soft:
            canvas.stroke(pose.project(eye.crease), width: pixels(0.02), skin.line.opacity(0.42))
            canvas.stroke(pose.project(eye.lowerLid), width: pixels(0.016), skin.line.opacity(0.38))
            canvas.fill(pose.project(eye.lashLine(thickness)), .solid(lashColor))
            canvas.stroke(pose.project(eye.upperLid), width: pixels(0.018), lashColor)
        case .cel:
            canvas.stroke(pose.project(eye.crease), width: contour * 0.6, skin.line.opacity(0.7))
            canvas.stroke(pose.project(eye.lowerLid), width: contour * 0.7, skin.line.opacity(0.8))
            canvas.fill(pose.project(eye.lashLine(thickness * 1.3)), .solid(lashColor))
            canvas.stroke(pose.project(eye.upperLid), width: contour * 1.1, lashColor)
        case .ink:
            canvas.stroke(pose.project(eye.crease), width: contour * 0.5, skin.line.opacity(0.8))
            canvas.stroke(pose.project(eye.lowerLid), width: contour * 0.5, skin.line)
            canvas.fill(pose.project(eye.lashLine(thickness)), .solid(skin.line))
            canvas.stroke(pose.project(eye.upperLid), width: contour * 1.1, skin.line)
        case .paper:
            canvas.stroke(pose.project(eye.upperLid), width: pixels(0.05), lashColor)
        }
    }
}
