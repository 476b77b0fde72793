/// The forms of the mouth for one picture, in units of the face (a photograph's: of half the mouth's width / 0.34).
struct MouthGeometry: Sendable {
    /// Half the distance between the corners.
    let halfWidth: Double
    /// Corners, in the face's coordinates.
    let cornerY: Double
    /// The middle of the edge of the upper lip, and of the lower one: their distance is the opening.
    let innerTop: Double
    let innerBottom: Double
    /// The middle of the outer edges.
    let outerTop: Double
    let outerBottom: Double
    /// Whether the inside is seen at all.
    let isOpen: Bool
    private let flatness: Double
    /// 1 where the jaw is so far down that the lips are drawn into an oval.
    private let roundness: Double
    private let level: Double

    init(_ description: AvatarDescription, _ frame: MotionFrame) {
        let form = description.mouth
        let shape = frame.mouth
        let opening = Double(shape.opening)
        let rounding = Double(shape.rounding)
        let press = Double(shape.press)
        let smile = frame.lipSmile(resting: form.smile)
        let tuck = max(0, -Double(shape.lowerDrop))
        let size = form.width / 0.34
        level = form.level
        let spread = 1 + 0.42 * Double(shape.width) + 0.12 * smile
        halfWidth = form.width * spread * (1 - 0.18 * rounding)
        cornerY = level - 0.13 * smile - 0.02 * Double(shape.width) + 0.085 * opening
        let gap = 0.36 * opening * (0.5 + 0.5 * size)
        let raise = 0.03 * Double(shape.upperRaise) * min(1, opening * 5)
        innerTop = level - gap * 0.24 - raise * 0.6
        let drop = 0.02 * max(0, Double(shape.lowerDrop)) * min(1, opening * 5)
        innerBottom = max(level + gap * 0.9 + drop, level + 0.05 * min(1, tuck * 1.3)) - 0.012 * tuck
        isOpen = innerBottom - innerTop > 0.012
        // Lips that are drawn apart by a smile are thinner.
        let upper =
            0.078 * form.fullness * (1 + 0.3 * rounding) * (1 - 0.3 * press) * (1 - 0.16 * max(0, smile))
        let lower = 0.108 * form.fullness * (1 + 0.25 * rounding) * (1 - 0.25 * press) * (1 - 0.4 * tuck)
        outerTop = innerTop - upper - 0.006 * raise
        outerBottom = innerBottom + lower
        flatness = 0.56 + 0.22 * rounding
        roundness = min(1, opening * 1.1)
    }

    /// The mouth of a photograph, in pixels.
    ///
    /// - Parameters:
    ///   - center: the middle of the line between the corners.
    ///   - halfWidth: half the distance between the corners.
    ///   - innerTop: the middle of the upper lip's edge.
    ///   - innerBottom: the middle of the lower lip's edge.
    init(center: Point, halfWidth: Double, innerTop: Double, innerBottom: Double) {
        self.halfWidth = halfWidth
        cornerY = center.y
        self.innerTop = innerTop
        self.innerBottom = innerBottom
        outerTop = innerTop
        outerBottom = innerBottom
        isOpen = innerBottom - innerTop > 1
        flatness = 0.56
        roundness = 0
        level = center.y
    }

    /// How much higher the corners are than the middle of the upper lip's edge: the arc of a smile.
    private var arc: Double { max(0, innerTop - cornerY) }

    /// The opening between the lips.
    var inside: Outline {
        let w = halfWidth
        let k = flatness
        return Outline([
            Point(-w, cornerY), Point(-w * k, innerTop - arc * 0.4), Point(-w * 0.3, innerTop),
            Point(0, innerTop + 0.008),
            Point(w * 0.3, innerTop), Point(w * k, innerTop - arc * 0.4), Point(w, cornerY),
            bottomControl(w), Point(w * bottomWidth, innerBottom), Point(0, innerBottom),
            Point(-w * bottomWidth, innerBottom), bottomControl(-w), Point(-w, cornerY),
        ])
    }

    /// The control beside a corner of the lower lip's inner edge.
    private func bottomControl(_ width: Double) -> Point {
        let side = flatness + 0.14
        return Point(
            width * (side + (0.95 - side) * roundness),
            innerBottom - arc * 0.4 - (innerBottom - cornerY) * 0.24 * roundness
        )
    }
    private var bottomWidth: Double { 0.36 + 0.16 * roundness }

