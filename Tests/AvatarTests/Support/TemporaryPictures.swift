import Foundation
import TestSupport
import Testing

@testable import Avatar

/// A folder of pictures for one test.
struct TemporaryPictures {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    var folder: String { directory.path }

    func path(_ name: String) -> String { directory.path(of: name) }

    /// The names in the folder, sorted.
    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    }

    func write(_ text: String, to name: String) throws { try directory.write(text, to: name) }

    /// A PNG file whose pixels nobody can decode, although its head is right and nothing is missing.
    func writeDamaged(_ name: String) throws {
        var bytes = RasterImage(width: 40, height: 30) { $0.fillAll(.solid(.white)) }.png()
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: "IDAT".utf8) })
        // No method of compression that there is: RFC 1950, section 2.2.
        bytes[start + 4] = 0xFF
        try Data(bytes).write(to: URL(filePath: path(name)))
    }

    /// A drawn person as a photograph, whose landmarks are those that it was drawn with.
    func writePhoto(
        _ name: String,
        ending: String = "png",
        mouth shape: MouthShape = .rest,
        changing: [String: [Double]] = [:]
    ) throws {
        let avatar = try BuiltInAvatars.avatar("default")
        var frame = MotionFrame()
        frame.mouth = shape
        try PortraitRenderer(avatar, size: 512).render(frame).writePNG(to: path("\(name).\(ending)"))
        let pose = HeadPose(frame, size: 1)
        let mouth = MouthGeometry(avatar, frame)
        let (left, right) = (EyeGeometry(avatar, frame, side: -1), EyeGeometry(avatar, frame, side: 1))
        let points: [(PhotoRig.Part, Point)] = [
            (.leftEyeOuter, left.corners.outer), (.leftEyeInner, left.corners.inner),
            (.leftEyeTop, left.lidMiddles.upper), (.leftEyeBottom, left.lidMiddles.lower),
            (.rightEyeInner, right.corners.inner), (.rightEyeOuter, right.corners.outer),
            (.rightEyeTop, right.lidMiddles.upper), (.rightEyeBottom, right.lidMiddles.lower),
            (.leftBrow, Point(-0.41, -0.47)), (.rightBrow, Point(0.41, -0.47)), (.noseTip, Point(0, 0.34)),
            (.mouthLeft, Point(-mouth.halfWidth, mouth.cornerY)),
            (.mouthRight, Point(mouth.halfWidth, mouth.cornerY)),
            (.upperLipTop, Point(0, mouth.outerTop)), (.upperLipBottom, Point(0, mouth.innerTop)),
            (.lowerLipTop, Point(0, mouth.isOpen ? mouth.innerBottom : mouth.innerTop + 0.01)),
            (.lowerLipBottom, Point(0, mouth.outerBottom)),
            (.chin, Point(0, 1.17)), (.faceLeft, Point(-0.95, 0)), (.faceRight, Point(0.95, 0)),
            (.foreheadTop, Point(0, -1)),
        ]
        var rows: [String: [Double]] = [:]
        for (part, point) in points {
            let placed = pose.project(point)
            rows[part.rawValue] = [placed.x, placed.y]
        }
        rows.merge(changing) { $1 }
        let json: [String: Any] = ["name": "Photo", "image": "\(name).\(ending)", "points": rows]
        let data = try JSONSerialization.data(withJSONObject: json)
        try write(String(decoding: data, as: UTF8.self), to: "\(name).rig.json")
    }
}
