import Glibc

/// Where each pixel of a moved photograph comes from.
///
/// Smooth masks around the landmarks move lips, chin, brows and the whole face; the mouth is cut along its seam, above
/// which the upper lip's motion counts and below which the lower lip's does. Lids are stretched down from the brows.
struct PhotoWarp: Sendable {
    let face: PhotoFace
    /// How far apart the lips are, in pixels.
    let gap: Double
    let blink: [Double]
    /// How wide the mouth is against the photograph's.
    var spread: Double { 1 + widen * Self.stretch(1) }
    private let widen: Double
    private let tuck: Double
    private let raise: Double
    private let smile: Double
    /// How much of the photographed lips' edges is hidden, with what shows between them.
    private let hidden: Double
    private let brow: Double
    private let gaze: Point
    private let yaw: Double
    private let pitch: Double
    private let roll: (sin: Double, cos: Double)
    private let breath: Double

    /// The share of the opening that the lower lip does.
    private static let lowerShare = 0.8

    init(_ face: PhotoFace, _ frame: MotionFrame) {
        self.face = face
        let mouth = frame.mouth
        // A photograph's cheeks do not stretch as far as a drawing's.
        gap = 0.85 * face.mouthHalfWidth * Double(min(mouth.opening, 0.8))
        widen = 0.22 * Double(mouth.width) - 0.14 * Double(mouth.rounding)
        tuck = 0.1 * face.mouthHalfWidth * Double(max(0, -mouth.lowerDrop))
        raise = 0.04 * face.mouthHalfWidth * Double(mouth.upperRaise) * Double(min(1, mouth.opening * 4))
        smile = 0.13 * face.mouthHalfWidth * frame.lipSmile(resting: 0)
        hidden = face.givenGap > 1 ? 0.08 * face.givenGap + 0.6 : 0
        gaze = Point(0.07 * Double(frame.gazeX.clamped(to: -0.6...0.6)), 0.03 * Double(frame.gazeY))
        blink = [Double(frame.blinkLeft), Double(frame.blinkRight)]
        brow = 0.055 * face.eyeDistance * Double(frame.browLeft + frame.browRight) / 2
        let degree = Double.pi / 180
        yaw = sin(Double(frame.yawDegrees.clamped(to: -6...6)) * degree)
        pitch = sin(Double(frame.pitchDegrees.clamped(to: -5...5)) * degree)
        let angle = Double(frame.rollDegrees) * 0.6 * degree
        roll = (sin(angle), cos(angle))
        breath = Double(frame.breath) * 0.006 * face.height
    }

    /// The lips' inner edges at a share of the mouth's half width from its middle.
    func edges(_ share: Double) -> (upper: Double, lower: Double) {
        let profile = Self.profile(share)
        let line = face.seam(share) - cornerLift(share)
        return (
            line - (gap * (1 - Self.lowerShare) + raise) * profile, line + gap * Self.lowerShare * profile
        )
    }

    private static func profile(_ share: Double) -> Double {
        let inside = max(0, 1 - share * share)
        return inside > 0 ? pow(inside, 0.65) : 0
    }

    /// How far a smile lifts the mouth: its corners the most, its middle not at all.
    private func cornerLift(_ share: Double) -> Double {
        let away = (abs(share) - 1) / 0.55
        return smile * exp(-away * away)
    }

    /// How much of the mouth's widening is done at a share of its half width: cheeks give way less and less.
    private static func stretch(_ share: Double) -> Double { exp(-share * share / 2.2) }

    /// Where a place of the lips' edge comes to, from the middle of the mouth.
    func across(_ share: Double) -> Double { face.mouthHalfWidth * share * (1 + widen * Self.stretch(share)) }

    /// Whether a place of the unposed face belongs to the lower lip.
    func isBelowSeam(_ point: Point) -> Bool {
        let share = (point.x - face.mouthCenter.x) / (face.mouthHalfWidth * spread)
        let edge = edges(share)
        return point.y > (edge.upper + edge.lower) / 2
    }

    /// Where the skin at a place comes from, by the motion of the mouth and brows.
    func source(of point: Point, lower: Bool) -> Point {
        var origin = point
        // The masks are laid over the photograph, so the place is found by going back twice.
        for _ in 0..<2 { origin = point - expression(at: origin, lower: lower) }
        return origin
    }

