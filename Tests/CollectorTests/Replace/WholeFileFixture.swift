import Files
import Foundation
import TestSupport

@testable import Collector

/// What a test ends a transfer with.
struct Interrupted: Error {}

/// Two folders, and a source that a test breaks.
struct WholeFileFixture {
    let directory: TemporaryDirectory
    var from: String { directory.path + "/from" }
    var to: String { directory.path + "/to" }
    var destination: LocalTransport { LocalTransport(root: to) }

    init() throws {
        directory = try TemporaryDirectory()
        for name in ["from", "to"] {
            try FileManager.default.createDirectory(
                atPath: directory.path + "/" + name,
                withIntermediateDirectories: true
            )
        }
    }

    func put(_ bytes: [UInt8], at name: String) throws {
        try AtomicFile.write(bytes, to: from + "/" + name, synchronizing: false)
    }

    func arrived(_ name: String) -> [UInt8]? {
        try? OpenFile.reading(to + "/" + name).readAll()
    }

    var names: [String] {
        ((try? DirectoryTree.walk(to)) ?? []).filter { $0.kind == .file }.map(\.path.string)
    }

    func transfer(
        clock: JumpingClock = JumpingClock(),
        options: WholeFileOptions = WholeFileOptions(),
        atStep: @escaping @Sendable (TransferStep) throws -> Void = { _ in }
    ) -> WholeFileTransfer {
        WholeFileTransfer(options: options, time: clock.time, atStep: atStep)
    }
}

func wholeFilePath(_ text: String) throws -> RelativePath { try RelativePath(validating: text) }

func wholeFileCheckpoint(_ seed: UInt64, tensorByteCount: Int = 50_000) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    return ZipFixture.checkpoint { random.bytes(tensorByteCount) }.bytes
}
