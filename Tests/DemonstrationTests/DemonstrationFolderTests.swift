import Files
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Demonstration

/// The demonstration's folder: its own, one at a time, and nobody else's files in danger.
@Suite struct DemonstrationFolderTests {
    private let place: TemporaryDirectory
    private var path: String { place.path(of: "deep/demo") }

    init() throws { place = try TemporaryDirectory() }

    @Test func aNewFolderSaysWhatMadeIt() throws {
        let folder = try DemonstrationFolder(path)
        #expect(folder.path == path)
        let marker = try place.readText("deep/demo/.voxsite-demo")
        #expect(marker.hasPrefix("voxsite demo, process \(getpid()) "), "\(marker)")
        #expect(marker.contains("writes over"))
    }

    @Test func anEmptyFolderAndOneOfAnEarlierDemoAreTaken() throws {
        try place.createDirectory("deep/demo")
        do { _ = try DemonstrationFolder(path) }
        try place.write("a", to: "deep/demo/stage1.yaml")
        // A process that was killed between making the marker and writing it.
        try place.write("", to: "deep/demo/.voxsite-demo")
        _ = try DemonstrationFolder(path)
        #expect(try place.readText("deep/demo/.voxsite-demo").hasPrefix("voxsite demo"))
    }

    @Test func aFolderOfOthersIsRefusedAndStaysAsItIs() throws {
        try place.write("precious", to: "deep/demo/checkpoints/stage1/best.safetensors")
        let error = try #require(throws: DemonstrationError.self) { try DemonstrationFolder(path) }
        guard case .folder(path, let reason) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(reason.contains("not made by voxsite demo") && reason.contains("--folder"), "\(reason)")
        #expect(try DirectoryTree.names(in: path).map(\.name) == ["checkpoints"])
    }

    @Test func aFileOrALinkInTheWayIsSaid() throws {
        try place.write("", to: "deep/demo")
        let error = try #require(throws: DemonstrationError.self) { try DemonstrationFolder(path) }
        #expect("\(error)".hasPrefix(path) && "\(error)".contains("move it away"), "\(error)")
        try place.write("mine", to: "mine")
        try place.createDirectory("deep/linked")
        try FileManager.default.createSymbolicLink(
            atPath: place.path(of: "deep/linked/.voxsite-demo"),
            withDestinationPath: place.path(of: "mine")
        )
        #expect(throws: DemonstrationError.self) { try DemonstrationFolder(place.path(of: "deep/linked")) }
        #expect(try place.readText("mine") == "mine")
    }

    @Test func aSecondDemoIsToldWhoHoldsTheFolderAndComesWhenThatIsGone() throws {
        var first: DemonstrationFolder? = try DemonstrationFolder(path)
        let error = try #require(throws: DemonstrationError.self) { try DemonstrationFolder(path) }
        #expect("\(error)".contains("this process runs a demo in this folder already"), "\(error)")
        #expect("\(error)".contains("--folder"))
        withExtendedLifetime(first) {}
        first = nil
        _ = try DemonstrationFolder(path)
    }

    @Test func onlyCheckpointsOfTheFolderGo() throws {
        let folder = try DemonstrationFolder(path)
        let stage = "\(path)/checkpoints/stage1"
        try folder.removeCheckpoints(in: stage)
        #expect(!place.exists("deep/demo/checkpoints"))
        for name in ["best.safetensors", "epoch_history.log", ".training.lock", "sub/a"] {
            try place.write("a", to: "deep/demo/checkpoints/stage1/\(name)")
        }
        try place.write("a", to: "deep/demo/checkpoints/stage2/best.safetensors")
        try folder.removeCheckpoints(in: stage)
        #expect(try DirectoryTree.names(in: stage).map(\.name) == [".training.lock"])
        #expect(place.exists("deep/demo/checkpoints/stage2/best.safetensors"))
    }

    @Test func checkpointsThatAreTrainedByHandStay() throws {
        let folder = try DemonstrationFolder(path)
        let stage = "\(path)/checkpoints/stage1"
        try place.write("a", to: "deep/demo/checkpoints/stage1/best.safetensors")
        let lock = try OpenFile("\(stage)/.training.lock", flags: O_RDWR | O_CREAT)
        let isHeld = lock.tryLock()
        #expect(isHeld)
        let error = try #require(throws: DemonstrationError.self) { try folder.removeCheckpoints(in: stage) }
        #expect("\(error)".contains("\(stage): another voxsite trains into this folder"), "\(error)")
        #expect(place.exists("deep/demo/checkpoints/stage1/best.safetensors"))
        lock.unlock()
        try folder.removeCheckpoints(in: stage)
        #expect(!place.exists("deep/demo/checkpoints/stage1/best.safetensors"))
    }

    @Test func checkpointsBehindALinkStay() throws {
        let folder = try DemonstrationFolder(path)
        try place.write("a", to: "mine/best.safetensors")
        try place.createDirectory("deep/demo/checkpoints")
        try FileManager.default.createSymbolicLink(
            atPath: "\(path)/checkpoints/stage1",
            withDestinationPath: place.path(of: "mine")
        )
        try folder.removeCheckpoints(in: "\(path)/checkpoints/stage1")
        #expect(place.exists("mine/best.safetensors"))
        #expect(!place.exists("deep/demo/checkpoints/stage1"))
    }
}
