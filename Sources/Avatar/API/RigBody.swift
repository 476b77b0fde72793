import RunRecords

/// The body of `PUT /api/avatar/avatars/<id>/rig` and of its preview: `{"points": {"chin": [0.5, 0.7], …}}`.
struct RigBody {
    /// Twenty-one points with every digit that a number has.
    static let limitBytes = 4 << 10

    /// Every part, within the picture.
    let points: [PhotoRig.Part: SIMD2<Double>]

    /// Reads and checks it.
    ///
    /// - Parameter bytes: JSON.
    /// - Throws: ``APIRefusal`` with status 400 that names the member.
    init(_ bytes: [UInt8]) throws(APIRefusal) {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes) } catch {
            throw APIRefusal(400, "the body is no JSON: \(error)")
        }
        do {
            var reader = try FieldReader(value, path: "")
            points = try PhotoRig.points(&reader)
            try reader.finish()
            try PhotoRig(id: "", name: "", imagePath: "", points: points).check("")
        } catch {
            throw Self.refusal(error)
        }
    }

    /// What is said of points and pictures to somebody who does not see the server's files.
    static func refusal(_ error: any Error) -> APIRefusal {
        switch error {
        case AvatarError.avatarInvalid(_, let field, let reason):
            APIRefusal(400, field.isEmpty ? reason : "\(VisibleText.line(field, limit: 80)): \(reason)")
        case AvatarError.picture(_, let reason): APIRefusal(400, "points: \(reason)")
        default: APIRefusal(error)
        }
    }
}
