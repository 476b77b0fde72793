/// The forms of one eye for one picture, in units of the face; x grows towards the outside of the face.
///
/// The upper lid does 85 % of a blink, and follows the gaze up and down.
struct EyeGeometry: Sendable {
    let center: Point
    /// -1 for the eye on the left of the picture, 1 for the other.
    let side: Double
    let iris: Point
    let irisRadius: Double
    /// 1 open, 0 shut.
    let openness: Double
    private let width: Double
    private let top: Double
    private let bottom: Double
    private let tilt: Double
    /// The upper lid's edge when the eye is open.
    private let raisedTop: Double

    init(_ description: AvatarDescription, _ frame: MotionFrame, side: Double) {
        let form = description.eyes
        self.side = side
        let blink = Double(side < 0 ? frame.blinkLeft : frame.blinkRight)
        let smile = max(0, frame.faceSmile(resting: description.mouth.smile))
        center = Point(side * form.spacing, form.level)
        width = form.width
        openness = max(0, 1 - blink)
        tilt = form.tilt * (0.3 + 0.7 * openness)
        let gazeY = Double(frame.gazeY)
        let shut = 0.26 * form.height
        let openTop = form.height * (0.62 - 0.13 * gazeY) * (1 - 0.06 * smile)
        // Down to where the lower lid waits, which a smile pushes up.
        top = -shut + (openTop + shut) * openness
        bottom = shut + (form.height * (0.38 - 0.16 * smile) - shut) * (0.15 + 0.85 * openness)
        raisedTop = openTop
        irisRadius = form.irisSize
        iris = Point(
            Double(frame.gazeX) * form.width * 0.42 * side,
            gazeY * form.height * 0.28 - form.height * 0.1
        )
    }

    /// A point of this eye's own coordinates in the face's.
    func place(_ point: Point) -> Point { Point(center.x + side * point.x, center.y + point.y) }

    func place(_ outline: Outline) -> Outline { outline.mapped { place($0) } }

    /// The white of the eye.
    var opening: Outline {
        place(
            Outline([
                Point(-width, 0.02), Point(-width * 0.55, -top * 1.28), Point(width * 0.45, -top * 1.4),
                Point(width * 1.02, -tilt), Point(width * 0.6, bottom * 1.3),
                Point(-width * 0.42, bottom * 1.3),
                Point(-width, 0.02),
            ])
        )
    }

    /// The edge of the upper lid.
    var upperLid: Outline {
        place(
            Outline(
                [
                    Point(-width * 1.02, 0.025), Point(-width * 0.55, -top * 1.28),
                    Point(width * 0.45, -top * 1.4),
                    Point(width * 1.1, -tilt - 0.012),
                ],
                isClosed: false
            )
        )
    }

    /// The lash line: a lid's edge with a body, thick towards the outside.
    func lashLine(_ thickness: Double) -> Outline {
        // Lashes point up while the eye is open, and down when it is shut.
        let lift = thickness * (1.3 * openness - 0.3)
        return place(
            Outline([
                Point(-width * 1.03, 0.028), Point(-width * 0.55, -top * 1.28),
                Point(width * 0.45, -top * 1.4),
                Point(width * 1.02, -tilt + 0.004), Point(width * 1.1, -tilt - 0.014),
                Point(width * 1.16, -tilt - 0.03 * lift / 0.05),
                Point(width * 1.2, -tilt - 0.05 * lift / 0.05),
                Point(width * 0.55, -top * 1.4 - thickness * 1.2),
                Point(-width * 0.5, -top * 1.28 - thickness * 0.8),
                Point(-width * 1.03, 0.028),
            ])
        )
    }

    /// The fold above the lid; it goes down a little and flat as the lid comes down.
    var crease: Outline {
        place(Outline([creaseInner] + creaseArc + [creaseOuter], isClosed: false))
    }

    private var creaseInner: Point { Point(-width * 0.9, -0.03) }
    private var creaseOuter: Point { Point(width * 1.05, -tilt - 0.055) }
    private var creaseArc: [Point] {
        let rise = max(raisedTop, 0.05) * (0.82 + 0.18 * openness)
        let lift = 0.055
        return [Point(-width * 0.5, -rise * 1.2 - lift), Point(width * 0.5, -rise * 1.28 - lift)]
    }

    /// The skin of the upper lid, from the fold down to the lashes.
    var lid: Outline {
        place(
            Outline(
                [creaseInner] + creaseArc + [
                    creaseOuter, creaseOuter, Point(width * 1.06, -tilt), Point(width * 1.06, -tilt),
                    Point(width * 0.45, -top * 1.4), Point(-width * 0.55, -top * 1.28),
                    Point(-width, 0.02), Point(-width, 0.0), creaseInner, creaseInner,
                ]
            )
        )
    }

    var lowerLid: Outline {
        place(
            Outline(
                [
                    Point(-width * 0.8, 0.045), Point(-width * 0.42, bottom * 1.32 + 0.01),
                    Point(width * 0.55, bottom * 1.32 + 0.01), Point(width * 0.95, 0.015),
                ],
                isClosed: false
            )
        )
    }

    /// The middle of the upper lid's edge and of the lower one's.
    var lidMiddles: (upper: Point, lower: Point) {
        (place(Point(0, -top * 1.0)), place(Point(0, bottom * 0.98)))
    }

    var corners: (inner: Point, outer: Point) {
        (place(Point(-width, 0.02)), place(Point(width * 1.02, -tilt)))
    }
}
