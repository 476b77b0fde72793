/// Words for a POSIX shell.
///
/// Source: POSIX.1-2017, Shell Command Language, section 2.2.2: nothing is special between single quotes but one.
public enum ShellText {
    /// A word that a shell takes as it is.
    static func quoted(_ word: String) -> String {
        "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// A command for people to copy, in which only what needs them has quotes.
    ///
    /// - Parameter words: the program and its arguments.
    /// - Returns: one line.
    public static func readable(_ words: [String]) -> String {
        words.map { word in
            let isPlain = word.utf8.allSatisfy { byte in
                UnicodeScalar(byte).properties.isAlphabetic && byte < 0x80
                    || (0x30...0x39).contains(byte) || "-_./=,+:@".utf8.contains(byte)
            }
            return isPlain && !word.isEmpty ? word : quoted(word)
        }.joined(separator: " ")
    }

    /// Several words.
    static func quoted(_ words: [String]) -> String { words.map { quoted($0) }.joined(separator: " ") }
}
