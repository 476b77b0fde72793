import Files
import RunRecords

/// Where the parts of a photographed face are, as placed by hand: the contents of `<portrait>.rig.json`.
public struct PhotoRig: Sendable, Hashable {
    /// The parts that are placed.
    ///
    /// Left and right are those of the picture.
    public enum Part: String, Sendable, CaseIterable, Codable {
        case leftEyeOuter
        case leftEyeInner
        case leftEyeTop
        case leftEyeBottom
        case rightEyeInner
        case rightEyeOuter
        case rightEyeTop
        case rightEyeBottom
        case leftBrow
        case rightBrow
        case noseTip
        case mouthLeft
        case mouthRight
        case upperLipTop
        case upperLipBottom
        case lowerLipTop
        case lowerLipBottom
        case chin
        case faceLeft
        case faceRight
        case foreheadTop
    }

    /// What it is asked for by: the file's name unless given.
    public var id: String
    /// What people call it.
    public var name: String
    /// The photograph, beside the file.
    public var imagePath: String
    /// Each part's place, from (0, 0) at the top left to (1, 1).
    public var points: [Part: SIMD2<Double>]

    /// Reads a rig's file.
    ///
    /// - Parameter path: `<portrait>.rig.json`.
    /// - Throws: ``AvatarError/file(_:)``; ``AvatarError/avatarInvalid(path:field:reason:)`` with the field.
    public init(contentsOf path: String) throws(AvatarError) {
        let bytes: [UInt8]
        do {
            bytes = try OpenFile.reading(path).readAll(limit: 1 << 20)
        } catch {
            throw .file(error)
        }
        try self.init(json: bytes, path: path)
    }

    /// Reads a rig from the text of its file.
    ///
    /// - Parameters:
    ///   - bytes: JSON.
    ///   - path: where the file is or will be, beside its photograph.
    /// - Throws: ``AvatarError/avatarInvalid(path:field:reason:)`` with the field.
    init(json bytes: [UInt8], path: String) throws(AvatarError) {
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes)
        } catch {
            throw .avatarInvalid(path: path, field: "", reason: "no JSON: \(error)")
        }
        var reader = try FieldReader(value, path: path)
        let stem = String(FileSystem.name(of: path).dropLast(".rig.json".count))
        id = try reader.text("id", limit: 64, default: stem)
        name = try reader.text("name", limit: 80, default: stem)
        let image = try reader.text("image", limit: 255)
        guard !image.contains("/"), Self.stem(ofImage: image) != nil else {
            throw reader.failure("image", "the name of a .png or .jpg file in the same folder is needed")
        }
        imagePath = "\(FileSystem.folder(of: path))/\(image)"
        points = try Self.points(&reader)
        try reader.finish()
        try check(path)
    }

    /// A rig that has not been checked.
    init(id: String, name: String, imagePath: String, points: [Part: SIMD2<Double>]) {
        self.id = id
        self.name = name
        self.imagePath = imagePath
        self.points = points
    }

    /// Reads the places of all parts: the object `points`.
    static func points(_ reader: inout FieldReader) throws(AvatarError) -> [Part: SIMD2<Double>] {
        var fields = try reader.object("points")
        var points: [Part: SIMD2<Double>] = [:]
        for part in Part.allCases { points[part] = try fields.place(part.rawValue) }
        try fields.finish()
        return points
    }

    /// A photograph's name without its ending; nil for another kind of file.
    static func stem(ofImage name: String) -> String? {
        for ending in [".png", ".jpg", ".jpeg"]
        where name.lowercased().hasSuffix(ending) && name.count > ending.count {
            return String(name.dropLast(ending.count))
        }
        return nil
    }

    /// A place of a part that is known to be there.
    func point(_ part: Part) -> Point {
        let place = points[part] ?? SIMD2(0.5, 0.5)
        return Point(place.x, place.y)
    }

    /// Refuses points that no face has, which would tear the picture.
    func check(_ path: String) throws(AvatarError) {
        let rules: [(Part, Part, isBelow: Bool)] = [
            (.leftEyeOuter, .leftEyeInner, false), (.leftEyeInner, .rightEyeInner, false),
            (.rightEyeInner, .rightEyeOuter, false), (.mouthLeft, .mouthRight, false),
            (.faceLeft, .faceRight, false), (.foreheadTop, .leftBrow, true), (.leftBrow, .leftEyeTop, true),
            (.rightBrow, .rightEyeTop, true), (.leftEyeTop, .leftEyeBottom, true),
            (.rightEyeTop, .rightEyeBottom, true), (.leftEyeBottom, .noseTip, true),
            (.noseTip, .upperLipTop, true), (.upperLipTop, .upperLipBottom, true),
            (.lowerLipTop, .lowerLipBottom, true), (.lowerLipBottom, .chin, true),
        ]
        for (first, second, isBelow) in rules {
            let (a, b) = (point(first), point(second))
            guard isBelow ? b.y > a.y : b.x > a.x else {
                throw .avatarInvalid(
                    path: path,
                    field: "points.\(second.rawValue)",
                    reason: "it must lie \(isBelow ? "below" : "to the right of") \(first.rawValue)"
                )
            }
        }
        guard point(.lowerLipTop).y >= point(.upperLipBottom).y else {
            throw .avatarInvalid(
                path: path,
                field: "points.lowerLipTop",
                reason: "it must not lie above upperLipBottom"
            )
        }
    }
}
