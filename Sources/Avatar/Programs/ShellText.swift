/// Words for a POSIX shell.
///
/// Source: POSIX.1-2017, Shell Command Language, section 2.2.2: nothing is special between single quotes but one.
enum ShellText {
    /// A word that a shell takes as it is.
    static func quoted(_ word: String) -> String {
        "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// Several words.
    static func quoted(_ words: [String]) -> String { words.map { quoted($0) }.joined(separator: " ") }
}
