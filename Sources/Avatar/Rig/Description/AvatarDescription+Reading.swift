import Files
import RunRecords

extension AvatarDescription {
    /// Reads an avatar's file.
    ///
    /// - Parameter path: a JSON file of at most a mebibyte; its format is in `avatars/README.md`.
    /// - Throws: ``AvatarError/file(_:)``; ``AvatarError/avatarInvalid(path:field:reason:)`` with the field.
    public init(contentsOf path: String) throws(AvatarError) {
        let bytes: [UInt8]
        do {
            let file = try OpenFile.reading(path)
            guard try file.identity().size <= 1 << 20 else {
                throw AvatarError.avatarInvalid(path: path, field: "", reason: "it is larger than a mebibyte")
            }
            bytes = try file.readAll()
        } catch let error as FilesError {
            throw .file(error)
        } catch let error as AvatarError {
            throw error
        } catch {
            throw .picture(path: path, reason: "\(error)")
        }
        try self.init(json: bytes, path: path)
    }

    /// Reads an avatar from the text of its file.
    ///
    /// - Parameters:
    ///   - bytes: JSON.
    ///   - path: what messages call it.
    /// - Throws: ``AvatarError/avatarInvalid(path:field:reason:)``.
    public init(json bytes: [UInt8], path: String) throws(AvatarError) {
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes)
        } catch {
            throw .avatarInvalid(path: path, field: "", reason: "no JSON: \(error)")
        }
        var reader = try FieldReader(value, path: path)
        id = try reader.text("id", limit: 64)
        guard id.utf8.allSatisfy({ Self.idBytes.contains($0) }) else {
            throw reader.failure("id", "only letters, digits, - and _ are allowed")
        }
        name = try reader.text("name", limit: 80)
        about = try reader.text("about", limit: 400, default: name)
        style = try reader.choice("style")
        background = try Self.ramp(&reader, "background")
        skin = try Self.skin(&reader)
        head = try Self.head(&reader)
        eyes = try Self.eyes(&reader)
        brows = try Self.brows(&reader)
        nose = try Self.nose(&reader)
        mouth = try Self.mouth(&reader)
        shapes = []
        for var shape in try reader.objects("shapes", limit: 200) { shapes.append(try Self.shape(&shape)) }
        try reader.finish()
    }

    private static let idBytes = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func ramp(_ reader: inout FieldReader, _ key: String) throws(AvatarError) -> Ramp {
        guard reader.contains(key) else { throw reader.failure(key, "it is missing") }
        var fields = try reader.object(key)
        let ramp = try ramp(&fields)
        try fields.finish()
        return ramp
    }

    /// Light and shadow are derived from the base where they are not given.
    private static func ramp(_ fields: inout FieldReader) throws(AvatarError) -> Ramp {
        let base = try fields.color("base")
        return Ramp(
            base: base,
            light: try fields.color("light", default: base.mixed(with: .white, 0.22)),
            shadow: try fields.color("shadow", default: base.mixed(with: .black, 0.28))
        )
    }

    private static func skin(_ reader: inout FieldReader) throws(AvatarError) -> Skin {
        var fields = try reader.object("skin")
        let ramp = try ramp(&fields)
        let skin = Skin(
            ramp: ramp,
            blush: try fields.color("blush", default: ramp.base.mixed(with: Color(0.9, 0.35, 0.35), 0.45)),
            line: try fields.color("line", default: ramp.shadow.mixed(with: .black, 0.4))
        )
        try fields.finish()
        return skin
    }

    private static func head(_ reader: inout FieldReader) throws(AvatarError) -> Head {
        var fields = try reader.object("head")
        let head = Head(
            cheekWidth: try fields.number("cheekWidth", in: 0.7...1.2, default: 0.97),
            jawWidth: try fields.number("jawWidth", in: 0.5...1.1, default: 0.8),
            chinWidth: try fields.number("chinWidth", in: 0.1...0.7, default: 0.3),
            chinHeight: try fields.number("chinHeight", in: 0.95...1.4, default: 1.16),
            neckWidth: try fields.number("neckWidth", in: 0.2...0.8, default: 0.42),
            earSize: try fields.number("earSize", in: 0...1.5, default: 1)
        )
        try fields.finish()
        return head
    }

    private static func eyes(_ reader: inout FieldReader) throws(AvatarError) -> Eyes {
        var fields = try reader.object("eyes")
        let eyes = Eyes(
            width: try fields.number("width", in: 0.1...0.35, default: 0.22),
            height: try fields.number("height", in: 0.08...0.26, default: 0.17),
            spacing: try fields.number("spacing", in: 0.25...0.6, default: 0.41),
            level: try fields.number("level", in: -0.4...0.2, default: -0.14),
            tilt: try fields.number("tilt", in: -0.1...0.1, default: 0.02),
            irisSize: try fields.number("irisSize", in: 0.05...0.22, default: 0.115),
            iris: try fields.color("iris"),
            lashes: try fields.number("lashes", in: 0...1, default: 0.4),
            lashColor: try fields.color("lashColor", default: Color(0.15, 0.1, 0.09))
        )
        try fields.finish()
        return eyes
    }

    private static func brows(_ reader: inout FieldReader) throws(AvatarError) -> Brows {
        var fields = try reader.object("brows")
        let brows = Brows(
            level: try fields.number("level", in: -0.8 ... -0.2, default: -0.43),
            length: try fields.number("length", in: 0.1...0.45, default: 0.27),
            thickness: try fields.number("thickness", in: 0.01...0.16, default: 0.06),
            tilt: try fields.number("tilt", in: -0.15...0.15, default: 0.02),
            arch: try fields.number("arch", in: 0...0.2, default: 0.07),
            color: try fields.color("color")
        )
        try fields.finish()
        return brows
    }

    private static func nose(_ reader: inout FieldReader) throws(AvatarError) -> Nose {
        var fields = try reader.object("nose")
        let nose = Nose(
            width: try fields.number("width", in: 0.05...0.35, default: 0.16),
            length: try fields.number("length", in: 0.1...0.5, default: 0.33)
        )
        try fields.finish()
        return nose
    }

    private static func mouth(_ reader: inout FieldReader) throws(AvatarError) -> Mouth {
        var fields = try reader.object("mouth")
        let lower = try fields.color("lower")
        let mouth = Mouth(
            width: try fields.number("width", in: 0.15...0.5, default: 0.34),
            fullness: try fields.number("fullness", in: 0.2...2, default: 1),
            level: try fields.number("level", in: 0.45...0.85, default: 0.66),
            smile: try fields.number("smile", in: -0.5...1, default: 0.15),
            upper: try fields.color("upper", default: lower.mixed(with: .black, 0.15)),
            lower: lower
        )
        try fields.finish()
        return mouth
    }

    private static func shape(_ fields: inout FieldReader) throws(AvatarError) -> Shape {
        let isClosed = try fields.flag("closed", default: true)
        let points = try fields.points("points", count: 2...200)
        let fill = fields.contains("fill") ? try ramp(&fields, "fill") : nil
        let stroke = try fields.optionalColor("stroke")
        guard fill != nil || stroke != nil else {
            throw fields.failure("fill", "a shape needs a fill or a stroke")
        }
        let shape = Shape(
            layer: try fields.choice("layer"),
            outline: .smooth(through: points, isClosed: isClosed),
            isMirrored: try fields.flag("mirror", default: false),
            fill: fill,
            stroke: stroke,
            strokeWidth: try fields.number("width", in: 0.002...0.3, default: 0.02),
            feather: try fields.number("feather", in: 0...0.2, default: 0)
        )
        try fields.finish()
        return shape
    }
}
