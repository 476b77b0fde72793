/// Moves a photograph of a face.
///
/// A plain value: any number of threads may make pictures of it at once.
public struct PhotoRenderer: FaceSkin {
    /// A warped photograph.
    public var engineName: String { "rig-p" }
    /// The side of the square picture in pixels.
    public let size: Int
    private let photo: RasterImage
    private let face: PhotoFace
    private let tint: Color

    /// Displacements are computed this many pixels apart and interpolated between.
    private static let cell = 8

    /// Reads the photograph and cuts a square around the face out of it.
    ///
    /// - Parameters:
    ///   - rig: where its parts are.
    ///   - size: the side of the pictures in pixels, within ``PortraitRenderer/sizes``.
    /// - Throws: ``AvatarError/picture(path:reason:)``.
    public init(rig: PhotoRig, size: Int) throws(AvatarError) {
        precondition(PortraitRenderer.sizes.contains(size), "a picture of \(size) pixels is not made")
        let image = try RasterImage(contentsOf: rig.imagePath)
        let whole = Point(Double(image.width), Double(image.height))
        func pixels(_ part: PhotoRig.Part) -> Point {
            let place = rig.point(part)
            return Point(place.x * whole.x, place.y * whole.y)
        }
        let (top, chin) = (pixels(.foreheadTop), pixels(.chin))
        let middle = Point((pixels(.faceLeft).x + pixels(.faceRight).x) / 2, (top.y + chin.y) / 2)
        let side = min(whole.x, whole.y, (chin.y - top.y) * 2.1)
        // Points may lie as close together as numbers can; pixels have fewer numbers.
        guard side.isFinite, side >= Self.smallestSide else {
            throw .picture(path: rig.imagePath, reason: Self.tooSmall)
        }
        let origin = Point(
            (middle.x - side / 2).clamped(to: 0...(whole.x - side)),
            (middle.y - side * 0.47).clamped(to: 0...(whole.y - side))
        )
        let scale = Double(size) / side
        self.size = size
        photo = RasterImage(width: size, height: size) { canvas in
            canvas.fillAll(.solid(Color(0.5, 0.5, 0.5)))
            canvas.draw(image, from: origin, scale: scale)
        }
        face = PhotoFace(rig) { place in
            Point((place.x * whole.x - origin.x) * scale, (place.y * whole.y - origin.y) * scale)
        }
        guard face.mouthHalfWidth >= 3, face.eyeDistance >= 6 else {
            throw .picture(path: rig.imagePath, reason: Self.tooSmall)
        }
        tint = Self.light(of: photo, at: face.skinPlaces)
    }

    /// Makes one picture; about twenty milliseconds at 512 pixels.
    ///
    /// - Parameter frame: how everything stands; the eyes of a photograph look around a little.
    /// - Returns: the picture, without transparency.
    public func render(_ frame: MotionFrame) -> RasterImage {
        let warp = PhotoWarp(face, frame)
        var image = RasterImage(
            width: size,
            height: size,
            pixels: PhotoSampler(photo, warp, cell: Self.cell).pixels()
        )
        image.draw { canvas in
            drawMouth(warp, frame.mouth, on: canvas)
            drawLashes(warp, on: canvas)
        }
        return image
    }

    /// The distance between the lips' inner edges against the distance of the eyes.
    ///
    /// - Parameter frame: how everything stands.
    /// - Returns: 0 for closed lips.
    public func openness(_ frame: MotionFrame) -> Double { PhotoWarp(face, frame).gap / face.eyeDistance }

    /// Where the parts of the face that move lie.
    ///
    /// - Parameter frame: how everything stands.
    /// - Returns: mouth, chin, nose and lids; the unit is the height of the head, a third more than that of the face.
    public func landmarks(_ frame: MotionFrame) -> [SIMD2<Double>] {
        let warp = PhotoWarp(face, frame)
        let edges = warp.edges(0)
        var points = [
            Point(face.mouthCenter.x, edges.upper), Point(face.mouthCenter.x, edges.lower),
            Point(face.chin.x, face.chin.y + warp.gap * 0.5), face.noseTip,
        ]
        for (eye, shut) in zip(face.eyes, warp.blink) {
            let x = (eye.left.x + eye.right.x) / 2
            if let lids = eye.lids(atX: x) {
                points.append(Point(x, lids.upper + (lids.lower - lids.upper) * shut))
            }
        }
        let unit = face.height * 1.33
        return points.map { point in
            let placed = point + warp.pose(at: point)
            return SIMD2(placed.x / unit, placed.y / unit)
        }
    }

