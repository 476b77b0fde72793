@testable import Collector
import Files
import Testing
import TestSupport

@Suite struct CRC32Tests {
    /// The check value of the CRC catalogue for CRC-32/ISO-HDLC.
    @Test func hasTheKnownValue() {
        var crc = CRC32()
        Array("123456789".utf8).withUnsafeBytes { crc.update($0) }
        #expect(crc.value == 0xCBF4_3926)
    }

    @Test func doesNotDependOnHowTheBytesArrive() {
        var random = SeededRandom.fresh()
        let bytes = random.bytes(1_000)
        var whole = CRC32()
        bytes.withUnsafeBytes { whole.update($0) }
        var pieces = CRC32()
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(Int.random(in: 1...30, using: &random)))
            piece.withUnsafeBytes { pieces.update($0) }
            rest = rest.dropFirst(piece.count)
        }
        #expect(pieces.value == whole.value, "\(random)")
    }
}

@Suite struct CheckpointStructureTests {
    private let directory: TemporaryDirectory
    private let transport: LocalTransport

    init() throws {
        directory = try TemporaryDirectory()
        transport = LocalTransport(root: directory.path)
    }

    private func verify(_ bytes: [UInt8], as name: String = "model.pt") async throws -> VerificationLevel {
        try AtomicFile.write(bytes, to: directory.path + "/" + name, synchronizing: false)
        return try await CheckpointStructure.verify(
            RelativePath(validating: name),
            on: transport,
            size: bytes.count
        )
    }

    private func probe(_ bytes: [UInt8], as name: String = "model.pt") async throws -> CheckpointFormat? {
        try AtomicFile.write(bytes, to: directory.path + "/" + name, synchronizing: false)
        return try await CheckpointStructure.probe(
            RelativePath(validating: name),
            on: transport,
            size: bytes.count
        )
    }

    private func archive(seed: UInt64 = 1) -> ZipFixture {
        var random = SeededRandom(seed: seed)
        return ZipFixture.checkpoint { random.bytes(5_000) }
    }

    @Test func aWholeArchiveIsVerifiedToItsChecksums() async throws {
        for (hasLargeEnd, usesLargeFields) in [(true, false), (false, false), (true, true)] {
            var archive = archive()
            archive.hasLargeEnd = hasLargeEnd
            archive.usesLargeFields = usesLargeFields
            #expect(try await verify(archive.bytes) == .structureAndChecksums)
            #expect(try await probe(archive.bytes) == .zip)
        }
        var commented = archive()
        commented.comment = Array("PK\u{5}\u{6}".utf8)
        #expect(try await verify(commented.bytes) == .structureAndChecksums)
    }

    @Test func withoutNotedChecksumsOnlyTheStructureIsKnown() async throws {
        var archive = archive()
        archive.notesChecksums = false
        #expect(try await verify(archive.bytes) == .structureOnly)
    }

    /// A writer is killed, or copied while it writes: the directory comes last in a zip.
    @Test func everyTruncationIsHalfWritten() async throws {
        let bytes = archive().bytes
        for end in stride(from: 4, to: bytes.count, by: 97) {
            await #expect(throws: CollectorError.self, "\(end) of \(bytes.count)") {
                _ = try await probe(Array(bytes[..<end]))
            }
        }
        await #expect(throws: CollectorError.self) { _ = try await probe(Array(bytes.dropLast())) }
    }

    @Test func aTornTensorIsFoundByItsChecksum() async throws {
        var bytes = archive().bytes
        for index in 3_000..<3_100 { bytes[index] ^= 0x55 }
        #expect(try await probe(bytes) == .zip, "the end is whole")
        await #expect(throws: CollectorError.self) { _ = try await verify(bytes) }
    }

    @Test func damageAnywhereNeverTrapsAndIsMostlyFound() async throws {
        var random = SeededRandom.fresh()
        let whole = archive().bytes
        var found = 0
        for _ in 0..<200 {
            var bytes = whole
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255,
                    using: &random
                )
            }
            do { _ = try await verify(bytes) } catch is CollectorError { found += 1 }
        }
        #expect(found > 150, "\(random)")
    }

    @Test func recordsThatOverlapAreRefused() async throws {
        var archive = archive()
        archive.hasLargeEnd = false
        archive.records = [("a", [1, 2, 3]), ("b", [4, 5, 6])]
        var bytes = archive.bytes
        // Point the second directory entry (46 + 1 bytes each) at the first record.
        let second = bytes.count - 22 - 47
        for index in 0..<4 { bytes[second + 42 + index] = 0 }
        await #expect(throws: CollectorError.self) { _ = try await verify(bytes) }
    }

    @Test func safetensorsAreVerifiedToTheirStructure() async throws {
        #expect(try await verify(SafetensorsFixture.valid, as: "a.safetensors") == .structureOnly)
        #expect(try await probe(SafetensorsFixture.valid, as: "a.safetensors") == .safetensors)
    }

    @Test(arguments: [
        "not json", "[]", #"{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,15]}}"#,
        #"{"a":{"dtype":"F32","shape":[4],"data_offsets":[4,20]}}"#,
        #"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#,
        #"{"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}"#,
        #"{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,16]}}"#,
        #"{"a":{"dtype":"F32","shape":[5],"data_offsets":[0,20]}}"#, #"{"a":{}}"#, #"{"a":3}"#,
    ])
    func damagedSafetensorsAreRefused(header: String) async throws {
        let bytes = SafetensorsFixture.bytes(header: header, data: [UInt8](repeating: 0, count: 16))
        await #expect(throws: CollectorError.self) { _ = try await verify(bytes, as: "a.safetensors") }
    }

    @Test func everyTruncationOfSafetensorsIsFound() async throws {
        let bytes = SafetensorsFixture.valid
        for end in 0..<bytes.count {
            await #expect(throws: CollectorError.self) {
                _ = try await probe(Array(bytes[..<end]), as: "a.safetensors")
            }
        }
        await #expect(throws: CollectorError.self) { _ = try await probe(bytes + [0], as: "a.safetensors") }
    }

    @Test func otherFilesAreLeftInPeace() async throws {
        #expect(try await probe(Array("Olá".utf8), as: "corpus.pt") == nil)
        #expect(try await probe([0x80, 2, 0x8A], as: "old.pth") == .pickle)
        #expect(try await probe([], as: "notes.txt") == nil)
        await #expect(throws: CollectorError.self) { _ = try await probe([], as: "empty.pt") }
    }
}
