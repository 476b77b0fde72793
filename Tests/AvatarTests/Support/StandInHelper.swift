import Avatar
import Foundation
import TestSupport

/// A program in the place of the speech helper that does what a test wants.
struct StandInHelper {
    let folder: TemporaryDirectory
    let helper: SpeechHelper

    /// - Parameter script: for bash; `$1` is `--voices` or `--voice`. Its list of voices is answered unless it does so.
    /// - Throws: what the system says.
    init(_ script: String) throws {
        folder = try TemporaryDirectory()
        let voices =
            #"if [ "$1" = --voices ]; then printf 'voice\ten-us\tEnglish\tmale\ten-us=2 \n'; exit; fi"#
        try folder.write("#!/bin/bash\ncd '\(folder.path)'\n\(voices)\n\(script)\n", to: "helper")
        helper = SpeechHelper(path: folder.path(of: "helper"))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: helper.path)
    }

    /// A provider that asks it.
    func provider(timeoutSeconds: Double = 20) -> EspeakProvider {
        EspeakProvider(helper: helper, timeoutSeconds: timeoutSeconds)
    }

    /// Speaks through it.
    func speak(_ text: String = "hello", timeoutSeconds: Double = 20) async throws -> Speech {
        guard let voice = try await provider(timeoutSeconds: timeoutSeconds).voice(named: "en-us") else {
            throw AvatarError.text(reason: "the stand-in has no voice")
        }
        return try await voice.speak(text, settings: VoiceSettings())
    }
}

/// Bytes as the speech helper writes them, for `printf`.
enum FrameBytes {
    static let greeting = Array("VOXSPCH1".utf8)

    static func number(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    static func frame(_ kind: Character, _ content: [UInt8]) -> [UInt8] {
        Array(String(kind).utf8) + number(content.count) + content
    }

    /// As the argument of `printf`.
    static func escaped(_ bytes: [UInt8]) -> String {
        "'" + bytes.map { "\\x" + String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() + "'"
    }
}
