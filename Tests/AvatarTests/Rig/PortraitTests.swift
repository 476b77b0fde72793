import Testing

@testable import Avatar

@Suite struct PortraitTests {
    /// A moment with everything in it: turned, brows up, eyes aside, an open mouth.
    private static var talking: MotionFrame {
        var frame = MotionFrame()
        frame.mouth = Viseme.sequence(of: "æ")[0].target
        frame.yawDegrees = 5
        frame.pitchDegrees = 2
        frame.rollDegrees = 2
        frame.gazeX = 0.4
        frame.browLeft = 0.6
        frame.browRight = 0.4
        return frame
    }

    @Test(arguments: BuiltInAvatars.ids)
    func `an avatar looks as it did`(_ id: String) throws {
        let picture = PortraitRenderer(try BuiltInAvatars.avatar(id), size: 256).render(Self.talking)
        try assertGolden(picture, as: id)
    }

    @Test(arguments: ["m", "i", "a", "u", "f", "l"])
    func `a mouth shape looks as it did`(_ symbol: String) throws {
        var frame = MotionFrame()
        frame.mouth = Viseme.sequence(of: symbol)[0].target
        let picture = PortraitRenderer(try BuiltInAvatars.avatar("default"), size: 128).render(frame)
        try assertGolden(picture, as: "mouth-\(symbol)")
    }

    @Test(arguments: BuiltInAvatars.ids)
    func `closed lips show no inside, open ones do`(_ id: String) throws {
        let skin = PortraitRenderer(try BuiltInAvatars.avatar(id), size: 256)
        func openness(_ symbol: String) -> Double {
            var frame = MotionFrame()
            frame.mouth = Viseme.sequence(of: symbol)[0].target
            return skin.openness(frame)
        }
        #expect(openness("m") == 0)
        #expect(openness("ɑ") > openness("ɛ"))
        #expect(openness("ɛ") > openness("s"))
        #expect(openness("s") > 0.03)
    }

    @Test func `pictures are opaque and the same on every thread`() async throws {
        let skin = PortraitRenderer(try BuiltInAvatars.avatar("art_0"), size: 128)
        let first = skin.render(Self.talking)
        #expect(stride(from: 3, to: first.pixels.count, by: 4).allSatisfy { first.pixels[$0] == 255 })
        await withTaskGroup(of: RasterImage.self) { group in
            for _ in 0..<8 { group.addTask { skin.render(Self.talking) } }
            for await picture in group { #expect(picture == first) }
        }
    }

    @Test func `a picture survives PNG`() throws {
        let directory = try TemporaryPictures()
        let picture = PortraitRenderer(try BuiltInAvatars.avatar("happy"), size: 64).render(MotionFrame())
        let path = directory.path("a.png")
        try picture.writePNG(to: path)
        #expect(try RasterImage(png: path) == picture)
        #expect(throws: AvatarError.self) { try RasterImage(png: path, limitPixelCount: 100) }
        #expect(throws: AvatarError.self) { try RasterImage(png: directory.path("none.png")) }
    }
}
