import Audio
import Testing

@testable import Avatar

@Suite("Sounds by the times of letters", .enabled(if: InstalledEspeak.isThere, InstalledEspeak.comment))
struct WordFittingTests {
    private let provider = EspeakProvider(helper: InstalledEspeak.helper)

    /// Each character of the text takes a second.
    private func fit(_ text: String, _ language: String = "en-us") async throws -> [TimedPhoneme] {
        let characters = text.map { String($0) }
        let alignment = ElevenLabsMessages.Alignment(
            characters: characters,
            characterStartTimesSeconds: characters.indices.map { Double($0) },
            characterEndTimesSeconds: characters.indices.map { Double($0 + 1) }
        )
        let times = try #require(CharacterTimes(alignment, text: text))
        let reference = try await provider.pronounce(text, language: language)
        let found = WordFitting.fit(reference, to: times, durationSeconds: Double(characters.count))
        PhonemeExpectations.expectCovering(found, durationSeconds: Double(characters.count))
        // Every sound of the reference is there, in its order.
        let all = reference.speech.phonemes.map(\.symbol).filter { !$0.isEmpty }
        #expect(found.map(\.symbol).filter { !$0.isEmpty } == all)
        return found
    }

    /// The runs of sounds between silences, without rounding errors.
    private func runs(_ phonemes: [TimedPhoneme]) -> [ClosedRange<Double>] {
        phonemes.split { $0.symbol.isEmpty }.compactMap { run in
            guard let first = run.first, let last = run.last else { return nil }
            return ((first.startSeconds * 1e6).rounded() / 1e6)...((last.endSeconds * 1e6).rounded() / 1e6)
        }
    }

    @Test("each word lies on its letters, whatever the script")
    func words() async throws {
        #expect(try await runs(fit("Hello, world.")) == [0...5, 7...12])
        #expect(try await runs(fit("Über Äpfel, naïve Straße", "de")) == [0...4, 5...10, 12...17, 18...24])
        #expect(try await runs(fit("你好，世界", "cmn")) == [0...2, 3...5])
    }

    @Test("what is said in several words, or in none, stays where it is written")
    func oddWords() async throws {
        #expect(try await runs(fit("I have 1234 apples")) == [0...1, 2...6, 7...11, 12...18])
        #expect(try await runs(fit("It's 3.5% of iPhones")) == [0...4, 5...8, 10...12, 13...20])
        // The picture, one character of seven scalars, is named as well.
        let family = try await runs(fit("Hi 👩‍👩‍👧‍👦 there"))
        #expect(family.first == 0...2 && family.last == 5...10)
    }

    @Test("times that cannot be are not taken")
    func impossible() {
        func times(_ characters: [String], _ starts: [Double], _ ends: [Double]) -> CharacterTimes? {
            let alignment = ElevenLabsMessages.Alignment(
                characters: characters,
                characterStartTimesSeconds: starts,
                characterEndTimesSeconds: ends
            )
            return CharacterTimes(alignment, text: "ab")
        }
        #expect(times(["a", "b"], [0, 1], [1, 2]) != nil)
        #expect(times(["a"], [0], [1]) == nil)
        #expect(times(["a", "c"], [0, 1], [1, 2]) == nil)
        #expect(times(["a", "b"], [0], [1, 2]) == nil)
        #expect(times(["a", "b"], [-1, 1], [1, 2]) == nil)
        #expect(times(["a", "b"], [0, .nan], [1, 2]) == nil)
        // Times that go back stand still.
        #expect(times(["a", "b"], [5, 1], [6, 2])?.starts == [5, 5])
    }
}
