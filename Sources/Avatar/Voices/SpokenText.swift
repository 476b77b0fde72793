/// Text that may be given to a voice.
public enum SpokenText {
    /// How long text of the HTTP API may be, in characters.
    public static let apiCharacterLimit = 1_000
    /// How long text may be at all, in characters: two hours or so.
    public static let characterLimit = 100_000
    /// A character may be built of any number of pieces; text is bounded in bytes as well.
    private static let bytesPerCharacter = 10

    /// Checks text from outside.
    ///
    /// - Parameters:
    ///   - text: what is to be spoken.
    ///   - limit: the most characters it may have.
    /// - Returns: the text without white space around it.
    /// - Throws: ``AvatarError/text(reason:)``: empty, too long, or with a NUL in it.
    @discardableResult
    public static func validated(
        _ text: String,
        characterLimit limit: Int = characterLimit
    ) throws(AvatarError) -> String {
        // Bytes first: counting the characters of a gigabyte takes minutes.
        guard text.utf8.count <= limit * bytesPerCharacter else {
            throw .text(
                reason: "\(text.utf8.count) bytes are too long; at most \(limit) characters are spoken"
            )
        }
        guard !text.utf8.contains(0) else {
            throw .text(reason: "it contains a NUL character; remove it")
        }
        let trimmed = text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        guard !trimmed.isEmpty else {
            throw .text(reason: "there is nothing to say; give 1 to \(limit) characters")
        }
        guard text.count <= limit else {
            throw .text(reason: "\(text.count) characters are too long; at most \(limit) are spoken")
        }
        return String(trimmed)
    }

    /// The text with a space for every emoji and other symbol that is no currency and no operator.
    ///
    /// - Parameter text: any.
    /// - Returns: as many scalars, so that words are found where they were.
    static func withoutSymbols(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .otherSymbol, .modifierSymbol, .format, .privateUse, .unassigned, .enclosingMark:
                result.append(" ")
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