    var upperLip: Outline {
        let w = halfWidth
        let k = flatness
        let seam = isOpen ? innerTop : innerTop + 0.006
        let thick = innerTop - outerTop
        return Outline([
            Point(-w, cornerY),
            Point(-w * 0.7, outerTop + thick * 0.45 - arc * 0.5), Point(-w * 0.36, outerTop),
            Point(-w * 0.16, outerTop),
            Point(-w * 0.09, outerTop), Point(-w * 0.05, outerTop + thick * 0.17),
            Point(0, outerTop + thick * 0.19),
            Point(w * 0.05, outerTop + thick * 0.17), Point(w * 0.09, outerTop), Point(w * 0.16, outerTop),
            Point(w * 0.36, outerTop), Point(w * 0.7, outerTop + thick * 0.45 - arc * 0.5), Point(w, cornerY),
            Point(w * k, seam - arc * 0.4), Point(w * 0.3, seam), Point(0, seam + 0.008),
            Point(-w * 0.3, seam), Point(-w * k, seam - arc * 0.4), Point(-w, cornerY),
        ])
    }

    var lowerLip: Outline {
        let w = halfWidth
        let thick = outerBottom - innerBottom
        let outer = Point(
            0.84 + 0.16 * roundness,
            outerBottom - thick * 0.3 - arc * 0.45 - (outerBottom - cornerY) * 0.22 * roundness
        )
        let outerWidth = 0.46 + 0.12 * roundness
        return Outline([
            Point(-w, cornerY),
            bottomControl(-w), Point(-w * bottomWidth, innerBottom), Point(0, innerBottom),
            Point(w * bottomWidth, innerBottom), bottomControl(w), Point(w, cornerY),
            Point(w * outer.x, outer.y), Point(w * outerWidth, outerBottom), Point(0, outerBottom),
            Point(-w * outerWidth, outerBottom), Point(-w * outer.x, outer.y), Point(-w, cornerY),
        ])
    }

    /// The line where closed lips meet: a form that is thick in the middle and runs out at the corners.
    func seam(thickness: Double) -> Outline {
        let w = halfWidth * 1.03
        let half = thickness / 2
        let side = innerTop + 0.012 - arc * 0.45
        return Outline([
            Point(-w, cornerY - 0.004), Point(-w * 0.62, side - half), Point(-w * 0.25, innerTop - half),
            Point(0, innerTop + 0.01 - half), Point(w * 0.25, innerTop - half), Point(w * 0.62, side - half),
            Point(w, cornerY - 0.004), Point(w * 0.62, side + half), Point(w * 0.25, innerTop + half),
            Point(0, innerTop + 0.01 + half), Point(-w * 0.25, innerTop + half),
            Point(-w * 0.62, side + half),
            Point(-w, cornerY - 0.004),
        ])
    }

    /// The edge of the upper teeth, as a form that begins behind the lip.
    func upperTeeth(_ shown: Double) -> Outline {
        let w = halfWidth
        let height = min(0.095, max(0.03, (innerBottom - innerTop) * 0.55)) * shown
        let edge = innerTop + height
        // The row is an arch: seen from the front its ends rise.
        let end = edge - height * 0.55 - arc * 0.4
        let top = innerTop - arc - 0.06
        return Outline([
            Point(-w * 0.86, top), Point(-w * 0.86, end), Point(-w * 0.62, edge - height * 0.08),
            Point(-w * 0.3, edge), Point(-w * 0.1, edge + 0.006), Point(w * 0.1, edge + 0.006),
            Point(w * 0.3, edge),
            Point(w * 0.62, edge - height * 0.08), Point(w * 0.86, end), Point(w * 0.86, top),
            Point(w * 0.3, top), Point(-w * 0.3, top), Point(-w * 0.86, top),
        ])
    }

    /// How far down the upper teeth reach over a place, as a share of the half width.
    func upperTeethEdge(_ shown: Double, at share: Double) -> Double {
        let height = min(0.095, max(0.03, (innerBottom - innerTop) * 0.55)) * shown
        return innerTop + height * (1 - 0.3 * share * share)
    }

    func lowerTeeth(_ shown: Double) -> Outline {
        let w = halfWidth
        let height = min(0.055, (innerBottom - innerTop) * 0.3) * shown
        let edge = innerBottom - height
        return Outline([
            Point(-w * 0.66, innerBottom + 0.05), Point(-w * 0.64, edge + height * 0.3),
            Point(-w * 0.4, edge),
            Point(0, edge), Point(w * 0.4, edge), Point(w * 0.64, edge + height * 0.3),
            Point(w * 0.66, innerBottom + 0.05), Point(w * 0.3, innerBottom + 0.05),
            Point(-w * 0.3, innerBottom + 0.05), Point(-w * 0.66, innerBottom + 0.05),
        ])
    }

    /// The tongue: low for vowels, its tip up to the teeth for l and th.
    func tongue(_ raised: Double) -> Outline {
        let height = innerBottom - innerTop
        let top = innerBottom - 0.012 - height * (0.16 + 0.5 * raised)
        return .ellipse(Point(0, top + 0.13), halfWidth * (0.66 - 0.14 * raised), 0.13)
    }
}
