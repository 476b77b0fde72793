extension PortraitPainter {
    func drawMouth() {
        if mouth.isOpen {
            let inside = pose.project(mouth.inside)
            let interior = MouthInterior(
                mouth: mouth,
                shape: frame.mouth,
                isFlat: style == .paper || style == .cel,
                tint: Color(1, 1, 1),
                scale: pose.scale,
                place: { pose.project($0) }
            )
            // Where the lips' edges are anti-aliased, the dark shows through instead of the skin.
            canvas.stroke(inside, width: pixels(0.014), avatar.mouth.upper.mixed(with: .black, 0.6))
            canvas.clipped(to: inside) { interior.draw(on: canvas, inside: inside) }
        }
        drawLips()
    }

    private func drawLips() {
        let upper = pose.project(mouth.upperLip)
        let lower = pose.project(mouth.lowerLip)
        let form = avatar.mouth
        switch style {
        case .soft:
            let upperBox = upper.bounds
            canvas.fill(
                upper,
                .linear(
                    from: upperBox.low,
                    to: Point(upperBox.low.x, upperBox.high.y),
                    [
                        .init(0, form.upper.mixed(with: .white, 0.08)),
                        .init(1, form.upper.mixed(with: .black, 0.22)),
                    ]
                )
            )
            let lowerBox = lower.bounds
            let rim = pose.project(Point(0, mouth.innerBottom))
            canvas.fill(
                lower,
                .linear(
                    from: rim,
                    to: Point(rim.x, lowerBox.high.y),
                    [
                        .init(0, form.lower.mixed(with: .black, 0.1)),
                        .init(0.42, form.lower.mixed(with: .white, 0.14)),
                        .init(1, form.lower.mixed(with: .black, 0.14)),
                    ]
                )
            )
            let shine = pose.project(
                Point(-0.02, mouth.innerBottom + (mouth.outerBottom - mouth.innerBottom) * 0.42)
            )
            let thick = pixels(mouth.outerBottom - mouth.innerBottom)
            canvas.fill(
                .ellipse(shine, pixels(mouth.halfWidth * 0.42), thick * 0.2),
                .radial(
                    center: shine,
                    radius: pixels(mouth.halfWidth * 0.42),
                    [.init(0, Color(1, 1, 1, 0.34)), .init(1, Color(1, 1, 1, 0))]
                )
            )
        case .cel, .paper:
            canvas.fill(upper, .solid(form.upper))
            canvas.fill(lower, .solid(form.lower))
        case .ink:
            canvas.fill(upper, .solid(form.upper))
            canvas.fill(lower, .solid(form.lower))
            canvas.stroke(
                Outline(Array(lower.points[6...12]), isClosed: false),
                width: contour * 0.6,
                skin.line
            )
            canvas.stroke(upper, width: contour * 0.6, skin.line)
            if mouth.isOpen { canvas.stroke(pose.project(mouth.inside), width: contour * 0.7, skin.line) }
        }
        drawSeam()
    }

    private func drawSeam() {
        let dark = avatar.mouth.upper.mixed(with: .black, 0.55)
        if !mouth.isOpen {
            let press = Double(frame.mouth.press)
            canvas.fill(pose.project(mouth.seam(thickness: 0.02 + 0.006 * press)), .solid(dark))
        } else if style == .cel {
            canvas.stroke(pose.project(mouth.inside), width: contour * 0.6, dark)
        }
        guard style == .soft else { return }
        for side in [-1.0, 1.0] {
            let corner = pose.project(Point(side * mouth.halfWidth * 1.02, mouth.cornerY))
            canvas.fill(
                .ellipse(corner, pixels(0.05), pixels(0.05)),
                .spot(corner, pixels(0.05), dark.opacity(0.35))
            )
        }
    }
}
