/// The landmarks of a photographed face in the pixels of the finished picture, and what follows from them.
struct PhotoFace: Sendable {
    /// One eye: its corners and its lids where they are farthest apart.
    struct Eye: Sendable {
        var left: Point
        var right: Point
        var top: Double
        var bottom: Double
        var browY: Double

        /// The lids' edges over a place: parabolas through corners and middles; nil beside the eye.
        func lids(atX x: Double) -> (upper: Double, lower: Double)? {
            let half = (right.x - left.x) / 2
            let u = (x - (left.x + half)) / half
            guard abs(u) < 1 else { return nil }
            let line = left.y + (right.y - left.y) * (u + 1) / 2
            let curve = 1 - u * u
            let middle = (left.y + right.y) / 2
            return (line + (top - middle) * curve, line + (bottom - middle) * curve)
        }
    }

    let eyes: [Eye]
    let mouthCenter: Point
    let mouthHalfWidth: Double
    /// How much lower the right corner is than the middle between both.
    private let mouthTilt: Double
    /// The middle of closed lips.
    let seamY: Double
    /// How far the lips are apart in the photograph.
    let givenGap: Double
    let upperLipTop: Double
    let lowerLipBottom: Double
    let noseTip: Point
    let chin: Point
    let center: Point
    let radius: Point
    /// Between the middles of the eyes.
    let eyeDistance: Double
    /// From the forehead to the chin.
    let height: Double

    /// Whether the lips of the photograph are so far apart that the teeth show.
    var showsTeeth: Bool { givenGap > 0.1 * mouthHalfWidth }

    /// Where the lips meet, or would, at a share of the mouth's half width from its middle.
    func seam(_ share: Double) -> Double {
        mouthCenter.y + mouthTilt * share + (seamY - mouthCenter.y) * Self.bow(share)
    }

    /// The lower edge of the upper lip as it was taken.
    func upperEdge(_ share: Double) -> Double { seam(share) - givenGap / 2 * Self.bow(share) }

    /// The upper edge of the lower lip as it was taken.
    func lowerEdge(_ share: Double) -> Double { seam(share) + givenGap / 2 * Self.bow(share) }

    /// How far a lip's edge is from its corners: a parabola.
    static func bow(_ share: Double) -> Double { max(0, 1 - share * share) }

    /// Where there is bare skin: on the nose and on both cheeks below the eyes.
    var skinPlaces: [Point] {
        [noseTip] + eyes.map { Point(($0.left.x + $0.right.x) / 2, noseTip.y) }
    }

    /// - Parameters:
    ///   - rig: places from 0 to 1.
    ///   - toPixels: from those to the finished picture.
    init(_ rig: PhotoRig, _ toPixels: (Point) -> Point) {
        func at(_ part: PhotoRig.Part) -> Point { toPixels(rig.point(part)) }
        eyes = [
            Eye(
                left: at(.leftEyeOuter),
                right: at(.leftEyeInner),
                top: at(.leftEyeTop).y,
                bottom: at(.leftEyeBottom).y,
                browY: at(.leftBrow).y
            ),
            Eye(
                left: at(.rightEyeInner),
                right: at(.rightEyeOuter),
                top: at(.rightEyeTop).y,
                bottom: at(.rightEyeBottom).y,
                browY: at(.rightBrow).y
            ),
        ]
        let (left, right) = (at(.mouthLeft), at(.mouthRight))
        mouthHalfWidth = (right.x - left.x) / 2
        mouthTilt = (right.y - left.y) / 2
        let (upper, lower) = (at(.upperLipBottom), at(.lowerLipTop))
        seamY = (upper.y + lower.y) / 2
        mouthCenter = Point((left.x + right.x) / 2, (left.y + right.y) / 2)
        givenGap = lower.y - upper.y
        upperLipTop = at(.upperLipTop).y
        lowerLipBottom = at(.lowerLipBottom).y
        noseTip = at(.noseTip)
        chin = at(.chin)
        let top = at(.foreheadTop)
        height = chin.y - top.y
        center = Point((at(.faceLeft).x + at(.faceRight).x) / 2, (top.y + chin.y) / 2)
        radius = Point((at(.faceRight).x - at(.faceLeft).x) / 2, height / 2)
        let middles = eyes.map { ($0.left + $0.right) * 0.5 }
        eyeDistance = middles[0].distance(to: middles[1])
    }
}