    private func drawMouth(_ warp: PhotoWarp, _ shape: MouthShape, on canvas: Canvas) {
        guard warp.gap > 1 else { return drawSeam(warp, on: canvas) }
        let unit = face.mouthHalfWidth / 0.34
        let steps = (-14...14).map { Double($0) / 14 * 0.97 }
        func at(_ share: Double, _ y: Double) -> Point {
            let point = Point(face.mouthCenter.x + warp.across(share), y)
            return point + warp.pose(at: point)
        }
        let top = steps.map { at($0, warp.edges($0).upper) }
        let bottom = steps.reversed().map { at($0, warp.edges($0).lower) }
        let inside = Outline.smooth(through: [top[0]] + top + [bottom[0]] + bottom)
        let middle = warp.edges(0)
        // The forms inside are drawn in units of a face whose mouth is as wide as this one.
        let geometry = MouthGeometry(
            center: Point(0, (face.mouthCenter.y - face.seamY) / unit),
            halfWidth: 0.34 * warp.spread,
            innerTop: (middle.upper - face.seamY) / unit,
            innerBottom: (middle.lower - face.seamY) / unit
        )
        let origin = Point(face.mouthCenter.x, face.seamY)
        let shift = warp.pose(at: origin)
        var seen = shape
        if face.showsTeeth {
            seen.upperTeeth = 0
            seen.lowerTeeth = 0
        }
        let interior = MouthInterior(
            mouth: geometry,
            shape: seen,
            isFlat: false,
            tint: tint,
            scale: unit,
            place: { $0.mapped { origin + $0 * unit + shift } }
        )
        canvas.clipped(to: inside) {
            interior.draw(on: canvas, inside: inside)
            if face.showsTeeth { drawTeeth(on: canvas, shift, unit) }
        }
        canvas.stroke(inside, width: max(1, unit * 0.012), Color(0.2, 0.06, 0.06, 0.35))
    }

    /// The person's own teeth, which stay where the skull is while the lips move over them.
    private func drawTeeth(on canvas: Canvas, _ shift: Point, _ unit: Double) {
        let steps = (-10...10).map { Double($0) / 10 * 0.94 }
        let margin = 0.06 * face.givenGap + 0.5
        func row(_ edge: (Double) -> Double, _ inward: Double) -> [Point] {
            steps.map { share in
                Point(
                    face.mouthCenter.x + share * face.mouthHalfWidth,
                    edge(share) + inward * PhotoFace.bow(share)
                ) + shift
            }
        }
        let top = row(face.upperEdge, margin)
        let bottom = Array(row(face.lowerEdge, -margin).reversed())
        let outline = Outline.smooth(through: [top[0]] + top + [bottom[0]] + bottom)
        canvas.clipped(to: outline) { canvas.draw(photo, at: shift) }
        let low = face.seamY - face.givenGap / 2 + shift.y
        let dark = Color(0.12, 0.03, 0.03)
        canvas.fill(
            outline,
            .linear(
                from: Point(0, low),
                to: Point(0, low + unit * 0.06),
                [.init(0, dark.opacity(0.35)), .init(1, dark.opacity(0))]
            )
        )
    }

