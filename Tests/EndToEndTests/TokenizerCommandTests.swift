import Foundation
import TestSupport
import Testing

/// `voxsite tokenizer` as a shell sees it.
@Suite(.timeLimit(.minutes(2))) struct TokenizerCommandTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
        try folder.write("The cat sat on the mat\nA RAT ATE THE HAT\n", to: "corpus.txt")
    }

    private func run(_ arguments: String...) async throws -> (status: Int32, output: String, talk: String) {
        let program = try #require(Products.executable("voxsite"))
        let process = try ChildProcess(program, ["tokenizer"] + arguments, directory: folder.path)
        let status = try await process.waitForExit(seconds: 60)
        return (
            status, process.outputLines.joined(separator: "\n"), process.errorLines.joined(separator: "\n")
        )
    }

    @Test func whatIsTrainedEncodesAndDecodes() async throws {
        let trained = try await run(
            "train",
            "corpus.txt",
            "-o",
            "t.model",
            "--vocabulary-size",
            "20",
            "--json"
        )
        #expect(trained.status == 0, "\(trained.talk)")
        #expect(
            trained.output.contains("\"path\":\"t.model\",\"sentenceCount\":2,\"vocabularySize\":20"),
            "\(trained.output)"
        )
        #expect(trained.talk.wholeMatch(of: /2 sentences\nt\.model: 20 pieces, \d+ bytes/) != nil)

        let encoded = try await run("encode", "t.model", "THE  cat", "--bounds")
        #expect(encoded.status == 0 && encoded.talk.isEmpty)
        let ids = encoded.output.split(separator: " ").map(String.init)
        #expect(ids.first == "1" && ids.last == "2")
        let pieces = try await run("encode", "t.model", "THE  cat", "--pieces").output
        #expect(pieces.filter { $0 != " " } == "▁the▁cat")
        let asIs = try await run("encode", "t.model", "THE", "--as-is").output
        #expect(asIs.split(separator: " ").last == "3")

        let program = try #require(Products.executable("voxsite"))
        let decoding = try ChildProcess(
            program,
            ["tokenizer", "decode", "t.model"] + ids,
            directory: folder.path
        )
        #expect(try await decoding.waitForExit(seconds: 60) == 0)
        #expect(decoding.outputLines == ["the cat"])
    }

    @Test func aModelIsShownAsTextAndAsJSON() async throws {
        _ = try await run("train", "corpus.txt", "-o", "t.model", "--vocabulary-size", "20", "-q")
        let text = try await run("inspect", "t.model", "--pieces")
        #expect(
            text.output.hasPrefix(
                "t.model: 20 pieces (3 control, 16 normal, 1 unknown); pad 0, bos 1, eos 2, unk 3"
            )
        )
        #expect(text.output.split(separator: "\n").count == 1 + 20)
        let json = try await run("inspect", "t.model", "--json")
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        )
        #expect(object["vocabularySize"] as? Int == 20)
        #expect(object["special"] as? [String: Int] == ["pad": 0, "bos": 1, "eos": 2, "unk": 3])
    }

    @Test(arguments: [
        (["train", "nothing.txt", "-o", "t.model"], 1, "nothing.txt: cannot"),
        (
            ["train", "corpus.txt", "-o", "t.model"], 1,
            "a vocabulary of 2000 is too large for this corpus; ask for at most "
        ),
        (["train", "corpus.txt", "-o", "t.model", "--type", "words"], 2, "words"),
        (["train", "corpus.txt"], 2, "--output"),
        (["inspect", "corpus.txt"], 1, "corpus.txt: not a whole SentencePiece model"),
        (["encode", "none.model", "a"], 1, "none.model: cannot open: No such file or directory"),
        (["encode", "none.model", "a", "--pieces", "--bounds"], 2, "--bounds"),
        (["decode", "none.model", "a"], 2, "a"),
    ])
    func aMistakeIsOneClearMessageAndTheRightExitCode(
        arguments: [String],
        code: Int32,
        message: String
    ) async throws {
        let program = try #require(Products.executable("voxsite"))
        let process = try ChildProcess(program, ["tokenizer"] + arguments, directory: folder.path)
        let status = try await process.waitForExit(seconds: 60)
        let talk = process.errorLines.joined(separator: "\n")
        #expect(status == code && talk.contains(message), "\(talk)")
        #expect(process.outputLines.isEmpty && !folder.exists("t.model"))
    }
}
