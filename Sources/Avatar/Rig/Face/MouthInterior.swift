/// Draws what is seen between open lips: the dark, the tongue, the teeth, and the shadow of the upper lip.
struct MouthInterior {
    let mouth: MouthGeometry
    let shape: MouthShape
    /// Flat colours, for styles without shading.
    let isFlat: Bool
    /// The light that falls on it; white for drawn faces.
    let tint: Color
    /// Pixels per unit of the face.
    let scale: Double
    /// From the face's coordinates to pixels.
    let place: (Outline) -> Outline

    /// Draws it; the canvas is clipped to the opening.
    ///
    /// - Parameters:
    ///   - canvas: the picture.
    ///   - inside: the opening in pixels.
    func draw(on canvas: Canvas, inside: Outline) {
        let box = inside.bounds
        let deep = lit(Color(0.16, 0.04, 0.06))
        let glow = lit(isFlat ? Color(0.36, 0.1, 0.13) : Color(0.45, 0.15, 0.17))
        canvas.fillAll(
            .linear(
                from: box.low,
                to: Point(box.low.x, box.high.y),
                [.init(0, isFlat ? glow : deep), .init(0.6, glow.mixed(with: deep, 0.4)), .init(1, glow)]
            )
        )
        drawTongue(on: canvas, deep)
        drawTeeth(on: canvas)
        guard !isFlat else { return }
        let dark = Color(0.12, 0.02, 0.03)
        // The row of teeth goes back into the dark towards the corners.
        canvas.fillAll(
            .linear(
                from: box.low,
                to: Point(box.high.x, box.low.y),
                [
                    .init(0.02, dark.opacity(0.8)), .init(0.24, dark.opacity(0.12)),
                    .init(0.4, dark.opacity(0)),
                    .init(0.6, dark.opacity(0)), .init(0.76, dark.opacity(0.12)),
                    .init(0.98, dark.opacity(0.8)),
                ]
            )
        )
        canvas.fill(
            inside,
            .linear(
                from: box.low,
                to: Point(box.low.x, box.low.y + min(scale * 0.1, (box.high.y - box.low.y) * 0.6)),
                [.init(0, dark.opacity(0.42)), .init(1, dark.opacity(0))]
            )
        )
        canvas.stroke(inside, width: scale * 0.03, dark.opacity(0.3))
    }

    private func lit(_ color: Color) -> Color {
        Color(color.red * tint.red, color.green * tint.green, color.blue * tint.blue, color.alpha)
    }

    private func drawTongue(on canvas: Canvas, _ deep: Color) {
        guard shape.opening > 0.12 else { return }
        let raised = Double(shape.tongue)
        let tongue = place(mouth.tongue(raised))
        let box = tongue.bounds
        canvas.fill(
            tongue,
            .linear(
                from: box.low,
                to: Point(box.low.x, box.high.y),
                [
                    .init(0, lit(Color(0.87, 0.5, 0.5)).mixed(with: deep, 0.25 * (1 - raised))),
                    .init(0.7, lit(Color(0.7, 0.3, 0.33))),
                ]
            )
        )
    }

    private func drawTeeth(on canvas: Canvas) {
        let upper = Double(shape.upperTeeth)
        if upper > 0.08 {
            let teeth = place(mouth.upperTeeth(upper))
            let box = teeth.bounds
            canvas.fill(
                teeth,
                .linear(
                    from: box.low,
                    to: Point(box.low.x, box.high.y),
                    [
                        .init(0, lit(Color(0.76, 0.72, 0.68))), .init(0.65, lit(Color(0.95, 0.93, 0.9))),
                        .init(1, lit(Color(0.9, 0.87, 0.84))),
                    ]
                )
            )
            if !isFlat { drawGaps(on: canvas, upper) }
        }
        let lower = Double(shape.lowerTeeth)
        if lower > 0.1 { canvas.fill(place(mouth.lowerTeeth(lower)), .solid(lit(Color(0.82, 0.79, 0.76)))) }
    }

    /// Fine lines between the teeth, the front ones the widest, that end in a notch at the edge.
    private func drawGaps(on canvas: Canvas, _ shown: Double) {
        for gap in [-0.7, -0.5, -0.26, 0, 0.26, 0.5, 0.7] {
            let x = gap * mouth.halfWidth
            let top = Point(x, mouth.innerTop - 0.02)
            let bottom = Point(x, mouth.upperTeethEdge(shown, at: gap) - 0.004)
            canvas.stroke(
                place(Outline([top, top, bottom, bottom], isClosed: false)),
                width: scale * 0.008,
                Color(0.45, 0.36, 0.33, 0.3)
            )
        }
    }
}
