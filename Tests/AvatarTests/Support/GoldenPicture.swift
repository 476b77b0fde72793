import Foundation
import Testing

@testable import Avatar

/// Compares a picture with the golden one `__Snapshots__/<test file>/<name>.png` beside the test.
///
/// Perceptual: both are averaged over blocks of 4 by 4 pixels, which hides other versions of cairo's edges; no block
/// may differ by more than 12 of 255, and all together by more than 0.5 on average. A golden file that is missing is
/// recorded, and the test fails; `RECORD_SNAPSHOTS=1` records all anew, and fails as well.
func assertGolden(
    _ picture: RasterImage,
    as name: String,
    filePath: String = #filePath,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let test = URL(filePath: filePath)
    let golden = test.deletingLastPathComponent().appending(path: "__Snapshots__")
        .appending(path: test.deletingPathExtension().lastPathComponent).appending(path: "\(name).png")
    let environment = ProcessInfo.processInfo.environment
    let isRecording = environment["RECORD_SNAPSHOTS"].map { !["", "0"].contains($0) } ?? false
    guard !isRecording, FileManager.default.fileExists(atPath: golden.path) else {
        try FileManager.default.createDirectory(
            at: golden.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try picture.writePNG(to: golden.path)
        Issue.record("recorded \(golden.path); look at it and commit it", sourceLocation: sourceLocation)
        return
    }
    let expected = try RasterImage(png: golden.path)
    try #require(expected.width == picture.width && expected.height == picture.height)
    let differences = zip(blocks(expected), blocks(picture)).map { abs($0 - $1) }
    let worst = differences.max() ?? 0
    let mean = differences.reduce(0, +) / Float(max(differences.count, 1))
    if worst > 12 || mean > 0.5 {
        Attachment.record(Data(picture.png()), named: "actual-\(name).png", sourceLocation: sourceLocation)
        Issue.record(
            "\(name) differs from its golden picture: worst block \(worst), mean \(mean) of 255",
            sourceLocation: sourceLocation
        )
    }
}

/// Means over 4 by 4 pixels of each colour.
private func blocks(_ picture: RasterImage) -> [Float] {
    let columns = picture.width / 4
    var sums = [Float](repeating: 0, count: columns * (picture.height / 4) * 4)
    for y in 0..<picture.height / 4 * 4 {
        for x in 0..<columns * 4 {
            for channel in 0..<4 {
                sums[(y / 4 * columns + x / 4) * 4 + channel] += Float(
                    picture.pixels[4 * (y * picture.width + x) + channel]
                )
            }
        }
    }
    return sums.map { $0 / 16 }
}