    private func expression(at point: Point, lower: Bool) -> Point {
        let half = face.mouthHalfWidth
        let x = (point.x - face.mouthCenter.x) / half
        let y = (point.y - face.seamY) / half
        var shift = Point(0, 0)
        shift.x = widen * x * half * Self.stretch(x) * exp(-y * y / 1.4)
        let bow = PhotoFace.bow(x)
        if lower {
            let edge = face.lowerEdge(x)
            let share = min(max((point.y - edge) / max(face.chin.y - edge, 1), 0), 2)
            let smooth = min(share, 1) * min(share, 1) * (3 - 2 * min(share, 1))
            let near = Self.profile(x)
            let mask = near + (exp(-x * x / 2.6) - near) * smooth
            let fade = share < 1 ? 1 - 0.35 * share : 0.65 * max(0, 1 - (share - 1) / 0.7)
            shift.y =
                gap * Self.lowerShare * mask * fade
                - (face.givenGap / 2 * bow + hidden * bow + tuck * near + cornerLift(x)) * (1 - smooth)
        } else {
            let edge = face.upperEdge(x)
            let reach = max(edge - face.noseTip.y, 1)
            let fade = max(0, 1 - max(0, edge - point.y) / reach)
            shift.y = (edges(x).upper - edge + hidden * bow) * fade
        }
        shift = shift + look(at: point)
        for eye in face.eyes where brow != 0 {
            let dx = (point.x - (eye.left.x + eye.right.x) / 2) / (face.eyeDistance * 0.4)
            let dy = (point.y - eye.browY) / (face.eyeDistance * 0.22)
            shift.y -= brow * exp(-dx * dx - dy * dy)
        }
        return shift
    }

    /// How far a look aside moves a place between the lids; the corners of the eye and its lids stay.
    private func look(at point: Point) -> Point {
        for eye in face.eyes {
            let width = eye.right.x - eye.left.x
            let u = (point.x - (eye.left.x + eye.right.x) / 2) / (width / 2)
            let v = (point.y - (eye.top + eye.bottom) / 2) / max((eye.bottom - eye.top) * 0.75, 1)
            guard abs(u) < 1, abs(v) < 1 else { continue }
            let mask = (1 - u * u) * (1 - u * u) * (1 - v * v)
            return Point(gaze.x * width * mask, gaze.y * width * mask)
        }
        return Point(0, 0)
    }

    /// How far the turn of the head moves a place; nothing at the edge of the hair, so the background stands still.
    func pose(at point: Point) -> Point {
        let x = (point.x - face.center.x) / (face.radius.x * 1.7)
        let y = (point.y - face.center.y) / (face.radius.y * 1.6)
        let inside = max(0, 1 - x * x - y * y)
        let depth = inside * inside * (3 - 2 * inside)
        let arm = point - Point(face.center.x, face.chin.y)
        let turned = Point(arm.x * roll.cos - arm.y * roll.sin, arm.x * roll.sin + arm.y * roll.cos)
        let below = min(max((point.y - face.chin.y) / (face.height * 0.5), 0), 1)
        return Point(
            yaw * face.radius.x * 0.9 * depth + (turned.x - arm.x) * depth,
            pitch * face.radius.x * 0.8 * depth + (turned.y - arm.y) * depth - breath * below
        )
    }

    /// Where an eyelid that comes down is taken from; the place itself elsewhere.
    func lidSource(of point: Point) -> Point {
        for (eye, shut) in zip(face.eyes, blink) where shut > 0.01 {
            guard point.x > eye.left.x, point.x < eye.right.x, let lids = eye.lids(atX: point.x) else {
                continue
            }
            let brow = eye.browY + (lids.upper - eye.browY) * 0.25
            let edge = lids.upper + (lids.lower - lids.upper) * shut * 0.94
            guard point.y > brow, point.y < edge, edge - brow > 1 else { continue }
            // The lashes come down as they are; the skin above them is stretched.
            let lashes = (lids.lower - lids.upper) * 0.3 + (eye.right.x - eye.left.x) * 0.07
            let fixed = min(lashes, (lids.upper - brow) * 0.6)
            if point.y > edge - fixed { return Point(point.x, lids.upper - (edge - point.y)) }
            let share = (point.y - brow) / max(edge - fixed - brow, 1)
            return Point(point.x, brow + share * (lids.upper - fixed - brow))
        }
        return point
    }
}
