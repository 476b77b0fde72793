import RunRecords

/// The body of `POST /api/avatar/speak`.
struct SpeakBody {
    /// What it asks for.
    let request: ClipRequest

    /// Sizes and formats are beyond what the system that this replaces had; they are optional.
    private static let keys: Set<String> = [
        "text", "voice_id", "avatar_id", "generate_video", "voice_settings", "engine", "size", "seed",
        "format",
    ]

    /// Reads and checks it.
    ///
    /// - Parameter bytes: JSON.
    /// - Throws: ``APIRefusal`` with status 400 that names the member.
    init(_ bytes: [UInt8]) throws(APIRefusal) {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes) } catch {
            throw APIRefusal(400, "the body is no JSON: \(error)")
        }
        guard case .object(let members) = value else {
            throw APIRefusal(400, "the body is no JSON object; send {\"text\": …}")
        }
        if let unknown = members.first(where: { !Self.keys.contains($0.key) }) {
            let known = Self.keys.sorted().joined(separator: ", ")
            throw APIRefusal(400, "\(VisibleText.quoted(unknown.key)) is not understood; these are: \(known)")
        }
        guard let given = try Self.text(value, "text") else {
            throw APIRefusal(400, "text: it is missing; give 1 to \(SpokenText.apiCharacterLimit) characters")
        }
        let text: String
        do { text = try SpokenText.validated(given, characterLimit: SpokenText.apiCharacterLimit) } catch {
            throw APIRefusal(400, "\(error)")
        }
        var settings = VoiceSettings()
        try Self.read(value["voice_settings"], into: &settings)
        var request = ClipRequest(
            sound: .text(text, voice: try Self.text(value, "voice_id"), settings: settings),
            avatar: try Self.text(value, "avatar_id") ?? ClipRequest.standardAvatar,
            hasVideo: try Self.flag(value, "generate_video") ?? true,
            engine: try Self.text(value, "engine") ?? EngineChoice.automatic
        )
        if let size = try Self.number(value["size"], "size") {
            guard let match = ClipRequest.sizes.first(where: { Double($0) == size }) else {
                throw APIRefusal(400, "size: it is neither 256 nor 512")
            }
            request.size = match
        }
        if let seed = try Self.number(value["seed"], "seed") {
            guard let whole = UInt64(exactly: seed), whole <= 1 << 53 else {
                throw APIRefusal(400, "seed: it is no whole number from 0 to 2^53")
            }
            request.seed = whole
        }
        if let format = try Self.text(value, "format") {
            guard let known = ClipFormat(rawValue: format) else {
                throw APIRefusal(400, "format: it is neither mp4 nor webm")
            }
            request.format = known
        }
        self.request = request
    }

    private static func read(_ value: JSONValue?, into settings: inout VoiceSettings) throws(APIRefusal) {
        guard let value, value != .null else { return }
        guard case .object(let members) = value else {
            throw APIRefusal(400, "voice_settings: it is no object; send such as {\"speed\": 1}")
        }
        for member in members {
            let name = "voice_settings.\(VisibleText.line(member.key, limit: 40))"
            guard let number = try number(member.value, name) else { continue }
            switch member.key {
            case "stability": settings.stability = number
            case "similarity_boost": settings.similarityBoost = number
            case "speed": settings.speed = number
            case "pitch": settings.pitch = number
            default:
                throw APIRefusal(
                    400,
                    "\(name) is not understood; these are: stability, similarity_boost, speed, pitch"
                )
            }
        }
        do { try settings.validate() } catch { throw APIRefusal(400, "voice_settings.\(error)") }
    }

    private static func text(_ value: JSONValue, _ key: String) throws(APIRefusal) -> String? {
        guard let member = value[key], member != .null else { return nil }
        guard let text = member.string else {
            throw APIRefusal(400, "\(key): it is no text; put it in quotes")
        }
        return text
    }

    private static func flag(_ value: JSONValue, _ key: String) throws(APIRefusal) -> Bool? {
        guard let member = value[key], member != .null else { return nil }
        guard let flag = member.bool else {
            throw APIRefusal(400, "\(key): it is neither true nor false; write one of them without quotes")
        }
        return flag
    }

    /// Text that spells a number is none here.
    private static func number(_ value: JSONValue?, _ name: String) throws(APIRefusal) -> Double? {
        guard let value, value != .null else { return nil }
        guard case .number(let number) = value, number.isFinite else {
            throw APIRefusal(400, "\(name): it is no number; write one without quotes")
        }
        return number
    }
}
