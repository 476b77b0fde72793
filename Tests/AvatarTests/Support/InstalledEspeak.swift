import Avatar
import TestSupport
import Testing

/// The speech helper as the package builds it.
enum InstalledEspeak {
    /// Beside the tests.
    static let helper = Products.executable(SpeechHelper.programName).map { SpeechHelper(path: $0) }
    /// Whether there is something to test.
    static var isThere: Bool { helper != nil }
    /// Why the tests are skipped.
    static let comment: Comment =
        "needs voxsite-speech-helper: apt install libespeak-ng-dev, then build again"
}
