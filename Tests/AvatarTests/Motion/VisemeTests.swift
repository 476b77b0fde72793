import Testing

@testable import Avatar

@Suite struct VisemeTests {
    @Test(arguments: ["m", "b", "p", "pʰ", "mː", "b̥"])
    func `lips that meet are an obligation`(_ symbol: String) {
        #expect(Viseme.sequence(of: symbol).first?.target.press == 1)
    }

    @Test(arguments: [
        ("aɪ", 2), ("tʃ", 2), ("iː", 1), ("ʊɹ", 2), ("", 1), ("ˈ", 1), ("oʊ", 2), ("t͡s", 2), ("aɪɚ", 3),
    ])
    func `a symbol has a viseme per letter`(_ symbol: String, _ count: Int) {
        #expect(Viseme.sequence(of: symbol).count == count)
    }

    @Test func `vowels differ as they do in faces`() {
        func shape(_ symbol: String) -> MouthShape { Viseme.sequence(of: symbol)[0].target }
        #expect(shape("ɑ").opening > shape("ɛ").opening)
        #expect(shape("ɛ").opening > shape("i").opening)
        #expect(shape("i").width > 0.2)
        #expect(shape("u").width < -0.4)
        #expect(shape("u").rounding > 0.9)
        #expect(shape("f").lowerDrop < -0.6)
        #expect(shape("l").tongue > 0.9)
    }

    @Test func `unknown letters move the mouth a little, and never trap`() {
        #expect(Viseme.sequence(of: "ꬱ").first.map { $0.target.opening > 0 } == true)
        #expect(Viseme.sequence(of: String(repeating: "a", count: 10_000)).count <= 3)
        #expect(Viseme.sequence(of: "\u{0}\u{301}🙂").count == 1)
    }

    @Test func `a rounded vowel rounds the consonant before it`() {
        func track(_ vowel: String) -> VisemeTrack {
            VisemeTrack(
                [
                    TimedPhoneme(symbol: "s", startSeconds: 0.2, endSeconds: 0.3),
                    TimedPhoneme(symbol: vowel, startSeconds: 0.3, endSeconds: 0.5),
                ],
                durationSeconds: 0.7
            )
        }
        // Cohen and Massaro 1993: the s of "sue" is rounder than that of "see".
        let sue = track("u").shape(atSeconds: 0.26)
        let see = track("i").shape(atSeconds: 0.26)
        #expect(sue.rounding > see.rounding + 0.3)
        #expect(sue.width < see.width - 0.2)
    }

    @Test func `times from outside are put in order`() {
        let track = VisemeTrack(
            [
                TimedPhoneme(symbol: "ɑ", startSeconds: 0.5, endSeconds: .infinity),
                TimedPhoneme(symbol: "ɑ", startSeconds: .nan, endSeconds: 1),
                TimedPhoneme(symbol: "ɑ", startSeconds: 0.6, endSeconds: 0.2),
                TimedPhoneme(symbol: "m", startSeconds: -3, endSeconds: 0.1),
                TimedPhoneme(symbol: "ɑ", startSeconds: 0.05, endSeconds: 90),
            ],
            durationSeconds: 1
        )
        for step in 0..<120 {
            let shape = track.shape(atSeconds: Double(step) / 100)
            #expect(shape.opening.isFinite && (0...1).contains(shape.opening))
        }
        #expect(track.shape(atSeconds: 0.05).press > 0.5)
        #expect(track.shape(atSeconds: 0.6).opening > 0.5)
    }
}
