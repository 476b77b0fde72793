import Avatar
import Testing

@Suite("The voices of all providers")
struct VoiceCatalogTests {
    private struct Fixed: VoiceProvider {
        var name: String
        var names: [String]
        var problem: AvatarError?
        var displayName: String { name.uppercased() }

        private struct Silent: Voice {
            var description: VoiceDescription
            func speak(_ text: String, settings: VoiceSettings) async throws -> Speech {
                throw AvatarError.text(reason: "this one is silent")
            }
        }

        func voices() async throws -> [any Voice] {
            if let problem { throw problem }
            return names.map { key in
                let description = VoiceDescription(
                    id: "\(name):\(key)",
                    name: key,
                    language: nil,
                    gender: nil,
                    provider: name
                )
                return Silent(description: description)
            }
        }

        func voice(named wanted: String) async throws -> (any Voice)? {
            try await voices().first { $0.description.name == wanted }
        }
    }

    private static let missing = AvatarError.voicesMissing(
        provider: "B",
        reason: "no key",
        remedy: "export KEY=…"
    )
    private let catalog = VoiceCatalog(providers: [
        Fixed(name: "b", names: [], problem: missing), Fixed(name: "a", names: ["one", "two"]),
    ])

    @Test("a provider that fails says why and hides no other")
    func offers() async throws {
        let offers = try await catalog.offers()
        #expect(offers.map(\.provider) == ["b", "a"])
        #expect(offers[0].voices.isEmpty)
        #expect(offers[0].problem == "B: no voices: no key; run: export KEY=…")
        #expect(offers[1].voices.map(\.id) == ["a:one", "a:two"])
        #expect(offers[1].problem == nil)
    }

    @Test("a voice is found by its identifier, by its name, and the best one without either")
    func finding() async throws {
        #expect(try await catalog.voice("a:two").id == "a:two")
        #expect(try await catalog.voice("two").id == "a:two")
        #expect(try await catalog.voice().id == "a:one")
    }

    @Test("what is not found says so; what could not be asked says that")
    func failing() async throws {
        await #expect { try await catalog.voice("a:x") } throws: { "\($0)".contains("A has no such voice") }
        await #expect { try await catalog.voice("c:x") } throws: { "\($0)".contains("there are b, a") }
        await #expect(throws: Self.missing) { try await catalog.voice("b:x") }
        await #expect { try await catalog.voice("x") } throws: {
            "\($0)".contains("B: no voices: no key") && "\($0)".contains("A has none of that name")
        }
        let empty = VoiceCatalog(providers: [])
        await #expect { try await empty.voice() } throws: { "\($0)".contains("no voice at all") }
        await #expect { try await empty.voice("a\u{1b}[31m") } throws: { !"\($0)".contains("\u{1b}") }
    }

    @Test("the standard catalog has both providers and says how to get them")
    func standard() async throws {
        let catalog = VoiceCatalog.standard(environment: ["VOXSITE_SPEECH_HELPER": "/nowhere/helper"])
        let offers = try await catalog.offers()
        #expect(offers.map(\.provider) == ["espeak", "elevenlabs"])
        #expect(offers[0].problem?.contains("VOXSITE_SPEECH_HELPER") == true)
        #expect(offers[1].problem?.contains("export ELEVENLABS_API_KEY=") == true)
    }
}
