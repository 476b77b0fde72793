import Files
import Foundation
import TensorCore
import TestSupport
import Testing

@testable import Trainer

/// What becomes of a folder's files where a run is taken back to one of them.
@Suite struct TakingBackTests {
    private let directory: TemporaryDirectory
    private let folder: CheckpointFolder

    init() throws {
        directory = try TemporaryDirectory()
        folder = CheckpointFolder(directory.path)
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() }
    }

    /// A checkpoint as far as the folder looks into it: a state, and a tensor that tells branches apart.
    private func write(_ run: String, _ step: Int, to path: String, weight: Float = 1) throws {
        var state = TrainingState(run: run, stage: "stage1")
        state.step = step
        let text = String(decoding: try JSONEncoder().encode(state), as: UTF8.self)
        let entry = SafetensorsFile.Entry("weight", try StoredTensor(try Tensor([weight], [1])))
        try SafetensorsFile.write([entry], metadata: ["voxsite.state": text], to: path, checksumming: true)
    }

    private func weight(_ path: String) throws -> Float {
        try TrainingCheckpoint(path).checkpoint.tensor("weight").item()
    }

    @Test func laterStepsAndTheEndAreSetAsideAndNothingElse() throws {
        for step in [2, 4, 6, 8] { try write("own", step, to: folder.step(step)) }
        try write("own", 9, to: folder.final)
        try write("own", 6, to: folder.best)
        try write("other", 10, to: folder.step(10))
        try directory.write("torn", to: "step_12.safetensors")
        try directory.write("mine", to: "notes~7.txt")
        let renamed = try folder.takeBack(to: TrainingCheckpoint(folder.step(4)))
        // What is newest comes last: killed before that, the run is where it was.
        let order = ["step_6", "step_8", "final"].map { "\(folder.path)/\($0).safetensors" }
        #expect(renamed.map(\.old) == order)
        #expect(
            try names == [
                "best.safetensors", "final~1.safetensors", "notes~7.txt", "step_10.safetensors",
                "step_12.safetensors", "step_2.safetensors", "step_4.safetensors", "step_6~1.safetensors",
                "step_8~1.safetensors",
            ]
        )
        // No branch is taken for another run's.
        #expect(folder.runsSetAside().isEmpty)
        #expect(try folder.takeBack(to: TrainingCheckpoint(folder.step(4))).isEmpty)
    }

    /// Taken back again and again, a run keeps every branch.
    @Test func everyBranchKeepsItsFiles() throws {
        for branch in 1...3 {
            try write("own", 2, to: folder.step(2))
            try write("own", 4, to: folder.step(4), weight: Float(branch))
            _ = try folder.takeBack(to: TrainingCheckpoint(folder.step(2)))
        }
        #expect(folder.steps() == [2])
        for branch in 1...3 {
            #expect(try weight("\(folder.path)/step_4~\(branch).safetensors") == Float(branch))
        }
    }

    /// Where it lies elsewhere, a kill before the first save would leave nothing to go on from.
    @Test func aCheckpointFromElsewhereIsCopied() throws {
        try folder.prepare()
        let backup = directory.path(of: "backup.safetensors")
        try write("own", 4, to: backup, weight: 7)
        for step in [6, 8] { try write("own", step, to: folder.step(step)) }
        _ = try folder.takeBack(to: TrainingCheckpoint(backup))
        #expect(folder.steps() == [4])
        #expect(try weight(folder.step(4)) == 7)
        #expect(directory.exists("backup.safetensors"))
        // The step of another branch has its place.
        try write("own", 4, to: backup, weight: 9)
        let renamed = try folder.takeBack(to: TrainingCheckpoint(backup))
        #expect(renamed.map { FileSystem.name(of: $0.new) } == ["step_4~2.safetensors"])
        #expect(try weight(folder.step(4)) == 9)
        #expect(try weight("\(folder.path)/step_4~2.safetensors") == 7)
    }
}
