import Foundation
import TestSupport
import Testing

/// Whether this machine can run the browser tests.
enum BrowserAvailability {
    /// What is needed, and the Debian package it comes in.
    static let browser = firstExecutable(["chromium", "google-chrome"])
    static let driver = firstExecutable(["chromedriver"])
    static let voxsite: String? =
        ProcessInfo.processInfo.environment["VOXSITE_BINARY"] ?? Products.executable("voxsite")

    /// Set where a missing browser must not pass unnoticed, as on the build server.
    static let isRequired = ProcessInfo.processInfo.environment["VOXSITE_REQUIRE_BROWSER"] == "1"

    static var missing: [String] {
        [
            browser == nil ? "chromium (apt-get install chromium)" : nil,
            driver == nil ? "chromedriver (apt-get install chromium-driver)" : nil,
            voxsite == nil ? "the voxsite binary (swift build, or VOXSITE_BINARY=PATH)" : nil,
        ].compactMap(\.self)
    }

    static var isComplete: Bool { missing.isEmpty }
    static let comment: Comment = "needs chromium, chromedriver and the voxsite binary"

    private static func firstExecutable(_ names: [String]) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return names.lazy.flatMap { name in folders.map { "\($0)/\(name)" } }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}

@Suite struct BrowserAvailabilityTests {
    @Test("Where a browser is required, nothing that the browser tests need is missing")
    func nothingIsMissing() {
        guard BrowserAvailability.isRequired else { return }
        #expect(BrowserAvailability.missing.isEmpty)
    }
}
