/// The forms of head, neck, nose and brows for one picture, in units of the face.
struct HeadGeometry: Sendable {
    private let form: AvatarDescription.Head
    private let browForm: AvatarDescription.Brows
    private let nose: AvatarDescription.Nose
    private let brow: (left: Double, right: Double)
    /// How far the chin is down.
    let jaw: Double

    init(_ description: AvatarDescription, _ frame: MotionFrame) {
        form = description.head
        browForm = description.brows
        nose = description.nose
        brow = (Double(frame.browLeft), Double(frame.browRight))
        jaw = 0.15 * Double(frame.mouth.opening)
    }

    /// The chin's lowest point.
    var chin: Point { Point(0, form.chinHeight + jaw) }

    /// The skull's highest point, under the hair.
    static let crown = Point(0, -1.3)
    /// From the crown with its hair to the chin: what jumps are measured against.
    var height: Double { form.chinHeight + 1.5 }

    /// Moves what hangs on the jaw.
    func withJaw(_ point: Point) -> Point {
        let share = min(max((point.y - 0.35) / (form.chinHeight - 0.35), 0), 1)
        return Point(point.x, point.y + jaw * share * share * (3 - 2 * share))
    }

    var face: Outline {
        let chinY = form.chinHeight
        return Outline.symmetric([
            Self.crown, Point(0.5, -1.2), Point(0.86, -0.84), Point(form.cheekWidth * 0.99, -0.35),
            Point(form.cheekWidth, 0.1), Point(form.cheekWidth * 0.955, 0.42),
            Point(form.jawWidth, 0.74), Point((form.jawWidth + form.chinWidth) * 0.52, chinY - 0.16),
            Point(form.chinWidth, chinY - 0.025), Point(0, chinY),
        ]).mapped(withJaw)
    }

    /// From under the chin into the clothes.
    var neck: Outline {
        let width = form.neckWidth
        return Outline.smooth(through: [
            Point(-width, 0.5), Point(-width, 0.5), Point(-width * 1.0, 1.15), Point(-width * 1.2, 1.42),
            Point(-width * 2.2, 1.62), Point(-width * 2.2, 2.3), Point(-width * 2.2, 2.3),
            Point(width * 2.2, 2.3),
            Point(width * 2.2, 2.3), Point(width * 2.2, 1.62), Point(width * 1.2, 1.42),
            Point(width * 1.0, 1.15),
            Point(width, 0.5), Point(width, 0.5),
        ])
    }

    /// The ear on the right of the picture, its inner fold beside it.
    var ear: (outer: Outline, fold: Outline) {
        let size = form.earSize
        let x = form.cheekWidth
        func at(_ dx: Double, _ y: Double) -> Point { Point(x - 0.07 + dx * size, 0.04 + (y - 0.04) * size) }
        return (
            .smooth(through: [
                at(0, -0.2), at(0.12, -0.28), at(0.23, -0.2), at(0.22, 0.02), at(0.14, 0.22), at(0.06, 0.33),
                at(-0.02, 0.28),
            ]),
            .smooth(
                through: [at(0.07, -0.14), at(0.14, -0.17), at(0.16, -0.02), at(0.09, 0.1), at(0.1, 0.18)],
                isClosed: false
            )
        )
    }

    /// The nose's lower edge.
    var noseBase: Outline {
        let (w, y) = (nose.width, nose.length)
        return Outline(
            [
                Point(-w * 0.95, y - 0.06), Point(-w * 1.15, y + 0.0), Point(-w * 0.75, y + 0.05),
                Point(-w * 0.42, y + 0.02), Point(-w * 0.2, y + 0.06), Point(w * 0.2, y + 0.06),
                Point(w * 0.42, y + 0.02), Point(w * 0.75, y + 0.05), Point(w * 1.15, y),
                Point(w * 0.95, y - 0.06),
            ],
            isClosed: false
        )
    }

    /// The dark under the tip, with the nostrils.
    var noseShade: Outline {
        let (w, y) = (nose.width, nose.length)
        return Outline.smooth(through: [
            Point(-w * 0.9, y - 0.02), Point(-w * 0.45, y - 0.03), Point(0, y + 0.01),
            Point(w * 0.45, y - 0.03),
            Point(w * 0.9, y - 0.02), Point(w * 0.6, y + 0.045), Point(0, y + 0.075),
            Point(-w * 0.6, y + 0.045),
        ])
    }

    var noseTip: Point { Point(0, nose.length - 0.1) }

    var nostrils: [Outline] {
        let (w, y) = (nose.width, nose.length)
        return [-1.0, 1.0].map { .ellipse(Point($0 * w * 0.46, y + 0.022), w * 0.2, 0.017) }
    }

    /// The ridge's shaded side, on the left of the picture.
    var noseSide: Outline {
        let (w, y) = (nose.width, nose.length)
        return Outline(
            [
                Point(-0.055, -0.2), Point(-0.075, 0.0), Point(-w * 0.55, y - 0.22),
                Point(-w * 0.95, y - 0.06),
            ],
            isClosed: false
        )
    }

    /// A brow; positive heights are up.
    func browOutline(side: Double) -> Outline {
        let lift = (side < 0 ? brow.left : brow.right) * 0.075
        let (length, thick) = (browForm.length, browForm.thickness)
        let y = browForm.level - lift
        func at(_ x: Double, _ dy: Double) -> Point { Point(side * (0.41 + x * length), y + dy) }
        let arch = browForm.arch
        let tilt = browForm.tilt
        return .smooth(through: [
            at(-0.95, tilt + thick * 0.55), at(-0.9, tilt - thick * 0.45),
            at(-0.2, -arch * 0.75 - thick * 0.5),
            at(0.45, -arch - thick * 0.35), at(1.05, -tilt + 0.01), at(1.05, -tilt + 0.01),
            at(0.45, -arch + thick * 0.35), at(-0.2, -arch * 0.75 + thick * 0.5),
        ])
    }
}
