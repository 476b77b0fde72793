extension PortraitPainter {
    func drawBody() {
        let breath = Double(frame.breath)
        func place(_ point: Point) -> Point { pose.projectBody(point, breath: breath) }
        let neck = head.neck.mapped(place)
        form(neck, darker(skin.ramp))
        drawChinShadow(on: neck, place)
        drawShapes(.body, place)
    }

    /// The head's own shadow on the neck.
    private func drawChinShadow(on neck: Outline, _ place: (Point) -> Point) {
        let chin = pose.project(head.chin)
        switch style {
        case .soft:
            canvas.clipped(to: neck) {
                canvas.fill(
                    .ellipse(Point(chin.x, chin.y - pixels(0.1)), pixels(0.95), pixels(0.62)),
                    .radial(
                        center: Point(chin.x, chin.y - pixels(0.1)),
                        radius: pixels(0.66),
                        [
                            .init(0, skin.ramp.shadow.mixed(with: .black, 0.25)),
                            .init(0.35, skin.ramp.shadow.opacity(0.85)),
                            .init(1, skin.ramp.shadow.opacity(0)),
                        ]
                    )
                )
            }
        case .cel, .paper, .ink:
            let dark = style == .ink ? skin.line.opacity(0.25) : skin.ramp.shadow
            canvas.clipped(to: neck) {
                canvas.fill(
                    .ellipse(Point(chin.x + pixels(0.06), chin.y - pixels(0.2)), pixels(0.75), pixels(0.42)),
                    .solid(dark)
                )
            }
        }
    }

    func drawEars() {
        guard avatar.head.earSize > 0.01 else { return }
        for side in [-1.0, 1.0] {
            func place(_ outline: Outline) -> Outline {
                pose.project(side < 0 ? outline.mirrored : outline, .ears)
            }
            let ear = head.ear
            form(place(ear.outer), darker(skin.ramp))
            canvas.stroke(
                place(ear.fold),
                width: pixels(0.024),
                skin.line.opacity(style == .soft ? 0.4 : 0.8)
            )
        }
    }

    private func darker(_ ramp: AvatarDescription.Ramp) -> AvatarDescription.Ramp {
        guard style == .soft else { return ramp }
        return .init(
            base: ramp.base.mixed(with: ramp.shadow, 0.55),
            light: ramp.base,
            shadow: ramp.shadow
        )
    }

    func drawHead() {
        let face = pose.project(head.face)
        switch style {
        case .soft:
            canvas.fill(
                face,
                .radial(
                    center: pose.project(Point(-0.22, -0.3)),
                    radius: pixels(1.72),
                    [.init(0, skin.ramp.light), .init(0.52, skin.ramp.base), .init(1, skin.ramp.shadow)]
                )
            )
            canvas.clipped(to: face) { drawSoftModelling() }
        case .cel, .ink, .paper:
            form(face, skin.ramp, litShare: 1.22)
            canvas.clipped(to: face) { drawFlatModelling() }
        }
    }

    private func spot(_ center: Point, _ radius: Double, _ color: Color) {
        let middle = pose.project(center)
        canvas.fill(.ellipse(middle, pixels(radius), pixels(radius)), .spot(middle, pixels(radius), color))
    }

    /// Cheeks, sockets, the side away from the light, and what hair and jaw shade.
    private func drawSoftModelling() {
        let shadow = skin.ramp.shadow
        let smile = max(0, frame.faceSmile(resting: avatar.mouth.smile))
        let lift = 0.07 * smile
        for side in [-1.0, 1.0] {
            spot(Point(side * 0.58, 0.34 - lift), 0.36, skin.blush.opacity(0.42))
            spot(Point(side * 0.4, avatar.eyes.level - 0.08), 0.36, shadow.opacity(0.34))
            spot(Point(side * 0.5, 0.2 - lift), 0.24, skin.ramp.light.opacity(0.26 + 0.3 * smile))
            drawCheekFold(side, smile, shadow)
        }
        spot(Point(1.05, 0.35), 0.75, shadow.opacity(0.5))
        spot(Point(-1.1, 0.55), 0.5, shadow.opacity(0.35))
        spot(Point(0, avatar.mouth.level - 0.16), 0.12, shadow.opacity(0.28))
        spot(Point(0, mouth.outerBottom + 0.05), 0.2, shadow.opacity(0.55))
        spot(head.chin + Point(-0.03, -0.14), 0.17, skin.ramp.light.opacity(0.22))
        drawHairShadow(shadow.mixed(with: .black, 0.15).opacity(0.22))
    }

    /// The fold from the nose around the corner of the mouth; the deeper the more the face smiles.
    private func drawCheekFold(_ side: Double, _ smile: Double, _ shadow: Color) {
        // Cheeks follow the lips by a part only: they are drawn by the smile, not by the sounds.
        let jawDrop = mouth.innerBottom - avatar.mouth.level
        let resting = avatar.mouth.width * (1.02 + 0.12 * smile)
        let corner = Point(
            resting + 0.3 * (mouth.halfWidth - resting) + 0.09,
            avatar.mouth.level - 0.11 * smile + 0.35 * jawDrop
        )
        let nose = Point(avatar.nose.width * 1.3, avatar.nose.length - 0.01)
        let fold = Outline(
            [
                nose, Point(nose.x + (corner.x - nose.x) * 0.5, nose.y + (corner.y - nose.y) * 0.25),
                Point(corner.x - 0.01, corner.y - 0.09), Point(corner.x + 0.015, corner.y + 0.02),
            ].map { Point(side * $0.x, $0.y) },
            isClosed: false
        )
        let placed = pose.project(fold)
        let rounding = Double(frame.mouth.rounding.clamped(to: 0...1))
        let strength = (0.05 + 0.1 * min(smile, 1)) * (1 - 0.65 * rounding)
        canvas.strokeCoarsely(placed, width: pixels(0.085), shadow.opacity(strength * 0.5))
        canvas.strokeCoarsely(placed, width: pixels(0.04), shadow.opacity(strength))
        canvas.strokeCoarsely(
            placed,
            width: pixels(0.016),
            shadow.mixed(with: skin.line, 0.4).opacity(strength * 0.7)
        )
    }

    private func drawFlatModelling() {
        for side in [-1.0, 1.0] {
            let cheek = pose.project(Point(side * 0.6, 0.38))
            switch style {
            case .ink:
                for step in -2...2 {
                    let x = cheek.x + pixels(0.06) * Double(step)
                    canvas.stroke(
                        Outline(
                            [
                                Point(x + pixels(0.03), cheek.y - pixels(0.05)), Point(x, cheek.y),
                                Point(x, cheek.y),
                                Point(x - pixels(0.03), cheek.y + pixels(0.05)),
                            ],
                            isClosed: false
                        ),
                        width: contour * 0.45,
                        skin.blush
                    )
                }
            default:
                let radius = style == .paper ? 0.19 : 0.17
                canvas.fill(
                    .ellipse(cheek, pixels(radius), pixels(style == .paper ? radius : radius * 0.6)),
                    .solid(skin.blush.opacity(style == .paper ? 0.85 : 0.5))
                )
            }
        }
        if style == .cel { drawHairShadow(skin.ramp.shadow) }
    }

    /// What the front hair shades of the forehead.
    private func drawHairShadow(_ color: Color) {
        for shape in avatar.shapes where shape.layer == .frontHair && shape.fill != nil {
            let steps = style == .soft ? [0.02, 0.045, 0.075] : [0.07]
            for step in steps {
                let lowered = shape.outline.mapped { Point($0.x + step * 0.3, $0.y + step) }
                canvas.fill(pose.project(lowered, .face), .solid(color))
                if shape.isMirrored { canvas.fill(pose.project(lowered.mirrored, .face), .solid(color)) }
            }
        }
    }

    func drawNose() {
        let base = pose.project(head.noseBase, .nose)
        let side = pose.project(head.noseSide, .nose)
        switch style {
        case .soft:
            canvas.strokeCoarsely(side, width: pixels(0.1), skin.ramp.shadow.opacity(0.13))
            canvas.strokeCoarsely(side, width: pixels(0.055), skin.ramp.shadow.opacity(0.15))
            canvas.stroke(side, width: pixels(0.022), skin.ramp.shadow.opacity(0.14))
            canvas.fill(pose.project(head.noseShade, .nose), .solid(skin.ramp.shadow.opacity(0.75)))
            for nostril in head.nostrils {
                canvas.fill(pose.project(nostril, .nose), .solid(skin.line.opacity(0.75)))
            }
            let tip = pose.project(head.noseTip, .nose)
            canvas.fill(
                .ellipse(tip, pixels(0.13), pixels(0.13)),
                .spot(tip, pixels(0.13), Color(1, 1, 1, 0.42))
            )
            let bridge = pose.project(Point(0.012, 0.02), .nose)
            canvas.fill(
                .ellipse(bridge, pixels(0.06), pixels(0.2)),
                .spot(bridge, pixels(0.2), Color(1, 1, 1, 0.16))
            )
        case .cel:
            canvas.fill(pose.project(head.noseShade, .nose), .solid(skin.ramp.shadow))
            canvas.stroke(
                Outline(Array(base.points[3...6]), isClosed: false),
                width: contour * 0.9,
                skin.line
            )
        case .ink:
            canvas.stroke(base, width: contour * 0.9, skin.line)
            canvas.stroke(side, width: contour * 0.6, skin.line.opacity(0.8))
        case .paper:
            let (w, y) = (avatar.nose.width, avatar.nose.length)
            let wedge = Outline.smooth(through: [
                Point(-0.02, -0.16), Point(0.05, -0.16), Point(w * 0.95, y), Point(w * 0.5, y + 0.06),
                Point(-w * 0.6, y + 0.06), Point(-w * 0.85, y - 0.01),
            ])
            form(
                pose.project(wedge, .nose),
                .init(
                    base: skin.ramp.base.mixed(with: skin.ramp.shadow, 0.35),
                    light: skin.ramp.base,
                    shadow: skin.ramp.shadow
                )
            )
        }
    }

    func drawBrows() {
        let color = avatar.brows.color
        for side in [-1.0, 1.0] {
            let brow = pose.project(head.browOutline(side: side))
            switch style {
            case .paper: form(brow, .init(base: color, light: color, shadow: color))
            default:
                canvas.fill(brow, .solid(color))
                canvas.stroke(brow, width: pixels(0.016), color.opacity(0.6))
            }
        }
    }
}
