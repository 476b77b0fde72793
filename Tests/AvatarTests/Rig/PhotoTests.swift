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

    @Test func `lips that were apart close over the teeth, and open upon them again`() throws {
        let files = try TemporaryPictures()
        try files.writePhoto("ann", mouth: Viseme.sequence(of: "æ")[0].target)
        let skin = try PhotoRenderer(rig: PhotoRig(contentsOf: files.path("ann.rig.json")), size: 512)
        /// Pixels of the mouth that are bright without a colour: skin and lips are not.
        func teeth(_ image: RasterImage) -> Int {
            var count = 0
            for y in 300..<380 {
                for x in 200..<312 {
                    let index = 4 * (y * 512 + x)
                    let channels = image.pixels[index..<index + 3].map(Int.init)
                    let (low, high) = (channels.min() ?? 0, channels.max() ?? 0)
                    if low > 140, high - low < 22 { count += 1 }
                }
            }
            return count
        }
        let taken = teeth(try RasterImage(png: files.path("ann.png")))
        #expect(taken > 100)
        for symbol in ["_", "m"] {
            var frame = MotionFrame()
            frame.mouth = Viseme.sequence(of: symbol)[0].target
            #expect(teeth(skin.render(frame)) < taken / 20, "\(symbol)")
        }
        var frame = MotionFrame()
        frame.mouth = Viseme.sequence(of: "ɑ")[0].target
        #expect(teeth(skin.render(frame)) > taken / 8)
    }

    @Test func `the eyes of a photograph look around, and their corners stay`() throws {
        let files = try TemporaryPictures()
        try files.writePhoto("ann")
        let rig = try PhotoRig(contentsOf: files.path("ann.rig.json"))
        let skin = try PhotoRenderer(rig: rig, size: 512)
        var frame = MotionFrame()
        frame.gazeX = 0.6
        let (aside, ahead) = (skin.render(frame), skin.render(MotionFrame()))
        func moved(_ point: Point) -> Int {
            let index = 4 * (Int(point.y * 512) * 512 + Int(point.x * 512))
            return (0..<3).map { abs(Int(aside.pixels[index + $0]) - Int(ahead.pixels[index + $0])) }.max()
                ?? 0
        }
        let (outer, inner) = (rig.point(.leftEyeOuter), rig.point(.leftEyeInner))
        let row = (0..<60).map { moved(outer + (inner - outer) * (Double($0) / 60)) }
        #expect((row.max() ?? 0) > 40)
        #expect(moved(outer) < 8 && moved(inner) < 8)
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

    @Test func `a camera's orientation is followed`() throws {
        let files = try TemporaryPictures()
        // Left half black, right half white, as stored.
        let stored = RasterImage(width: 32, height: 16) { canvas in
            canvas.fillAll(.solid(.white))
            canvas.fill(.ellipse(Point(0, 8), 16, 40), .solid(.black))
        }
        try stored.writePNG(to: files.path("a.png"))
        let made = try Tool.run(
            "ffmpeg",
            ["-loglevel", "error", "-i", files.path("a.png"), "-q:v", "2", files.path("a.jpg")]
        )
        try #require(made.status == 0)
        let plain = try Data(contentsOf: URL(filePath: files.path("a.jpg")))
        // Exif 2.2: a big-endian TIFF with one entry, tag 0x0112, a short, once.
        func marked(_ orientation: UInt8, paddingCount: Int = 0) throws -> RasterImage {
            let tiff: [UInt8] =
                Array("MM".utf8) + [
                    0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0,
                ]
                + [0, 0, 0, 0]
            let body = Array("Exif".utf8) + [0, 0] + tiff
            let data =
                plain.prefix(2) + Data(repeating: 0xFF, count: paddingCount)
                + Data([0xFF, 0xE1, 0, UInt8(body.count + 2)] + body) + plain.dropFirst(2)
            try data.write(to: URL(filePath: files.path("b.jpg")))
            return try RasterImage(jpeg: files.path("b.jpg"))
        }
        func isDark(_ image: RasterImage, _ x: Int, _ y: Int) -> Bool {
            image.pixels[4 * (y * image.width + x)] < 90
        }
        let upright = try marked(1)
        #expect(upright.width == 32 && isDark(upright, 2, 8) && !isDark(upright, 29, 8))
        let halfTurn = try marked(3)
        #expect(halfTurn.width == 32 && isDark(halfTurn, 29, 8))
        // 6: the stored top is on the right, so the stored left is at the top.
        let right = try marked(6)
        #expect(right.width == 16 && isDark(right, 8, 2) && !isDark(right, 8, 29))
        let left = try marked(8)
        #expect(left.width == 16 && isDark(left, 8, 29))
        #expect(try marked(77).width == 32)
        #expect(try marked(6, paddingCount: 3).width == 16)
    }

    @Test func `placed points are written where they are read`() throws {
        let files = try TemporaryPictures()
        try files.writePhoto("ann")
        let path = files.path("ann.png")
        let rig = try PhotoRig.write(PhotoRig.template, image: path, name: "An \"Ann\"")
        #expect(try PhotoRig(contentsOf: files.path("ann.rig.json")) == rig)
        #expect(rig.name == "An \"Ann\"" && rig.imagePath == path)
        var wrong = PhotoRig.template
        wrong[.chin] = SIMD2(0.5, 0.1)
        #expect(throws: AvatarError.self) { try PhotoRig.write(wrong, image: path) }
        wrong[.chin] = nil
        #expect(throws: AvatarError.self) { try PhotoRig.write(wrong, image: path) }
        #expect(try PhotoRig(contentsOf: files.path("ann.rig.json")) == rig)
    }
}
