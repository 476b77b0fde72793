import Files

extension PhotoRig {
    /// Where the parts of a face are that fills the middle of a picture: from here the points are dragged.
    public static let template: [Part: SIMD2<Double>] = [
        .leftEyeOuter: SIMD2(0.35, 0.42), .leftEyeInner: SIMD2(0.45, 0.425), .leftEyeTop: SIMD2(0.4, 0.405),
        .leftEyeBottom: SIMD2(0.4, 0.435), .rightEyeInner: SIMD2(0.55, 0.425),
        .rightEyeOuter: SIMD2(0.65, 0.42),
        .rightEyeTop: SIMD2(0.6, 0.405), .rightEyeBottom: SIMD2(0.6, 0.435), .leftBrow: SIMD2(0.4, 0.355),
        .rightBrow: SIMD2(0.6, 0.355), .noseTip: SIMD2(0.5, 0.535), .mouthLeft: SIMD2(0.42, 0.615),
        .mouthRight: SIMD2(0.58, 0.615), .upperLipTop: SIMD2(0.5, 0.595), .upperLipBottom: SIMD2(0.5, 0.615),
        .lowerLipTop: SIMD2(0.5, 0.616), .lowerLipBottom: SIMD2(0.5, 0.645), .chin: SIMD2(0.5, 0.74),
        .faceLeft: SIMD2(0.27, 0.46), .faceRight: SIMD2(0.73, 0.46), .foreheadTop: SIMD2(0.5, 0.22),
    ]

    /// Where the parts of a face probably are in a picture of some size: those of the ``template`` in the largest square
    /// that fits, a little above the middle, as people are photographed.
    ///
    /// - Parameters:
    ///   - width: in pixels, positive.
    ///   - height: in pixels, positive.
    /// - Returns: every part, from (0, 0) at the top left to (1, 1).
    public static func guess(width: Int, height: Int) -> [Part: SIMD2<Double>] {
        let whole = SIMD2(Double(max(1, width)), Double(max(1, height)))
        let side = min(whole.x, whole.y)
        let origin = SIMD2((whole.x - side) * 0.5, (whole.y - side) * 0.35)
        return template.mapValues { (origin + $0 * side) / whole }
    }

    /// The name of the file that belongs to a photograph.
    ///
    /// - Parameter image: a name or path that ends in `.png`, `.jpg` or `.jpeg`.
    /// - Returns: the same with `.rig.json`; nil for another kind of file.
    public static func path(forImage image: String) -> String? {
        stem(ofImage: image).map { $0 + ".rig.json" }
    }

    /// Writes the file of a photograph, and reads it back, so that what is there can be used.
    ///
    /// - Parameters:
    ///   - points: every part, from (0, 0) at the top left of the picture to (1, 1).
    ///   - image: the path of the photograph; the file goes beside it.
    ///   - name: what people call it; unless given, what the older file says, or the file's name.
    /// - Returns: what was written.
    /// - Throws: ``AvatarError/avatarInvalid(path:field:reason:)`` for points that no face has; the old file is then as
    ///   it was. ``AvatarError/file(_:)``.
    public static func write(
        _ points: [Part: SIMD2<Double>],
        image: String,
        name: String? = nil
    ) throws(AvatarError) -> PhotoRig {
        guard let path = path(forImage: image), let stem = stem(ofImage: FileSystem.name(of: image)) else {
            throw .picture(path: image, reason: "its name ends in neither .png nor .jpg")
        }
        let old = try? PhotoRig(contentsOf: path)
        let rig = PhotoRig(
            id: old?.id ?? stem,
            name: name ?? old?.name ?? stem,
            imagePath: image,
            points: points
        )
        return try rig.write(to: path)
    }

    /// Writes the rig's file, and reads it back.
    ///
    /// - Parameter path: `<portrait>.rig.json` in the folder of the photograph.
    /// - Returns: what was written.
    /// - Throws: as ``write(_:image:name:)``.
    func write(to path: String) throws(AvatarError) -> PhotoRig {
        let bytes = json(path: path)
        let rig = try PhotoRig(json: bytes, path: path)
        do {
            try AtomicFile.write(bytes, to: path, synchronizing: false)
        } catch {
            throw .file(error)
        }
        return rig
    }

    /// The file's text; what follows from its name is left out.
    private func json(path: String) -> [UInt8] {
        let stem = String(FileSystem.name(of: path).dropLast(".rig.json".count))
        var lines = ["{", "    \"image\": \(Self.quoted(FileSystem.name(of: imagePath))),"]
        if id != stem { lines.append("    \"id\": \(Self.quoted(id)),") }
        if name != stem { lines.append("    \"name\": \(Self.quoted(name)),") }
        lines.append("    \"points\": {")
        let rows = Part.allCases.compactMap { part in
            points[part].map { "        \"\(part.rawValue)\": [\($0.x), \($0.y)]" }
        }
        lines.append(rows.joined(separator: ",\n"))
        lines += ["    }", "}", ""]
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// A JSON string: RFC 8259, section 7.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
