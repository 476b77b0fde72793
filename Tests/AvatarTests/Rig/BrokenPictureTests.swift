import Foundation
import TestSupport
import Testing

@testable import Avatar

/// Pictures that nobody can read, and what is said of each.
@Suite struct BrokenPictureTests {
    private let files: TemporaryPictures
    private let png: [UInt8]

    init() throws {
        files = try TemporaryPictures()
        png = RasterImage(width: 40, height: 30) { $0.fillAll(.solid(.white)) }.png()
    }

    /// What is said of a file, when it is decoded and when it is only looked at.
    private func complaint(_ bytes: [UInt8], name: String = "a.png") throws -> String {
        try Data(bytes).write(to: URL(filePath: files.path(name)))
        let error = try #require(throws: AvatarError.self) {
            try RasterImage(contentsOf: files.path(name))
        }
        let look = #expect(throws: AvatarError.self) { try RasterImage.check(files.path(name)) }
        #expect(look?.description == error.description)
        #expect(!error.description.contains("memory"))
        return error.description
    }

    /// The PNG with another size in its header; the checksum is no longer right.
    private func sized(_ width: UInt32, _ height: UInt32) -> [UInt8] {
        var bytes = png
        for (offset, value) in [(16, width), (20, height)] {
            for index in 0..<4 {
                bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (24 - 8 * index))
            }
        }
        return bytes
    }

    private func jpeg() throws -> [UInt8] {
        try Data(png).write(to: URL(filePath: files.path("source.png")))
        let arguments = [
            "-loglevel", "error", "-y", "-i", files.path("source.png"), files.path("source.jpg"),
        ]
        try #require(try Tool.run("ffmpeg", arguments).status == 0)
        return Array(try Data(contentsOf: URL(filePath: files.path("source.jpg"))))
    }

    @Test func `sizes that are not read are named with their numbers`() throws {
        #expect(try complaint(sized(0, 30)).contains("it says that it has 0×30 pixels"))
        #expect(
            try complaint(sized(30_000, 20_000)).hasSuffix(
                "30000×20000 pixels are too many, at most 67108864 in all are read; make it smaller"
            )
        )
        #expect(
            try complaint(sized(.max, .max)).contains(
                "4294967295×4294967295 pixels are too many, at most 32767"
            )
        )
    }

    @Test func `a PNG that ends anywhere is cut off`() throws {
        for count in [8, 20, 33, 40, png.count - 12, png.count - 1] {
            #expect(try complaint(Array(png.prefix(count))).contains("it is cut off"), "\(count)")
        }
    }

    @Test func `a JPEG that ends before its pixels is cut off`() throws {
        let bytes = try jpeg()
        for count in [3, 20, 60] {
            #expect(
                try complaint(Array(bytes.prefix(count)), name: "a.jpg").contains("it is cut off"),
                "\(count)"
            )
        }
    }

    @Test func `a JPEG that ends among its pixels is cut off`() throws {
        let bytes = try jpeg()
        for count in [bytes.count - 4, bytes.count - 2] {
            try Data(bytes.prefix(count)).write(to: URL(filePath: files.path("a.jpg")))
            let error = #expect(throws: AvatarError.self) {
                _ = try RasterImage(contentsOf: files.path("a.jpg"))
            }
            #expect(error?.description.contains("it is cut off; copy it again") == true, "\(count)")
        }
    }

    @Test func `what is no picture is said to be none`() throws {
        #expect(try complaint([]).contains("it is empty"))
        #expect(try complaint(Array("BM, a bitmap".utf8)).contains("it is neither PNG nor JPEG"))
        #expect(try complaint([0xFF, 0xD8]).contains("it is neither PNG nor JPEG"))
        #expect(try complaint([0xFF, 0xD8, 0xFF, 0xE0, 0, 0, 0, 0]).contains("it is damaged"))
    }

    @Test func `pixels that are damaged are found when they are decoded`() throws {
        try files.writeDamaged("a.png")
        let error = #expect(throws: AvatarError.self) {
            _ = try RasterImage(contentsOf: files.path("a.png"))
        }
        #expect(error?.description.contains("it is damaged") == true)
    }

    @Test func `a picture is what its bytes are, whatever its name says`() throws {
        try Data(png).write(to: URL(filePath: files.path("a.jpg")))
        #expect(try RasterImage(contentsOf: files.path("a.jpg")).width == 40)
        try Data(try jpeg()).write(to: URL(filePath: files.path("b.png")))
        #expect(try RasterImage(contentsOf: files.path("b.png")).height == 30)
    }

    @Test func `no bytes whatever trap`() throws {
        var random = SeededRandom.fresh()
        let starts = [png, try jpeg()]
        for round in 0..<300 {
            var bytes = starts[round % 2]
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 2..<min(200, bytes.count), using: &random)] = .random(
                    in: 0...255,
                    using: &random
                )
            }
            bytes.removeLast(Int.random(in: 0...bytes.count / 2, using: &random))
            try Data(bytes).write(to: URL(filePath: files.path("a.png")))
            _ = try? RasterImage.check(files.path("a.png"))
            // A small limit: a size that chance makes large takes memory and time.
            _ = try? RasterImage(png: files.path("a.png"), limitPixelCount: 10_000)
            _ = try? RasterImage(jpeg: files.path("a.png"), limitPixelCount: 10_000)
        }
    }
}
