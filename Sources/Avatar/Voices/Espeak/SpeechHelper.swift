import Foundation

/// Where the program is that speaks for espeak-ng.
///
/// espeak-ng is under the GNU General Public License; `voxsite-speech-helper`, which links it, is therefore a program
/// of its own, and all that passes between the two is bytes.
public struct SpeechHelper: Sendable, Hashable {
    /// Its path.
    public let path: String

    /// The name of the program.
    public static let programName = "voxsite-speech-helper"
    /// The environment variable with its path, for those who keep it elsewhere.
    public static let pathVariable = "VOXSITE_SPEECH_HELPER"
    static let remedy = "apt install libespeak-ng1 espeak-ng-data"

    /// - Parameter path: where it is.
    public init(path: String) { self.path = path }

    /// Looks where the environment says, or beside our own program, in `libexec/voxsite` and in `libexec`.
    ///
    /// - Parameters:
    ///   - environment: with `VOXSITE_SPEECH_HELPER`, perhaps.
    ///   - program: our own program; links are followed.
    /// - Returns: the helper; nil where there is none.
    public static func find(
        environment: [String: String],
        program: String = "/proc/self/exe"
    ) -> SpeechHelper? {
        // What somebody has set is used or complained of, never passed over in silence.
        if let given = environment[pathVariable], !given.isEmpty { return SpeechHelper(path: given) }
        let folder = URL(filePath: program).resolvingSymlinksInPath().deletingLastPathComponent()
        let candidates = [programName, "../libexec/voxsite/\(programName)", "../libexec/\(programName)"]
        for candidate in candidates {
            let path = folder.appending(path: candidate).standardizedFileURL.path
            if FileManager.default.isExecutableFile(atPath: path) { return SpeechHelper(path: path) }
        }
        return nil
    }
}
