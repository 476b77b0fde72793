import Files
import Foundation
import TestSupport
import Testing

@testable import Demonstration

/// Another plan in the same folder: the corpus forgets its own recordings, and nobody else's.
@Suite(.timeLimit(.minutes(1))) struct SpokenPlanTests {
    private let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory() }

    private func corpus(_ training: Int, seed: UInt64 = 7) -> SpokenCorpus {
        let sizes = SpokenCorpus.Sizes(training: training, evaluation: 2, test: 1)
        return SpokenCorpus(folder: place.path(of: "speech"), sizes: sizes, seed: seed)
    }

    /// What recordings of `corpus` would be, without anybody saying them.
    private func pretend(_ corpus: SpokenCorpus) throws {
        try corpus.forgetOtherPlan()
        for line in corpus.lines { try place.write("sound", to: "speech/\(line.file)") }
        try place.write("a", to: "speech/train/100/1/100-1.trans.txt")
        try place.write("half", to: "speech/train/100/1/.voxsite-tmp-1-1")
    }

    private func files() throws -> [String] {
        try DirectoryTree.walk(place.path(of: "speech")).filter { $0.kind == .file }.map(\.path.string)
    }

    @Test func theSamePlanKeepsEverything() throws {
        try pretend(corpus(4))
        let before = try files()
        try corpus(4).forgetOtherPlan()
        #expect(try files() == before)
        // The plan has no absolute paths: a folder that was moved is the same corpus.
        try FileManager.default.moveItem(atPath: place.path(of: "speech"), toPath: place.path(of: "moved"))
        let sizes = SpokenCorpus.Sizes(training: 4, evaluation: 2, test: 1)
        try SpokenCorpus(folder: place.path(of: "moved"), sizes: sizes).forgetOtherPlan()
        #expect(place.exists("moved/" + before[0]))
    }

    @Test func anotherPlanRemovesWhatTheOldOneLists() throws {
        try pretend(corpus(9))
        try corpus(4, seed: 8).forgetOtherPlan()
        #expect(try files() == ["plan.tsv"])
        #expect(try place.readText("speech/plan.tsv").hasPrefix("dev/100/1/100-1-00000.flac\t"))
    }

    @Test(arguments: ["train", "dev", "test"])
    func speechOfOthersIsRefusedAndStays(part: String) async throws {
        try place.write("mine", to: "speech/\(part)/103/1240/103-1240-0000.flac")
        let error = try await #require(throws: DemonstrationError.self) { try await corpus(4).speak() }
        #expect("\(error)".hasPrefix(place.path(of: "speech/\(part)") + ": the folder has files"), "\(error)")
        #expect(try files() == ["\(part)/103/1240/103-1240-0000.flac"])
    }

    @Test func aRecordingOfOthersAmongOursStays() throws {
        try pretend(corpus(9))
        try place.write("mine", to: "speech/train/100/1/mine.flac")
        let error = try #require(throws: DemonstrationError.self) { try corpus(4).forgetOtherPlan() }
        #expect("\(error)".contains("100/1/mine.flac"), "\(error)")
        #expect(try place.readText("speech/train/100/1/mine.flac") == "mine")
        try place.remove("speech/train/100/1/mine.flac")
        try corpus(4).forgetOtherPlan()
        #expect(try files() == ["plan.tsv"])
    }

    @Test(arguments: [
        "../mine.flac\ta\tb\n", "train/100/1/../../../../mine.flac\ta\tb\n", "/etc/passwd\ta\tb\n", "notes\n",
        "train/103/1240/103-1240-0000.flac\ta\tb\n", "dev/100/1/101-1-00000.flac\ta\tb\n", "\u{0}\n",
    ])
    func aPlanOfOthersIsRefused(text: String) throws {
        try place.write("mine", to: "mine.flac")
        try place.write("mine", to: "speech/train/103/1240/103-1240-0000.flac")
        try place.write(text, to: "speech/plan.tsv")
        let error = try #require(throws: DemonstrationError.self) { try corpus(4).forgetOtherPlan() }
        #expect("\(error)".contains("plan.tsv: it is not the plan of a demonstration"), "\(error)")
        #expect(place.exists("mine.flac"))
        #expect(try files() == ["plan.tsv", "train/103/1240/103-1240-0000.flac"])
    }

    @Test func pathsAreQuotedInConfigurations() throws {
        let plan = DemonstrationPlan(folder: place.path(of: "it's a \"demo\""))
        try plan.write()
        let text = try String(contentsOfFile: plan.configuration(of: "stage2"), encoding: .utf8)
        #expect(text.contains("/it''s a \"demo\"/checkpoints/stage1/best.safetensors'\n"), "\(text)")
    }
}
