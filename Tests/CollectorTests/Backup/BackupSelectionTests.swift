import Files
import TestSupport
import Testing

@testable import Collector

@Suite struct BackupSelectionTests {
    private func listing(_ names: [String], kind: FileIdentity.Kind = .file) throws -> [ListedFile] {
        try names.map {
            ListedFile(path: try RelativePath(validating: $0), status: FileStatus(kind: kind, size: 1))
        }
    }

    @Test("Best, the newest step, the final and the history are chosen, most important first")
    func seedNames() throws {
        let files = try listing([
            "best.pt", "best_final_stage1.pt", "epoch_history.log", "final.pt", "notes.txt",
            "step_14272_epoch15.pt",
            "step_9999_epoch10.pt", "train.log",
        ])
        let regular = BackupSelection(files, isFinal: false)
        #expect(
            regular.candidates.map(\.path.string) == [
                "epoch_history.log", "best.pt", "best_final_stage1.pt", "final.pt", "step_14272_epoch15.pt",
            ]
        )
        let final = BackupSelection(files, isFinal: true)
        #expect(final.candidates.map(\.path.string) == ["train.log"] + regular.candidates.map(\.path.string))
    }

    @Test("The newest step has the largest number, whatever its time or spelling, in each folder")
    func newestStep() throws {
        var files = try listing([
            "step_900.pt", "step_1000.pt", "b/step_2.pt", "b/step_10.pt", "step_0999.pt",
        ])
        files[0].status.modifiedNanoseconds = 9_000
        files[1].status.modifiedNanoseconds = 1
        let selection = BackupSelection(files, isFinal: false)
        #expect(Set(selection.candidates.map(\.path.string)) == ["step_1000.pt", "b/step_10.pt"])
        let key = try #require(CheckpointName(files[1].path)).seriesKey(files[1].path)
        #expect(selection.olderSteps[key]?.map(\.path.string) == ["step_0999.pt", "step_900.pt"])
    }

    @Test("A link or device with a checkpoint's name is refused, and said so")
    func links() throws {
        let files = try listing(["best.pt"], kind: .symbolicLink) + listing(["step_1.pt"], kind: .other)
        let selection = BackupSelection(files, isFinal: false)
        #expect(selection.candidates.isEmpty)
        #expect(selection.problems.count == 2)
    }

    @Test("The choice does not depend on the order of the listing")
    func order() throws {
        var random = SeededRandom.fresh()
        let names =
            (0..<40).map { "step_\($0 * 7 % 41)\($0 % 3 == 0 ? "_epoch2" : "").pt" } + [
                "best.pt", "final.pt",
            ]
        let files = try listing(Array(Set(names)))
        let expected = BackupSelection(files.sorted { $0.path < $1.path }, isFinal: true)
        for _ in 0..<50 {
            #expect(BackupSelection(files.shuffled(using: &random), isFinal: true) == expected, "\(random)")
        }
    }
}
