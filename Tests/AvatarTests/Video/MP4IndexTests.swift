import Foundation
import TestSupport
import Testing

@testable import Avatar

@Suite struct MP4IndexTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/ffmpeg")),
        arguments: [[], ["+faststart"]]
    )
    func `pictures are counted as ffmpeg wrote them`(_ flags: [String]) throws {
        let path = folder.path(of: "a.mp4")
        let source = [
            "-f", "lavfi", "-i", "sine=duration=1", "-f", "lavfi", "-i",
            "testsrc=size=64x64:rate=25:duration=1.4",
        ]
        let moved = flags.flatMap { ["-movflags", $0] }
        let status = try Tool.run("ffmpeg", ["-loglevel", "error", "-y"] + source + moved + [path]).status
        #expect(status == 0 && MP4Index.pictureCount(of: path) == 35)
        // Cut anywhere, it says nothing or the same.
        let bytes = try folder.read("a.mp4")
        for count in stride(from: 0, to: bytes.count, by: 97) {
            try folder.write(Array(bytes.prefix(count)), to: "cut.mp4")
            #expect([nil, 35].contains(MP4Index.pictureCount(of: folder.path(of: "cut.mp4"))))
        }
    }

    @Test(
        arguments: [
            [], [0, 0, 0], [0, 0, 0, 0] + Array("moov".utf8), [0, 0, 0, 8] + Array("moov".utf8),
            [0, 0, 0, 1] + Array("moov".utf8) + [255, 255, 255, 255, 255, 255, 255, 255],
            [255, 255, 255, 255] + Array("moov".utf8), [0, 0, 0, 7] + Array("ftyp".utf8),
        ] as [[UInt8]]
    )
    func `what has no index has no count`(_ bytes: [UInt8]) throws {
        try folder.write(bytes, to: "a.mp4")
        #expect(MP4Index.pictureCount(of: folder.path(of: "a.mp4")) == nil)
        #expect(MP4Index.pictureCount(of: folder.path(of: "nothing.mp4")) == nil)
    }
}
