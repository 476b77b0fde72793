import Testing

@testable import Avatar

/// The body of `POST /api/avatar/speak`: what is understood, and what is refused with which words.
@Suite struct SpeakBodyTests {
    private func read(_ text: String) throws -> ClipRequest { try SpeakBody(Array(text.utf8)).request }

    @Test func `the documented members are understood`() throws {
        let request = try read(
            """
            {"text":" Hello world ","voice_id":"espeak:de","avatar_id":"art_0","generate_video":false,
             "voice_settings":{"stability":0.25,"similarity_boost":1}}
            """
        )
        guard case .text(let text, let voice, let settings) = request.sound else {
            Issue.record("it is no text")
            return
        }
        #expect(text == "Hello world" && voice == "espeak:de")
        #expect(settings == VoiceSettings(stability: 0.25, similarityBoost: 1))
        #expect(request.avatar == "art_0" && !request.hasVideo)
    }

    @Test func `what is left out or null is as by default`() throws {
        let request = try read(#"{"text":"x","voice_id":null,"voice_settings":null,"size":256,"seed":9}"#)
        #expect(request.avatar == "default" && request.hasVideo && request.engine == "auto")
        #expect(request.size == 256 && request.seed == 9)
        let longest = String(repeating: "👩‍👩‍👧", count: 300)
        #expect(try read("{\"text\":\"\(longest)\"}").text == longest)
    }

    @Test(arguments: [
        ("", "no JSON"), ("[]", "no JSON object"), ("{", "no JSON"), ("{}", "text: it is missing"),
        (#"{"text":""}"#, "nothing to say"), (#"{"text":" \n"}"#, "nothing to say"),
        (#"{"text":null}"#, "text: it is missing"), (#"{"text":7}"#, "text: it is no text"),
        (#"{"text":["a"]}"#, "text: it is no text"), (#"{"text":"a\u0000b"}"#, "NUL"),
        (#"{"text":"a","generate_video":"true"}"#, "generate_video"),
        (#"{"text":"a","generate_video":1}"#, "generate_video"),
        (#"{"text":"a","avatar_id":{}}"#, "avatar_id: it is no text"),
        (#"{"text":"a","voice_id":3}"#, "voice_id: it is no text"),
        (#"{"text":"a","voice_settings":"lively"}"#, "voice_settings: it is no object"),
        (#"{"text":"a","voice_settings":{"stability":"0.5"}}"#, "voice_settings.stability: it is no number"),
        (#"{"text":"a","voice_settings":{"stability":-0.1}}"#, "stability: -0.1 is outside 0.0 to 1.0"),
        (#"{"text":"a","voice_settings":{"similarity_boost":1.5}}"#, "similarity_boost: 1.5 is outside"),
        (#"{"text":"a","voice_settings":{"stability":NaN}}"#, "voice_settings.stability: it is no number"),
        (#"{"text":"a","voice_settings":{"volume":1}}"#, "voice_settings.volume is not understood"),
        (#"{"text":"a","seed":-1}"#, "seed"), (#"{"text":"a","seed":0.5}"#, "seed"),
        (#"{"text":"a","seed":1e300}"#, "seed"), (#"{"text":"a","size":257}"#, "size"),
        (#"{"text":"a","format":"gif"}"#, "format"),
        (#"{"text":"a","texts":"b"}"#, "\"texts\" is not understood"),
    ])
    func `anything else is a 400 that names the member`(_ body: String, _ words: String) {
        #expect { try read(body) } throws: { error in
            let refusal = error as? APIRefusal
            return refusal?.status == 400 && refusal?.reason.contains(words) == true
        }
    }

    @Test func `1000 characters are spoken and 1001 are not`() throws {
        let text = String(repeating: "a", count: 1_000)
        #expect(try read("{\"text\":\"\(text)\"}").text.count == 1_000)
        #expect { try read("{\"text\":\"\(text)a\"}") } throws: { "\($0)".contains("1001 characters") }
        let deep = "{\"text\":" + String(repeating: "[", count: 20_000)
        #expect(throws: APIRefusal.self) { try read(deep) }
    }
}
