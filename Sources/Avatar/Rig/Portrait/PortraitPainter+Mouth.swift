extension PortraitPainter {
    func drawMouth() {
        if mouth.isOpen {
            let inside = pose.project(mouth.inside)
            canvas.clipped(to: inside) { drawInside(inside) }
        }
        drawLips()
    }

    private func drawInside(_ inside: Outline) {
        let box = inside.bounds
        let isFlat = style == .paper || style == .cel
        let deep = Color(0.16, 0.04, 0.06)
        let glow = isFlat ? Color(0.36, 0.1, 0.13) : Color(0.45, 0.15, 0.17)
        canvas.fillAll(
            .linear(
                from: box.low,
                to: Point(box.low.x, box.high.y),
                [.init(0, isFlat ? glow : deep), .init(0.6, glow.mixed(with: deep, 0.4)), .init(1, glow)]
            )
        )
        let tongueShown = Double(frame.mouth.tongue)
        let tongue = pose.project(mouth.tongue(tongueShown))
        let tongueBox = tongue.bounds
        if frame.mouth.opening > 0.12 {
            canvas.fill(
                tongue,
                .linear(
                    from: tongueBox.low,
                    to: Point(tongueBox.low.x, tongueBox.high.y),
                    [
                        .init(0, Color(0.87, 0.5, 0.5).mixed(with: deep, 0.25 * (1 - tongueShown))),
                        .init(0.7, Color(0.7, 0.3, 0.33)),
                    ]
                )
            )
        }
        drawTeeth()
        guard !isFlat else { return }
        // The upper lip shades what is behind it.
        canvas.fill(
            inside,
            .linear(
                from: Point(box.low.x, box.low.y),
                to: Point(box.low.x, box.low.y + pixels(0.1)),
                [.init(0, Color(0.12, 0.02, 0.03, 0.55)), .init(1, Color(0.12, 0.02, 0.03, 0))]
            )
        )
        canvas.stroke(inside, width: pixels(0.03), Color(0.12, 0.02, 0.03, 0.3))
    }

    private func drawTeeth() {
        let upper = Double(frame.mouth.upperTeeth)
        if upper > 0.08 {
            let teeth = pose.project(mouth.upperTeeth(upper))
            let box = teeth.bounds
            canvas.fill(
                teeth,
                .linear(
                    from: Point(box.low.x, box.low.y),
                    to: Point(box.low.x, box.high.y),
                    [.init(0, Color(0.8, 0.77, 0.73)), .init(0.6, Color(0.97, 0.955, 0.93)), .init(1, Color(0.95, 0.93, 0.9))]
                )
            )
            guard style == .soft else { return drawLowerTeeth() }
            for gap in [-0.42, -0.21, 0, 0.21, 0.42] {
                let x = gap * mouth.halfWidth * 1.5
                let line = pose.project(
                    Outline(
                        [
                            Point(x, mouth.innerTop - 0.02), Point(x, mouth.innerTop), Point(x, mouth.innerTop),
                            Point(x, mouth.innerTop + 0.085 * upper),
                        ],
                        isClosed: false
                    )
                )
                canvas.clipped(to: teeth) {
                    canvas.stroke(line, width: pixels(0.006), Color(0.55, 0.48, 0.44, 0.3))
                }
            }
        }
        drawLowerTeeth()
    }

    private func drawLowerTeeth() {
        let lower = Double(frame.mouth.lowerTeeth)
        guard lower > 0.1 else { return }
        canvas.fill(pose.project(mouth.lowerTeeth(lower)), .solid(Color(0.9, 0.875, 0.85)))
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
                    [.init(0, form.upper.mixed(with: .white, 0.08)), .init(1, form.upper.mixed(with: .black, 0.22))]
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
                        .init(0, form.lower.mixed(with: .black, 0.1)), .init(0.42, form.lower.mixed(with: .white, 0.14)),
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
            canvas.stroke(pose.project(mouth.seam), width: pixels(0.02 + 0.006 * press), dark)
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
