import ArgumentParser
import Avatar
import Files

/// `voxsite avatar rig`.
struct AvatarRigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rig",
        abstract: "Say where the eyes and the mouth of a photograph are, so that it can speak.",
        discussion: """
            Writes <photo>.rig.json beside the photograph: 21 points, from (0, 0) at its top left to (1, 1). Without \
            --point they are those of a face that fills the middle of the picture; look at a clip, and move what does \
            not fit. Left and right are those of the picture. With the mouse it is easier: run \
            `voxsite build --serve --avatars <folder>`, and place the points on the page speak/.

              voxsite avatar rig me.png --point mouthLeft=0.43,0.62 --point mouthRight=0.57,0.62

            Parts: \(PhotoRig.Part.allCases.map(\.rawValue).joined(separator: ", ")).
            """
    )

    @Argument(help: "A .png or .jpg.")
    var photo: String

    @Option(help: ArgumentHelp("Where a part is. May be given several times.", valueName: "part=x,y"))
    var point: [String] = []

    @Option(help: "What people call it. (default: the file's name)")
    var name: String?

    @Flag(help: "Begin with the points of a face in the middle again instead of those that are placed.")
    var reset = false

    @OptionGroup var talk: TalkOptions

    func validate() throws { _ = try points() }

    func run() async throws {
        guard let path = PhotoRig.path(forImage: photo) else {
            throw UsageError("\(photo): its name ends in neither .png nor .jpg; convert it first")
        }
        let picture = try RasterImage(contentsOf: photo)
        var places = PhotoRig.guess(width: picture.width, height: picture.height)
        let isPlaced = FileIdentity.find(path) != nil
        if isPlaced, !reset { places = try PhotoRig(contentsOf: path).points }
        places.merge(try points()) { $1 }
        let rig = try write(places)
        print(path)
        let command = [
            "voxsite", "speak", "Hello", "--avatars", FileSystem.folder(of: path), "--avatar", rig.id,
        ]
        talk.console.say("\(rig.id): try it with  \(ShellText.readable(command))")
    }

    /// Writes the file; points that no face has are the command line's fault where it names some.
    private func write(_ places: [PhotoRig.Part: SIMD2<Double>]) throws -> PhotoRig {
        do {
            return try PhotoRig.write(places, image: photo, name: name)
        } catch {
            guard case .avatarInvalid(_, let field, let reason) = error, !point.isEmpty,
                field.hasPrefix("points.")
            else { throw error }
            let part = field.split(separator: ".").last ?? ""
            let options = point.map { "--point \($0)" }.joined(separator: " ")
            throw UsageError("\(options): \(part): \(reason)")
        }
    }

    private func points() throws -> [PhotoRig.Part: SIMD2<Double>] {
        var places: [PhotoRig.Part: SIMD2<Double>] = [:]
        for text in point {
            let sides = text.split(separator: "=", maxSplits: 1)
            let numbers = sides.last?.split(separator: ",").compactMap { Double($0) } ?? []
            guard sides.count == 2, numbers.count == 2, numbers.allSatisfy((0.0...1.0).contains) else {
                throw ValidationError(
                    "--point: \(text) is not a part and two numbers between 0 and 1, as mouthLeft=0.43,0.62"
                )
            }
            guard let part = PhotoRig.Part(rawValue: String(sides[0])) else {
                throw ValidationError(
                    "--point: no part is called \(sides[0]); `voxsite avatar rig --help` names all"
                )
            }
            places[part] = SIMD2(numbers[0], numbers[1])
        }
        return places
    }
}
