import Avatar
import Glibc

/// The text that a pipe or a terminal gives.
enum SpeakStandardInput {
    /// More is no text that anybody would have spoken.
    private static let limitBytes = SpokenText.characterLimit * 10

    /// All of it, as far as a text may be long.
    ///
    /// - Throws: `UsageError` where it cannot be read or is no text.
    static func text() throws -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= limitBytes {
            let count = buffer.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count == 0 { break }
            guard count > 0 || errno == EINTR else {
                throw UsageError(
                    "standard input cannot be read: \(String(cString: strerror(errno))); give the text itself"
                )
            }
            bytes += buffer.prefix(max(0, count))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw UsageError("standard input is not UTF-8 text; convert it, for example with iconv")
        }
        return text
    }
}
