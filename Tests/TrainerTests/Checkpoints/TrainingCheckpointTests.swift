import Files
import Foundation
import SpeechSupport
import TensorCore
import TestSupport
import Testing

@testable import Trainer

/// What a checkpoint says of itself, and whether it is true.
@Suite(.timeLimit(.minutes(3))) struct TrainingCheckpointTests: RunLogReading {
    private let language: ToneLanguage
    private let configuration: TrainingConfiguration
    private let options: TrainingOptions

    init() throws {
        language = try .withTokenizer()
        configuration = try language.configuration("training.num_epochs=1")
        options = language.options()
    }

    /// Turns one bit of a file over, as a bad cable or memory does.
    private func flip(_ path: String, at place: Int) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[place] ^= 1
        // The mapping of the old file stays as it is.
        try FileSystem.removeFile(path)
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    /// Where a text stands in a file.
    private func place(of text: String, in path: String) throws -> Int {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        return try #require(bytes.range(of: Data(text.utf8))?.lowerBound)
    }

    private static let complaint = "its contents are not what was written (checksum "

    @Test func aFlippedBitIsFoundWhereverTheFileIsUsed() async throws {
        try await TrainingRun(configuration, options).run()
        let final = try finalPath(options)
        #expect(try TrainingCheckpoint(final).checkpoint.verifyChecksums())
        let size = try #require(FileIdentity.find(final)?.size)
        // In the last weights, in those in the middle, and in the year in the run's name.
        let year = try place(of: "stage1-2", in: final) + "stage1-".utf8.count
        for (index, place) in [size - 1, size / 2, year].enumerated() {
            let path = "\(language.folder.path)/damaged\(index).safetensors"
            try FileManager.default.copyItem(atPath: final, toPath: path)
            try flip(path, at: place)
            let used = #expect(throws: TrainerError.self) { try Recognizer(checkpoint: path) }
            #expect(used.map { "\($0)" }?.contains("\(path): \(Self.complaint)") == true)
            #expect(used.map { "\($0)" }?.hasSuffix("; take another checkpoint or a backup") == true)
            var second = language.options("stage2", runs: "second")
            second.resumePath = path
            let error = await #expect(throws: TrainerError.self) {
                try await TrainingRun(configuration, second).run()
            }
            #expect(error == used)
            #expect(throws: CheckpointFileError.self) {
                try CheckpointConversion().run(Checkpoint(path), to: "\(path).out", synchronizing: false)
            }
        }
    }

    /// A step file whose weights are damaged is passed over like one that cannot be opened.
    @Test func aRunGoesOnFromTheNewestSoundCheckpoint() async throws {
        let stop = TrainingStop()
        let outcome = try await TrainingRun(configuration, options).run(stop: stop) { event in
            if case .progress(let progress) = event, progress.step == 3 { stop.request() }
        }
        guard case .stopped(3, let path) = outcome else { return #expect(Bool(false), "\(outcome)") }
        try flip(path, at: try #require(FileIdentity.find(path)?.size) - 1)
        let origin = try TrainingOrigin.find(configuration, options, newName: "stage1-new")
        #expect(origin.step == 2)
        #expect(origin.message.contains("\nPassed over: \(path): \(Self.complaint)"))
    }

    /// Files of other programs have no checksum and are taken as they are; what is converted has one of its own.
    @Test func othersHaveNoneAndWhatIsConvertedHasItsOwn() async throws {
        try await TrainingRun(configuration, options).run()
        let final = try Checkpoint(finalPath(options))
        let half = "\(language.folder.path)/half.safetensors"
        _ = try CheckpointConversion(floatType: .float16).run(final, to: half, synchronizing: false)
        #expect(try Checkpoint(half).verifyChecksums())
        #expect(try TrainingCheckpoint(half).model().parameters.isEmpty == false)
        let foreign = "\(language.folder.path)/foreign.safetensors"
        let entry = SafetensorsFile.Entry("weight", try StoredTensor(try Tensor([1, 2], [2])))
        try SafetensorsFile.write([entry], to: foreign)
        #expect(try !Checkpoint(foreign).verifyChecksums())
        try TrainingCheckpoint(foreign).verify()
    }
}
