/// A key that is never shown: not in messages, not by `print`, not by a debugger's dump.
struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// For the one place that sends it.
    let value: String

    var description: String { "<secret>" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }

    /// Text from outside without the key, should it repeat it.
    func removed(from text: String) -> String {
        value.isEmpty
            ? text : text.split(separator: value, omittingEmptySubsequences: false).joined(separator: "…")
    }
}
