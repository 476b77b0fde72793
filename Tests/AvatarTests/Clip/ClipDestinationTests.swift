import Foundation
import TestSupport
import Testing

@testable import Avatar

/// Where a clip can be copied to, which is looked at before it is made.
@Suite struct ClipDestinationTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func refusal(_ name: String) -> String? {
        do {
            _ = try ClipDestination(folder.path(of: name))
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `a missing folder and a folder in its place are refused, with what to do`() throws {
        try folder.write("", to: "a.mp4/x")
        #expect(
            refusal("none/a.mp4")?.hasSuffix("there is no folder \(folder.path)/none; create it first")
                == true
        )
        #expect(refusal("a.mp4")?.hasSuffix("it is a folder; give the name of a file in it") == true)
        #expect(refusal("b.mp4") == nil)
    }

    /// Root in a container would replace /dev/null for everybody.
    @Test func `a pipe or a device is not replaced`() throws {
        #expect(mkfifo(folder.path(of: "pipe.mp4"), 0o600) == 0)
        #expect(refusal("pipe.mp4")?.contains("it is a pipe, a socket or a device") == true)
        let error = #expect(throws: AvatarError.self) { try ClipDestination("/dev/null") }
        #expect(error?.description.contains("it is a pipe, a socket or a device") == true)
    }

    @Test(.enabled(if: getuid() != 0, "root may write everywhere"))
    func `what is read-only is left alone`() throws {
        try folder.write("old", to: "a.mp4")
        chmod(folder.path(of: "a.mp4"), 0o444)
        #expect(refusal("a.mp4")?.contains("read-only") == true)
        chmod(folder.path, 0o555)
        defer { chmod(folder.path, 0o755) }
        #expect(refusal("b.mp4")?.contains("nothing can be written in") == true)
    }

    @Test func `a clip replaces what was there, and stays where it was`() throws {
        try folder.write("clip", to: "run.mp4")
        try folder.write("old", to: "a.mp4")
        let destination = try ClipDestination(folder.path(of: "a.mp4"))
        try destination.receive(folder.path(of: "run.mp4"))
        #expect(try folder.readText("a.mp4") == "clip" && folder.readText("run.mp4") == "clip")
    }

    @Test func `whoever cannot have a copy is told where the clip lies`() throws {
        try folder.write("clip", to: "run.mp4")
        try folder.write("", to: "out/old.mp4")
        let destination = try ClipDestination(folder.path(of: "out/a.mp4"))
        try FileManager.default.removeItem(atPath: folder.path(of: "out"))
        let error = #expect(throws: AvatarError.self) { try destination.receive(folder.path(of: "run.mp4")) }
        let words = error?.description ?? ""
        #expect(words.contains("out/a.mp4: cannot write"))
        #expect(words.hasSuffix("the clip itself is kept: \(folder.path(of: "run.mp4"))"))
    }
}
