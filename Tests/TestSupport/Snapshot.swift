import Foundation
public import Testing

/// Compares `actual` with the golden file `__Snapshots__/<test file>/<fileName>` beside the test.
///
/// A golden file that is missing is recorded, and the test fails: someone has to look at the new file and
/// commit it. `RECORD_SNAPSHOTS=1` records all anew, and fails as well, so that recording cannot pass for
/// testing. On a mismatch the first line that differs is shown, and both texts are attached.
///
/// - Parameters:
///   - actual: what the code made.
///   - fileName: the golden file's name, with the ending that suits its contents.
///   - filePath: the test's source file.
///   - sourceLocation: where a failure is reported.
public func assertSnapshot(
    _ actual: String,
    as fileName: String,
    filePath: String = #filePath,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let test = URL(filePath: filePath)
    let golden = test.deletingLastPathComponent()
        .appending(path: "__Snapshots__")
        .appending(path: test.deletingPathExtension().lastPathComponent)
        .appending(path: fileName)
    let environment = ProcessInfo.processInfo.environment
    let isRecording = environment["RECORD_SNAPSHOTS"].map { !["", "0"].contains($0) } ?? false

    guard !isRecording, let expected = try? Data(contentsOf: golden) else {
        let verdict = recorded(actual, at: golden) + (isRecording ? "" : "; look at it and commit it")
        Issue.record(Comment(rawValue: verdict), sourceLocation: sourceLocation)
        return
    }
    guard !expected.elementsEqual(actual.utf8) else { return }
    let expectedText = String(decoding: expected, as: UTF8.self)
    Attachment.record(actual, named: "actual-\(fileName)", sourceLocation: sourceLocation)
    Attachment.record(expectedText, named: "expected-\(fileName)", sourceLocation: sourceLocation)
    let difference = firstDifference(expected: expectedText, actual: actual)
    Issue.record(
        "\(fileName) differs from its snapshot \(difference)\nif that is right: RECORD_SNAPSHOTS=1 swift test",
        sourceLocation: sourceLocation
    )
}

private func recorded(_ actual: String, at golden: URL) -> String {
    do {
        try FileManager.default.createDirectory(
            at: golden.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(actual.utf8).write(to: golden)
        return "recorded \(golden.path)"
    } catch {
        return "cannot record \(golden.path): \(error)"
    }
}

/// The first line that differs, with its number, from both sides.
func firstDifference(expected: String, actual: String) -> String {
    let expectedLines = expected.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let actualLines = actual.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    func line(_ lines: [Substring.UTF8View], _ index: Int) -> String {
        guard index < lines.count else { return "(the end)" }
        let text = String(Substring(lines[index]))
        return text.count > 400 ? "\(text.prefix(400))… (\(text.utf8.count) bytes)" : text
    }
    for index in 0..<max(expectedLines.count, actualLines.count) {
        let areEqual =
            index < expectedLines.count && index < actualLines.count
            && expectedLines[index].elementsEqual(actualLines[index])
        if areEqual { continue }
        return "at line \(index + 1):\n- \(line(expectedLines, index))\n+ \(line(actualLines, index))"
    }
    return "nowhere"
}
