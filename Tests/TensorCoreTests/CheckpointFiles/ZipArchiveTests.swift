import Testing

@testable import TensorCore

/// The archive's directory is the only authority, and must agree with the rest of the file (APPNOTE 4.3).
@Suite struct ZipArchiveTests {
    private typealias Member = ArchiveWriter.Member

    private func reason(_ file: [UInt8]) -> String? {
        do throws(CheckpointFileError) {
            let archive = try ZipArchive(TensorBytes(file), path: "a.pt")
            for member in archive.members { try archive.verify(member) }
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [false, true])
    func `members are found in both sizes of directory`(isWide: Bool) throws {
        let members = [Member(name: "m/a", bytes: [1, 2, 3]), Member(name: "m/é", bytes: [])]
        for comment in [[], Array("a comment".utf8)] {
            let file = ArchiveWriter.zip(members, isWide: isWide, comment: comment)
            let archive = try ZipArchive(TensorBytes(file), path: "a.pt")
            #expect(archive.members.map(\.name) == ["m/a", "m/é"])
            let first = try #require(archive["m/a"])
            #expect(archive.bytes.copy(first.range) == [1, 2, 3])
            #expect(reason(file) == nil)
        }
    }

    @Test func `what is compressed, encrypted, twice there or lies about itself is refused`() {
        #expect(
            reason(ArchiveWriter.zip([Member(name: "a", bytes: [1], method: 8)]))?.contains("compressed")
                == true
        )
        #expect(
            reason(ArchiveWriter.zip([Member(name: "a", bytes: [1], flags: 1)]))?.contains("encrypted")
                == true
        )
        let twice = ArchiveWriter.zip([Member(name: "a", bytes: [1]), Member(name: "a", bytes: [2])])
        #expect(reason(twice)?.contains("twice") == true)
        let renamed = ArchiveWriter.zip([Member(name: "a", bytes: [1], localName: "b")])
        #expect(reason(renamed)?.contains("another member") == true)
        let changed = ArchiveWriter.zip([Member(name: "a", bytes: [1], checksum: 5)])
        #expect(reason(changed)?.contains("CRC-32") == true)
    }

    @Test func `members that share bytes are refused`() throws {
        // The first member holds the header and the byte of another.
        let inner = ArchiveWriter.zip([Member(name: "b", bytes: [1])])
        let hiding = Member(name: "a", bytes: Array(inner[..<(64 + 1)]))
        let whole = ArchiveWriter.zip([hiding, Member(name: "b", bytes: [1])])
        let archive = try ZipArchive(TensorBytes(whole), path: "a.pt")
        let (first, second) = (try #require(archive["a"]), try #require(archive["b"]))
        // Make the directory's second entry point into the first member's bytes.
        var pointed = whole
        let offset = ArchiveWriter.le(UInt32(second.headerOffset))
        let position = try #require(
            (0..<whole.count - 4).last { Array(whole[$0..<$0 + 4]) == offset && $0 > second.range.upperBound }
        )
        pointed.replaceSubrange(
            position..<position + 4,
            with: ArchiveWriter.le(UInt32(first.range.lowerBound))
        )
        #expect(reason(pointed)?.contains("overlap") == true)
    }

    @Test func `an archive that PyTorch did not write is told from a damaged one`() {
        func openingReason(_ members: [Member]) -> String {
            do throws(CheckpointFileError) {
                _ = try PyTorchFile(TensorBytes(ArchiveWriter.zip(members)), path: "a.pt")
                return ""
            } catch {
                return error.description
            }
        }
        #expect(openingReason([Member(name: "x/readme", bytes: [1])]).contains("not by torch.save"))
        let none = Pickle.of([0x4E])
        let program = [Member(name: "m/data.pkl", bytes: none), Member(name: "m/constants.pkl", bytes: none)]
        #expect(openingReason(program).contains("TorchScript"))
        let big = [
            Member(name: "m/data.pkl", bytes: none), Member(name: "m/byteorder", bytes: Array("big".utf8)),
        ]
        #expect(openingReason(big).contains("big-endian"))
        let changed = [Member(name: "m/data.pkl", bytes: none, checksum: 1)]
        #expect(openingReason(changed).contains("CRC-32"))
    }
}
