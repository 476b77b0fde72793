import Files
import TestSupport
import Testing

@testable import Collector

/// One kind of text or bytes that comes from another host: samples of it, and what must hold whatever it is.
///
/// A new parser of anything remote is added to ``all`` and nowhere else.
struct RemoteInput: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let samples: [[UInt8]]
    /// Reads an input and returns what went wrong, nil where all is well.
    ///
    /// That it returns at all is half of the test.
    let defect: @Sendable ([UInt8]) async throws -> String?

    init(
        _ name: String,
        _ samples: [[UInt8]],
        defect: @escaping @Sendable ([UInt8]) async throws -> String?
    ) {
        testDescription = name
        self.samples = samples
        self.defect = defect
    }

    init(
        _ name: String,
        _ samples: [String],
        defect: @escaping @Sendable ([UInt8]) async throws -> String?
    ) {
        self.init(name, samples.map { Array($0.utf8) }, defect: defect)
    }

    /// Everything that is parsed from a remote.
    static let all = [
        answer, listing, tools, diagnosis, hostKey, longName, sftpPage, httpPage, contentRange, seconds, name,
        checkpointName, zip, safetensors,
    ]

    /// Why a name must not have been taken; nil for one that stays below its root.
    static func defect(ofName path: RelativePath) -> String? {
        let parts = path.string.split(separator: "/", omittingEmptySubsequences: false)
        let leads = parts.contains { $0.isEmpty || $0 == "." || $0 == ".." }
        let breaks = path.string.utf8.contains { $0 == 0 || $0 == 0x0A || $0 == 0x0D }
        return leads || breaks ? "the name \(path.string.debugDescription) was taken" : nil
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    // MARK: Over ssh

    static let answer = RemoteInput("answers to commands", [SSHParsingTests.frame("output\n", 0, "dd: x\n")])
    { bytes in
        var parser = SSHAnswerParser(token: SSHParsingTests.token, limit: 64)
        guard let (answer, rest) = try? parser.feed(bytes) else { return nil }
        return answer.output.count > 64 || rest.count > bytes.count ? "more came out than may" : nil
    }

    static let listing = RemoteInput(
        "listings by find and stat",
        [
            "f/12/1700000000.5/99/644/a\0d/4096/1700000000/7/755/./b/c\0l/5/-1.25/1/777/x\0",
            "x81a4/3/9/1/0/n\0",
        ]
    ) { bytes in
        for record in SSHListingParser.records(bytes).records {
            if record.status.size < 0 { return "a negative size" }
            if let path = try? SSHListingParser.path(record.name, in: nil), let defect = defect(ofName: path)
            {
                return defect
            }
        }
        return nil
    }

    static let tools = RemoteInput("the tools of a host", ["hello\nvoxsite-tools: find stat dd nofollow\n"]) {
        bytes in
        _ = SSHRemoteTools(answer: bytes)?.words
        return nil
    }

    static let diagnosis = RemoteInput(
        "what ssh says of a failure",
        [
            "The fingerprint for the ED25519 key sent by the remote host is\nSHA256:abc.\nHost key for voxsite-0 has changed",
            "root@voxsite-0: Permission denied (publickey,password).\r\n",
            "ssh: connect to host h port 22: timed out\n",
        ]
    ) { bytes in
        let key = try #require(HostKey(HostFileTests.key))
        let host = ResolvedHost(host: KnownHost(name: "gpu", address: "203.0.113.7", keys: [key]))
        let shown = SSHDiagnosis(host: host, connectSeconds: 7).error(text(bytes)).description
        let obeys = shown.unicodeScalars.contains { $0.properties.generalCategory == .control }
        return obeys ? "a control character is shown" : nil
    }

    static let hostKey = RemoteInput("host keys", [HostFileTests.key, "ssh-rsa AAAAB3NzaC1yc2E= x"]) {
        bytes in
        guard let key = HostKey(text(bytes)) else { return nil }
        return key.fingerprint.hasPrefix("SHA256:") ? nil : "a key without a fingerprint"
    }

    // MARK: Over SFTP and HTTP

    private static let longNames = [
        "-rw-r--r-- 1 root root 5 Nov 25 02:01 metrics.jsonl", "drwxr-xr-x 2 0 0 4096 Jan 3 2024 runs",
        "lrwxrwxrwx 1 u g 9 Mar 3 04:05 a -> ../etc/passwd",
        "-rw------- 1 u g 9223372036854775807 Mar 3 04:05 -rf",
    ]

    static let longName = RemoteInput("lines of an SFTP listing", longNames) { bytes in
        (LongName(bytes)?.status.size ?? 0) < 0 ? "a negative size" : nil
    }

    static let sftpPage = RemoteInput("SFTP listings", [longNames.joined(separator: "\n")]) { bytes in
        let lines = bytes.split(separator: 0x0A).map { Array($0) + [0x0A] }
        for (name, status) in SFTPPage(lines, folder: "gpu:/runs").entries {
            if status.size < 0 { return "a negative size" }
            if let defect = defect(ofName: try RelativePath(validating: name)) { return defect }
            if name.contains("/") { return "a name with a slash" }
        }
        return nil
    }

    static let httpPage = RemoteInput(
        "folders of a web server",
        [
            #"[{"name":"a","type":"directory","mtime":"Wed, 25 Nov 2026 02:01:00 GMT"},"#
                + #"{"name":"b.log","type":"file","mtime":"Wed, 25 Nov 2026 02:01:00 GMT","size":12}]"#
        ]
    ) { bytes in
        for (name, status) in HTTPFolderPage(bytes, folder: "http://h/")?.entries ?? [:] {
            if status.size < 0 { return "a negative size" }
            if let defect = defect(ofName: try RelativePath(validating: name)) { return defect }
            if name.contains("/") { return "a name with a slash" }
        }
        return nil
    }

    static let contentRange = RemoteInput(
        "Content-Range",
        [
            "bytes 500-999/1234", "bytes 0-0/*", "bytes */1234",
            "bytes 0-9223372036854775807/9223372036854775807",
        ]
    ) { bytes in
        guard case .part(let range, let whole)? = ContentRange(text(bytes)) else { return nil }
        return range.isEmpty || range.lowerBound < 0 || range.upperBound > whole ?? .max ? "\(range)" : nil
    }

    static let seconds = RemoteInput("times", ["1700000000", "Wed, 25 Nov 2026 02:01:00 GMT"]) { bytes in
        _ = WholeSeconds.nanoseconds(text(bytes))
        return nil
    }

    // MARK: Names and contents

    static let name = RemoteInput(
        "names",
        ["a/b/metrics.jsonl", "../x", "/etc/passwd", "a//b", "-rf", "a\nb"]
    ) { bytes in
        guard let path = try? RelativePath(validating: text(bytes)) else { return nil }
        _ = GenerationName.isGeneration(path)
        _ = OwnNames.contain(path, partialFolder: ".voxsite-partial")
        return defect(ofName: path)
    }

    static let checkpointName = RemoteInput(
        "names of checkpoints",
        ["step_14272_epoch15.pt", "best_final_stage1.pt", "stage2/best.safetensors", "step_999999999999.pt"]
    ) { bytes in
        guard let path = try? RelativePath(validating: text(bytes)), let name = CheckpointName(path) else {
            return nil
        }
        return (name.step ?? 0) < 0 ? "a negative step" : nil
    }

    static let zip = RemoteInput(
        "archives",
        [ZipFixture.checkpoint { [UInt8](repeating: 7, count: 300) }.bytes]
    ) { bytes in
        try await checkpoint(bytes, "a.pt")
    }

    static let safetensors = RemoteInput(
        "safetensors",
        [
            [63, 0, 0, 0, 0, 0, 0, 0]
                + Array(#"{"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"x":{}}"#.utf8)
                + [UInt8](repeating: 0, count: 8)
        ]
    ) { bytes in
        try await checkpoint(bytes, "a.safetensors")
    }

    /// An archive that is not whole is an error; one that is believed is not longer than it is.
    private static func checkpoint(_ bytes: [UInt8], _ name: String) async throws -> String? {
        let source = MemoryTransport(displayName: "gpu")
        let path = try RelativePath(validating: name)
        source.change { $0.edit(path) { $0 = bytes } }
        do {
            _ = try await CheckpointStructure.verify(path, on: source, size: bytes.count)
            return nil
        } catch is CollectorError {
            return nil
        }
    }
}
