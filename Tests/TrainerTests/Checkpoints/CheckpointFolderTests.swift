import Files
import Foundation
import TensorCore
import TestSupport
import Testing

@testable import Trainer

/// What is kept in a folder of checkpoints, and what is left alone.
@Suite struct CheckpointFolderTests {
    private let directory: TemporaryDirectory
    private let folder: CheckpointFolder

    init() throws {
        directory = try TemporaryDirectory()
        folder = CheckpointFolder(directory.path)
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() }
    }

    /// A checkpoint as far as the folder looks into it: the state of a run.
    private func write(_ run: String, to path: String) throws {
        let state = String(
            decoding: try JSONEncoder().encode(TrainingState(run: run, stage: "stage1")),
            as: UTF8.self
        )
        let entry = SafetensorsFile.Entry("weight", try StoredTensor(try Tensor([1, 2], [2])))
        try SafetensorsFile.write([entry], metadata: ["voxsite.state": state], to: path)
    }

    @Test func stepsAreFoundByNumberTheNewestFirst() throws {
        for name in ["step_9", "step_10", "step_200"] { try directory.write("", to: "\(name).safetensors") }
        for name in [
            "step_.safetensors", "step_x.safetensors", "step_007.safetensors", "step_-3.safetensors",
            "step_+4.safetensors", "step_2-first.safetensors", "step_5.pt", "step_6", "xstep_8.safetensors",
            "step_99999999999999999999.safetensors", ".voxsite-tmp-1-1", "best.safetensors",
        ] { try directory.write("", to: name) }
        #expect(folder.steps() == [200, 10, 9])
        #expect(CheckpointFolder("\(directory.path)/missing").steps().isEmpty)
    }

    @Test func onlyTheLastFewOfTheRunAreKept() throws {
        for step in [2, 4, 6, 8, 10] { try write(step == 8 ? "other" : "own", to: folder.step(step)) }
        try write("own", to: folder.best)
        folder.prune("own", keeping: nil, written: 10)
        #expect(folder.steps() == [10, 8, 6, 4, 2])
        folder.prune("own", keeping: 2, written: 10)
        // Another run's is neither removed nor counted.
        #expect(folder.steps() == [10, 8, 6])
        #expect(directory.exists("best.safetensors"))
    }

    /// A run that was taken back to step 4 keeps what it writes now, not what it wrote in the life before.
    @Test func thoseWrittenLastAreKeptWhateverTheirSteps() throws {
        for (second, step) in [10, 17, 4, 6].enumerated() {
            try write("own", to: folder.step(step))
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000 + Double(second))],
                ofItemAtPath: folder.step(step)
            )
        }
        folder.prune("own", keeping: 2, written: 6)
        #expect(folder.steps() == [6, 4])
        // A clock that was set back changes nothing for the file that was just written.
        try write("own", to: folder.step(8))
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1)],
            ofItemAtPath: folder.step(8)
        )
        folder.prune("own", keeping: 1, written: 8)
        #expect(folder.steps() == [8])
    }

    /// A file that cannot be read is no checkpoint to go on from: the readable ones before it must stay.
    @Test func aDamagedNewestCountsForNothing() throws {
        for step in [2, 4] { try write("own", to: folder.step(step)) }
        try directory.write("torn", to: "step_6.safetensors")
        try directory.write("", to: "step_8.safetensors")
        folder.prune("own", keeping: 1, written: 4)
        #expect(folder.steps() == [8, 6, 4])
        #expect(try TrainingCheckpoint(folder.step(4)).state?.run == "own")
    }

    /// Also what bears the number of a process that is alive: a container gives its only one the same each time.
    @Test func whatAKilledProcessLeftHalfWrittenIsRemoved() throws {
        let own = ProcessInfo.processInfo.processIdentifier
        // The largest number that Linux gives a process is 4194304; init is always there.
        let left = [".voxsite-tmp-4194305-1", ".voxsite-tmp-\(own)-7", ".voxsite-tmp-1-1"]
        let foreign = [
            ".voxsite-tmp-", ".voxsite-tmp-x-1", ".voxsite-tmp-1", ".voxsite-tmp-1-1-1", "notes.txt",
            ".voxsite-tm-4194305-1",
        ]
        for name in left + foreign { try directory.write("half", to: name) }
        try folder.prepare()
        #expect(try names == (left + foreign).sorted())
        folder.removeHalfWritten()
        #expect(try names == foreign.sorted())
    }

    @Test func theFolderIsMadeWhereItIsMissingAndAFileInItsPlaceIsSaid() throws {
        let below = CheckpointFolder("\(directory.path)/a/b")
        try below.prepare()
        #expect(directory.exists("a/b"))
        try directory.write("", to: "file")
        let error = #expect(throws: TrainerError.self) {
            try CheckpointFolder("\(directory.path)/file").prepare()
        }
        #expect(error.map { "\($0)" }?.contains("\(directory.path)/file") == true)
    }

    @Test func anotherRunsFilesAreSetAsideAndForeignOnesStay() throws {
        try write("first", to: folder.best)
        try write("first", to: folder.step(2))
        try write("second", to: folder.step(4))
        try directory.write("torn", to: "final.safetensors")
        try directory.write("torn", to: "step_6.safetensors")
        try directory.write("mine", to: "notes.txt")
        try directory.write("[…] Epoch 0", to: "epoch_history.log")
        folder.setOthersAside(for: "second")
        #expect(
            try names == [
                "best-first.safetensors", "epoch_history-first.log", "final.safetensors", "notes.txt",
                "step_2-first.safetensors", "step_4.safetensors", "step_6-unusable.safetensors",
            ]
        )
        #expect(folder.steps() == [4])
        // Nothing is left to be set aside.
        let before = try names
        folder.setOthersAside(for: "second")
        #expect(try names == before)
    }
}