    /// The line between closed lips that were apart when the photograph was taken.
    private func drawSeam(_ warp: PhotoWarp, on canvas: Canvas) {
        guard face.givenGap > 1 else { return }
        let thick = face.mouthHalfWidth * 0.035
        func row(_ side: Double) -> [Point] {
            (-8...8).map { step in
                let share = Double(step) / 8
                let edges = warp.edges(share)
                let middle = (edges.upper + edges.lower) / 2 + side * thick / 2 * PhotoFace.bow(share)
                let point = Point(face.mouthCenter.x + warp.across(share), middle)
                return point + warp.pose(at: point)
            }
        }
        let line = Outline.smooth(through: row(-1) + row(1).reversed())
        canvas.fill(line, .solid(Color(0.3 * tint.red, 0.1 * tint.green, 0.1 * tint.blue, 0.6)))
    }

    private func drawLashes(_ warp: PhotoWarp, on canvas: Canvas) {
        for (eye, shut) in zip(face.eyes, warp.blink) where shut > 0.15 {
            let width = eye.right.x - eye.left.x
            // The edge of the lid: thick in the middle, and nothing at the corners.
            func row(_ side: Double) -> [Point] {
                (-6...6).compactMap { step -> Point? in
                    let share = Double(step) / 6.2
                    let x = (eye.left.x + eye.right.x) / 2 + share * width / 2
                    guard let lids = eye.lids(atX: x) else { return nil }
                    let edge = lids.upper + (lids.lower - lids.upper) * shut * 0.94
                    let point = Point(x, edge + side * width * 0.02 * PhotoFace.bow(share))
                    return point + warp.pose(at: point)
                }
            }
            shade(eye, shut, warp, on: canvas)
            let line = Outline.smooth(through: row(-1) + row(1).reversed())
            let color = Color(0.16 * tint.red, 0.1 * tint.green, 0.08 * tint.blue)
            canvas.fill(line, .solid(color.opacity(0.62 * min(1, shut * 1.5))))
        }
    }

    /// A closed lid lies in the shade of the brow that its skin was taken from.
    private func shade(_ eye: PhotoFace.Eye, _ shut: Double, _ warp: PhotoWarp, on canvas: Canvas) {
        let middle = Point((eye.left.x + eye.right.x) / 2, (eye.left.y + eye.right.y) / 2)
        let width = eye.right.x - eye.left.x
        let bottom = eye.top + (eye.bottom - eye.top) * shut * 0.94
        let top = eye.browY
        func placed(_ x: Double, _ y: Double) -> Point {
            let point = Point(x, y)
            return point + warp.pose(at: point)
        }
        let lid = Outline.smooth(through: [
            eye.left, eye.left, Point(middle.x - width * 0.3, top + (middle.y - top) * 0.25),
            Point(middle.x + width * 0.3, top + (middle.y - top) * 0.25), eye.right, eye.right,
            Point(middle.x + width * 0.25, bottom - (bottom - middle.y) * 0.25),
            Point(middle.x - width * 0.25, bottom - (bottom - middle.y) * 0.25),
        ]).mapped { placed($0.x, $0.y) }
        let color = Color(0.5 * tint.red, 0.22 * tint.green, 0.14 * tint.blue, 0.32 * shut)
        canvas.fill(lid, .spot(placed(middle.x, bottom), width * 0.55, color))
    }

    /// A square around a face has more pixels to a side, or nothing of it could be seen to move.
    private static let smallestSide = 16.0
    private static let tooSmall = "the face is too small in it to be moved; cut it out larger"

    /// How bright the skin is against that of a well lit face.
    private static func light(of image: RasterImage, at places: [Point]) -> Color {
        var sum = SIMD3<Double>.zero
        for place in places {
            let x = Int(place.x.clamped(to: 0...Double(image.width - 1)))
            let y = Int(place.y.clamped(to: 0...Double(image.height - 1)))
            let index = 4 * (y * image.width + x)
            sum += SIMD3(
                Double(image.pixels[index + 2]),
                Double(image.pixels[index + 1]),
                Double(image.pixels[index])
            )
        }
        let mean = sum / Double(places.count) / 255
        // Teeth are about as bright on dark skin as on light, so only real darkness counts.
        let luminance = 0.3 * mean.x + 0.59 * mean.y + 0.11 * mean.z
        let level = (0.46 + 0.7 * luminance).clamped(to: 0.55...0.96)
        return Color(level, level * 0.98, level * 0.95)
    }
}
