import Files
import Foundation
import SpeechSupport
import Synchronization
import TestSupport
import Testing

@testable import Trainer

/// Several commands at the same moment.
@Suite(.timeLimit(.minutes(3))) struct RunClaimTests: RunLogReading {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func origin(_ run: String) -> TrainingOrigin {
        TrainingOrigin(run: run, kind: .new, message: "")
    }

    /// What was true before the lock was there may not be true with it.
    @Test func theChoiceIsMadeUnderTheLock() throws {
        var choices = ["finished-meanwhile", "new", "new", "never-asked"]
        var isLocked: [Bool] = []
        // Whose they are is only sure under the lock.
        let left = ["finished-meanwhile", "new"].map { "\($0)/checkpoints/.voxsite-tmp-1-1" }
        for name in left { try folder.write("half", to: name) }
        let claim = try RunClaim.take {
            "\(folder.path)/\($0)/checkpoints"
        } choose: {
            let run = choices.removeFirst()
            let lock = "\(folder.path)/\(run)/checkpoints"
            isLocked.append(FileIdentity.find(lock) != nil && (try? RunLock(folder: lock)) == nil)
            return origin(run)
        }
        #expect(claim.origin.run == "new")
        #expect(choices == ["never-asked"])
        #expect(isLocked == [false, false, true])
        #expect(left.map { folder.exists($0) } == [true, false])
        // What was not taken in the end is free.
        _ = try RunLock(folder: "\(folder.path)/finished-meanwhile/checkpoints")
        #expect(throws: TrainerError.self) { try RunLock(folder: claim.folder.path) }
    }

    @Test func choosingWaitsForWhoeverChooses() async throws {
        let order = Mutex<[String]>([])
        var first: RunLock? = try await RunLock.choosing(in: folder.path)
        await #expect(throws: TrainerError.self) {
            try await RunLock.choosing(in: folder.path, patience: .zero)
        }
        async let second: Void = {
            let lock = try await RunLock.choosing(in: folder.path)
            order.withLock { $0.append("second") }
            withExtendedLifetime(lock) {}
        }()
        order.withLock { $0.append("first") }
        first = nil
        try await second
        #expect(first == nil)
        #expect(order.withLock { $0 } == ["first", "second"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func namesOfOneSecondDiffer() throws {
        let options = TrainingOptions(stage: "stage1", runs: folder.path)
        #expect(try TrainingOrigin.newName(options, now: 0) == "stage1-19700101-000000")
        try folder.createDirectory("stage1-19700101-000000")
        #expect(try TrainingOrigin.newName(options, now: 0) == "stage1-19700101-000000-2")
    }

    /// Whoever comes while another command chooses waits, and makes nothing before.
    @Test func nothingIsBegunWhileAnotherChooses() async throws {
        let language = try ToneLanguage.withTokenizer()
        let configuration = try language.configuration("training.num_epochs=1")
        let options = language.options()
        try FileSystem.createDirectories(options.runs)
        var chooser: RunLock? = try await RunLock.choosing(in: options.runs)
        let second = Task { try await TrainingRun(configuration, options).begin() }
        // Time enough to begin.
        try await TrainingRun(configuration, language.options(runs: "elsewhere")).run()
        #expect(try runs(options).isEmpty)
        #expect(chooser != nil)
        chooser = nil
        let claim = try await second.value.0
        #expect(try runs(options) == [claim.origin.run])
    }

    /// The same command, several times at once: one trains, and the others say why they do not.
    @Test func ofEqualCommandsOneTrains() async throws {
        let language = try ToneLanguage.withTokenizer()
        let configuration = try language.configuration("training.num_epochs=1", "training.save_interval=100")
        let options = language.options()
        let claims = await withTaskGroup(of: Result<RunClaim, any Error>.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do {
                        return .success(try await TrainingRun(configuration, options).begin().0)
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        // All claims are held until here.
        #expect(claims.count { (try? $0.get()) != nil } == 1)
        for case .failure(let error) in claims {
            #expect("\(error)".contains("another voxsite trains into this folder"))
        }
        #expect(try runs(options).count == 1)
        #expect(try statuses(lines(options)) == ["running"])
    }
}
