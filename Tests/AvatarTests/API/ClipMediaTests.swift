import Foundation
import TestSupport
import Testing

@testable import Avatar

/// Which files the API hands out, and which it removes.
@Suite struct ClipMediaTests {
    private static let name = "speak-0123456789abcdef0123456789abcdef"

    @Test func `what the API makes has an address`() {
        for ending in ["mp4", "webm", "wav", "poster.png", "waveform.png", "mouth.png"] {
            let path = ClipMedia.path(run: "avatar-20261129", file: "\(Self.name).\(ending)")
            #expect(path == "avatar-20261129/media/\(Self.name).\(ending)")
        }
    }

    @Test(arguments: [
        ("avatar-1", "../run.json"), ("avatar-1", "speak-..%2f.wav"), ("..", "\(name).mp4"),
        (".", "\(name).mp4"),
        ("avatar-1/../x", "\(name).mp4"), ("stage2", "\(name).mp4"), ("", "\(name).mp4"),
        ("avatar-1", "\(name).json"), ("avatar-1", name), ("avatar-1", "\(name)0.mp4"),
        ("avatar-1", "clip-0123456789abcdef0123456789abcdef.mp4"),
        ("avatar-1", "speak-0123456789ABCDEF0123456789abcdef.mp4"), ("avatar-1\0", "\(name).mp4"),
    ])
    func `nothing else has one`(_ run: String, _ file: String) {
        #expect(ClipMedia.path(run: run, file: file) == nil)
    }

    @Test func `over the quota the oldest clips of the API go, and nobody else's files`() throws {
        let folder = try TemporaryDirectory()
        let old = "runs/avatar-1/media/speak-" + String(repeating: "a", count: 32) + ".mp4"
        let new = "runs/avatar-2/media/speak-" + String(repeating: "b", count: 32) + ".mp4"
        let mine = "runs/avatar-1/media/clip-" + String(repeating: "c", count: 32) + ".mp4"
        for (age, path) in [(300, mine), (200, old), (100, new)] {
            try folder.write([UInt8](repeating: 0, count: 1_000), to: path)
            let date = Date(timeIntervalSinceNow: -Double(age))
            try FileManager.default.setAttributes(
                [.modificationDate: date],
                ofItemAtPath: folder.path(of: path)
            )
        }
        let media = ClipMedia(runs: folder.path(of: "runs"), quotaBytes: 1_500)
        #expect(media.usedBytes() == 2_000)
        try media.makeRoom()
        #expect(!folder.exists(old) && folder.exists(new) && folder.exists(mine))
        #expect(media.usedBytes() == 1_000)
        try ClipMedia(runs: folder.path(of: "nowhere"), quotaBytes: 0).makeRoom()
    }

    @Test func `over the quota a clip goes as a whole, however long its video took`() throws {
        let folder = try TemporaryDirectory()
        let first = "runs/avatar-1.5/media/speak-" + String(repeating: "a", count: 32)
        let second = "runs/avatar-1.5/media/speak-" + String(repeating: "b", count: 32)
        // The sound of the second is older than the video of the first.
        for (age, path) in [
            (400, first + ".wav"), (300, second + ".wav"), (200, first + ".mp4"), (100, second + ".mp4"),
        ] {
            try folder.write([UInt8](repeating: 0, count: 1_000), to: path)
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -Double(age))],
                ofItemAtPath: folder.path(of: path)
            )
        }
        let media = ClipMedia(runs: folder.path(of: "runs"), quotaBytes: 3_500)
        try media.makeRoom()
        #expect(!folder.exists(first + ".wav") && !folder.exists(first + ".mp4"))
        #expect(folder.exists(second + ".wav") && folder.exists(second + ".mp4"))
    }
}
