import Foundation

/// What the API is sent and answers, as far as it is used here.
///
/// Source: https://elevenlabs.io/docs/api-reference/text-to-speech/convert-with-timestamps,
/// https://elevenlabs.io/docs/api-reference/voices/get-all.
enum ElevenLabsMessages {
    /// Reads answers, whose names are written with underscores.
    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }

    /// Writes requests.
    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return encoder
    }

    /// What `POST /v1/text-to-speech/{voice_id}/with-timestamps` is sent.
    struct SpeechRequest: Encodable {
        struct Settings: Encodable {
            var stability: Double
            var similarityBoost: Double
            var speed: Double
        }
        var text: String
        var modelId: String
        var voiceSettings: Settings
    }

    struct SpeechAnswer: Decodable {
        var audioBase64: String
        /// Of the text as it was sent; null where the service does not know.
        var alignment: Alignment?
    }

    /// When each character is spoken, the arrays equally long.
    struct Alignment: Decodable {
        var characters: [String]
        var characterStartTimesSeconds: [Double]
        var characterEndTimesSeconds: [Double]
    }

    /// What `GET /v1/voices` answers.
    struct VoiceList: Decodable { var voices: [Voice] }

    struct Voice: Decodable {
        struct Language: Decodable {
            var language: String?
            var locale: String?
        }
        var voiceId: String
        var name: String?
        var labels: [String: String?]?
        var verifiedLanguages: [Language]?
    }

    /// The body of a refusal: `detail` is a text, an object, or for status 422 a list of what is wrong.
    struct Refusal: Decodable {
        var status: String?
        var message: String?

        private enum Keys: String, CodingKey { case detail, status, message, code }
        private struct Problem: Decodable {
            var msg: String?
            var loc: [Place]?
        }
        /// The name of a field, or a place in a list.
        private struct Place: Decodable {
            var text: String
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                text = try (try? container.decode(String.self)) ?? String(container.decode(Int.self))
            }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            if let text = try? container.decode(String.self, forKey: .detail) {
                message = text
            } else if let problems = try? container.decode([Problem].self, forKey: .detail) {
                message = problems.prefix(3).map { problem in
                    let place = (problem.loc ?? []).map(\.text).joined(separator: ".")
                    return place.isEmpty ? problem.msg ?? "" : "\(place): \(problem.msg ?? "")"
                }
                .joined(separator: "; ")
            } else {
                let detail = try container.nestedContainer(keyedBy: Keys.self, forKey: .detail)
                status =
                    (try? detail.decode(String.self, forKey: .status))
                    ?? (try? detail.decode(String.self, forKey: .code))
                message = try? detail.decode(String.self, forKey: .message)
            }
        }
    }
}
