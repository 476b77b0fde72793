import ArgumentParser
import Avatar
import RunRecords

/// Lists voices and avatars.
struct SpeakListing {
    let printsJSON: Bool

    /// Prints all voices; why a provider has none goes to standard error.
    ///
    /// - Throws: `ExitCode(1)` where there is none at all, `CancellationError`.
    func voices(_ catalog: VoiceCatalog) async throws {
        let offers = try await catalog.offers()
        for offer in offers {
            // The problem says which provider it is of.
            if let problem = offer.problem { Console.error(problem) }
        }
        let voices = offers.flatMap(\.voices)
        if printsJSON {
            output(
                .array(
                    voices.map { voice in
                        let parts = [
                            ("id", voice.id), ("name", voice.name), ("language", voice.language),
                            ("gender", voice.gender), ("provider", voice.provider),
                        ]
                        return .object(
                            parts.compactMap { key, value in value.map { LogField(key, .string($0)) } }
                        )
                    }
                )
            )
        } else {
            table(voices.map { [$0.id, $0.name] })
        }
        if voices.isEmpty { throw ExitCode(1) }
    }

    /// Prints all avatars; files that cannot be used go to standard error.
    func avatars(_ library: AvatarLibrary) {
        for problem in library.problems { Console.error("\(problem)") }
        if printsJSON {
            output(
                .array(
                    library.entries.map { entry in
                        .object([
                            LogField("id", .string(entry.id)), LogField("name", .string(entry.name)),
                            LogField("about", .string(entry.about)),
                            LogField("kind", .string(entry.kind.rawValue)),
                            LogField("path", .string(entry.path)),
                        ])
                    }
                )
            )
        } else {
            table(library.entries.map { [$0.id, $0.name, $0.kind.rawValue, $0.about] })
        }
    }

    private func output(_ value: LogValue) { print(String(decoding: value.json, as: UTF8.self)) }

    private func table(_ rows: [[String]]) {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        for row in rows {
            let cells = row.enumerated().map { index, text in
                index == row.count - 1
                    ? text : text + String(repeating: " ", count: max(0, widths[index] - text.count))
            }
            print(Console.visible(cells.joined(separator: "  ")))
        }
    }
}
