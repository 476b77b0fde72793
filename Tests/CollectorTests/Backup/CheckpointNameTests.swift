import Files
import TestSupport
import Testing

@testable import Collector

@Suite struct CheckpointNameTests {
    struct Reading: Sendable, CustomTestStringConvertible {
        let path: String
        let kind: CheckpointName.Kind?
        var step: Int?
        var epoch: Int?
        var stage: String?
        var testDescription: String { path }
    }

    @Test(
        "Names of the trainer and of the scripts it replaces are understood",
        arguments: [
            Reading(path: "best.pt", kind: .best),
            Reading(path: "best.safetensors", kind: .best),
            Reading(path: "best_final_stage1.pt", kind: .best, stage: "stage1"),
            Reading(path: "stage2/best.pt", kind: .best, stage: "stage2"),
            Reading(path: "stage2/old/best.pt", kind: .best, stage: "stage2"),
            Reading(path: "step_1200.safetensors", kind: .step, step: 1200),
            Reading(path: "step_14272_epoch15.pt", kind: .step, step: 14_272, epoch: 15),
            Reading(path: "step=000100-epoch=3.ckpt", kind: .step, step: 100, epoch: 3),
            Reading(path: "step7.pth", kind: .step, step: 7),
            Reading(path: "final.pt", kind: .final),
            Reading(path: "final.safetensors", kind: .final),
            Reading(path: "final_step_9000.pt", kind: .final, step: 9000),
            Reading(path: "best_step_1200.pt", kind: .best, step: 1200),
            Reading(path: "epoch_history.log", kind: .history),
            Reading(path: "stage2/epoch_history.log", kind: .history, stage: "stage2"),
            Reading(path: "train.log", kind: .log),
            Reading(path: "metrics.jsonl", kind: .log),
            // 40 zeros are no large number.
            Reading(path: "step_0000000000000000000000000000000000000012.pt", kind: .step, step: 12),
        ]
    )
    func known(_ reading: Reading) throws {
        let name = try #require(CheckpointName(RelativePath(validating: reading.path)))
        #expect(name.kind == reading.kind)
        #expect(name.step == reading.step)
        #expect(name.epoch == reading.epoch)
        #expect(name.stage == reading.stage)
    }

    @Test(
        "What is not clearly a checkpoint, or could pass for a name of the backup's own, is none",
        arguments: [
            "best", "best.pt.tmp", ".best.pt", ".voxsite-partial/best.pt", "best.txt", "bestest.pt",
            "step.pt",
            "step_.pt", "step_x.pt", "step_99999999999999999999999999.pt", "step_9223372036854775808.pt",
            "step_9223372036854775807.pt", "step_-5.pt", "step_١٢.pt", "optimizer.pt", "model.bin", ".pt",
            "best.0123456789ab.pt", "manifest.jsonl", "manifest.jsonl/best.pt", "quarantine/best.pt",
            "best\u{1B}[2J.pt", "newest_step.pt", "epoch_history.log.gen0001", "steps.pt",
        ]
    )
    func unknown(_ path: String) throws {
        #expect(CheckpointName(try RelativePath(validating: path)) == nil)
    }

    @Test("Any name is read without a trap, and what is read names paths below the folder")
    func hostileNames() throws {
        var random = SeededRandom.fresh()
        let pieces = [
            "step", "_", "best", "epoch", "9", "99999999999", "-", "=", ".", "pt", ".pt", "/", "stage", "é",
        ]
        for _ in 0..<5000 {
            let text = random.text(1...12, of: pieces)
            guard let path = try? RelativePath(validating: text), let name = CheckpointName(path) else {
                continue
            }
            let sha256 = SHA256Value(hashing: random.bytes(4))
            let contents = try name.contentPath(path, sha256)
            #expect(BackupStore.isContentPath(contents), "\(text) \(random)")
            #expect(contents != (try name.aliasPath(path)), "\(text) \(random)")
            #expect(!BackupStore.isContentPath(try name.aliasPath(path)), "\(text) \(random)")
            #expect((name.step ?? 0) >= 0, "\(text) \(random)")
        }
    }

    @Test("Contents are kept under a name with their hash, and an alias without")
    func paths() throws {
        let path = try RelativePath(validating: "stage2/best.pt")
        let name = try #require(CheckpointName(path))
        let sha256 = SHA256Value(hashing: [])
        #expect(try name.contentPath(path, sha256).string == "stage2/best.e3b0c44298fc.pt")
        #expect(try name.aliasPath(path).string == "stage2/best.pt")
        let step = try RelativePath(validating: "step_5.pt")
        #expect(try CheckpointName(step)?.aliasPath(step).string == "newest_step.pt")
    }
}
