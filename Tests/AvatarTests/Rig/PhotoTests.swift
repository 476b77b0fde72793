import Foundation
import TestSupport
import Testing

@testable import Avatar

@Suite struct PhotoTests {
    private static func difference(_ left: RasterImage, _ right: RasterImage, rows: Range<Int>) -> Double {
        let range = 4 * rows.lowerBound * left.width..<4 * rows.upperBound * left.width
        let sum = range.reduce(0) { $0 + abs(Int(left.pixels[$1]) - Int(right.pixels[$1])) }
        return Double(sum) / Double(range.count)
    }

    @Test func `a photograph talks and blinks, and its background stands still`() throws {
        let files = try TemporaryPictures()
        try files.writePhoto("ann")
        let skin = try PhotoRenderer(rig: PhotoRig(contentsOf: files.path("ann.rig.json")), size: 256)
        var frame = MotionFrame()
        frame.mouth = Viseme.sequence(of: "ɑ")[0].target
        frame.yawDegrees = 4
        frame.blinkLeft = 0.9
        frame.blinkRight = 0.9
        let talking = skin.render(frame)
        try assertGolden(talking, as: "photo")
        let still = skin.render(MotionFrame())
        #expect(Self.difference(talking, still, rows: 80..<200) > 2)
        for x in [2, 250] {
            for y in stride(from: 2, to: 200, by: 8) {
                let index = 4 * (y * 256 + x)
                #expect(talking.pixels[index..<index + 3] == still.pixels[index..<index + 3])
            }
        }
    }

    @Test func `at rest a photograph is what was taken`() throws {
        let files = try TemporaryPictures()
        try files.writePhoto("ann")
        let skin = try PhotoRenderer(rig: PhotoRig(contentsOf: files.path("ann.rig.json")), size: 512)
        let original = try RasterImage(png: files.path("ann.png"))
        #expect(Self.difference(skin.render(MotionFrame()), original, rows: 0..<512) < 0.6)
        #expect(skin.openness(MotionFrame()) == 0)
    }

    @Test func `no part of a photograph jumps`() throws {
        let files = try TemporaryPictures()
        try files.writePhoto("ann")
        let skin = try PhotoRenderer(rig: PhotoRig(contentsOf: files.path("ann.rig.json")), size: 256)
        let speech = try SpokenFixture.english.speech()
        var measurement = MotionMeasurement()
        let motion = try MotionSequence(speech, seed: 4)
        for frame in motion { measurement.add(frame, skin: skin) }
        let quality = measurement.quality(of: motion, phonemes: speech.phonemes)
        #expect(quality.largestJump <= 0.04)
        #expect(try #require(quality.syncCorrelation) >= 0.5)
    }

    @Test func `every motion keeps inside of the picture`() throws {
        let files = try TemporaryPictures()
        try files.writePhoto("ann")
        let skin = try PhotoRenderer(rig: PhotoRig(contentsOf: files.path("ann.rig.json")), size: 64)
        var random = SeededRandom.fresh()
        for _ in 0..<20 {
            var frame = MotionFrame()
            for index in 0..<9 { frame.mouth.values[index] = Float.random(in: -1...1, using: &random) }
            frame.yawDegrees = Float.random(in: -20...20, using: &random)
            frame.rollDegrees = Float.random(in: -20...20, using: &random)
            frame.blinkLeft = Float.random(in: 0...1, using: &random)
            #expect(skin.render(frame).pixels.count == 64 * 64 * 4)
        }
    }

    @Test(arguments: [
        (["chin": [0.5, 0.2]], "points.chin: it must lie below lowerLipBottom"),
        (["mouthRight": [0.1, 0.6]], "points.mouthRight: it must lie to the right of mouthLeft"),
        (["noseTip": [0.5, 1.5]], "points.noseTip: a pair [x, y] of numbers from 0 to 1 is needed"),
        (["thirdEye": [0.5, 0.5]], "points.thirdEye: no such field"),
    ])
    func `points that no face has are refused`(_ change: [String: [Double]], _ message: String) throws {
        let files = try TemporaryPictures()
        try files.writePhoto("ann", changing: change)
        let error = try #require(throws: AvatarError.self) {
            try PhotoRig(contentsOf: files.path("ann.rig.json"))
        }
        #expect(error.description.contains(message), "\(error)")
    }

    @Test func `an image outside of the folder is refused`() throws {
        let files = try TemporaryPictures()
        try files.write(#"{"image": "../secret.png", "points": {}}"#, to: "a.rig.json")
        let error = try #require(throws: AvatarError.self) {
            try PhotoRig(contentsOf: files.path("a.rig.json"))
        }
        #expect(error.description.contains("image: the name of a .png or .jpg file in the same folder"))
    }

    @Test func `JPEG is read, and what is none is refused`() throws {
        let files = try TemporaryPictures()
        let picture = PortraitRenderer(try BuiltInAvatars.avatar("happy"), size: 128).render(MotionFrame())
        try picture.writePNG(to: files.path("a.png"))
        let made = try Tool.run(
            "ffmpeg",
            ["-loglevel", "error", "-i", files.path("a.png"), "-q:v", "2", files.path("a.jpg")]
        )
        try #require(made.status == 0)
        let read = try RasterImage(contentsOf: files.path("a.jpg"))
        #expect(Self.difference(read, picture, rows: 0..<128) < 4)
        #expect(throws: AvatarError.self) { try RasterImage(jpeg: files.path("a.png")) }
        #expect(throws: AvatarError.self) { try RasterImage(jpeg: files.path("a.jpg"), limitPixelCount: 100) }
        try files.write("", to: "empty.jpg")
        #expect(throws: AvatarError.self) { try RasterImage(contentsOf: files.path("empty.jpg")) }
        #expect(throws: AvatarError.self) { try RasterImage(contentsOf: files.path("a.gif")) }
    }
}
