import TestSupport
import Testing

@testable import Collector

/// The texts are what OpenSSH 9.2 prints; see sshconnect.c and sshconnect2.c.
@Suite struct SSHDiagnosisTests {
    private func diagnosis() throws -> SSHDiagnosis {
        let key = try #require(HostKey(HostFileTests.key))
        return SSHDiagnosis(
            host: ResolvedHost(
                host: KnownHost(name: "gpu", address: "203.0.113.7", keys: [key]),
                jumps: [KnownHost(name: "bastion", address: "192.0.2.1", keys: [key])]
            ),
            connectSeconds: 7
        )
    }

    private func fingerprint() throws -> String { try #require(HostKey(HostFileTests.key)).fingerprint }

    @Test(arguments: [("voxsite-0", "gpu"), ("voxsite-1", "bastion")])
    func aChangedKeyNamesItsHostAndBothFingerprints(_ alias: String, _ name: String) throws {
        let text = """
            @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
            @    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
            @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
            IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!
            The fingerprint for the ED25519 key sent by the remote host is\r
            SHA256:sfC8SgShLY0HAvPmwXvJ10pfoKLlxBJ1yHKuwIZOgGY.\r
            Please contact your system administrator.
            Host key for \(alias) has changed and you have requested strict checking.
            Host key verification failed.
            kex_exchange_identification: Connection closed by remote host
            Connection closed by UNKNOWN port 65535
            """
        #expect(
            try diagnosis().error(text)
                == .hostKeyChanged(
                    host: name,
                    pinned: try fingerprint(),
                    offered: "SHA256:sfC8SgShLY0HAvPmwXvJ10pfoKLlxBJ1yHKuwIZOgGY"
                )
        )
        // Also in the middle of something.
        guard case .hostKeyChanged = try diagnosis().error(text, during: "gpu:/x") else {
            Issue.record("not recognised")
            return
        }
    }

    @Test func aKeyOfAnotherKindIsAChangedKey() throws {
        let text =
            "Unable to negotiate with UNKNOWN port 65535: no matching host key type found. "
            + "Their offer: rsa-sha2-512,rsa-sha2-256"
        #expect(
            try diagnosis().error(text)
                == .hostKeyChanged(
                    host: "gpu",
                    pinned: try fingerprint(),
                    offered: "no such key, only rsa-sha2-512,rsa-sha2-256"
                )
        )
    }

    @Test func failuresAreToldApart() throws {
        let diagnosis = try diagnosis()
        #expect(
            diagnosis.error(
                "secretuser@192.0.2.1: Permission denied (publickey).\nConnection closed by UNKNOWN port 65535"
            )
                == .authentication(host: "bastion", reason: "Permission denied (publickey).")
        )
        #expect(
            diagnosis.error(
                "Load key \"/k\": Permission denied\nroot@203.0.113.7: Permission denied (publickey)."
            )
                == .authentication(
                    host: "gpu",
                    reason: "Load key \"/k\": Permission denied; Permission denied (publickey)."
                )
        )
        #expect(
            diagnosis.error("ssh: connect to host 203.0.113.7 port 22: Connection timed out")
                == .connectTimeout(host: "gpu", seconds: 7)
        )
        #expect(
            diagnosis.error("ssh: connect to host 203.0.113.7 port 22: Connection refused\r\n")
                == .connection(
                    host: "gpu",
                    reason: "ssh: connect to host 203.0.113.7 port 22: Connection refused"
                )
        )
        #expect(diagnosis.error("") == .connection(host: "gpu", reason: "ssh ended without a reason"))
        #expect(
            diagnosis.error("Timeout, server 1.2.3.4 not responding.", during: "gpu:/a")
                == .stream("gpu:/a", reason: "Timeout, server 1.2.3.4 not responding.")
        )
    }

    @Test func wordsOfTheOtherSideAreMadeFitToBeShown() throws {
        let hostile = "a\u{1B}[2Jb\u{0}c\u{202E}d" + String(repeating: "x", count: 5000)
        guard case .connection(_, let reason) = try diagnosis().error(hostile) else {
            Issue.record("another error")
            return
        }
        #expect(reason.unicodeScalars.count <= 401)
        #expect(!reason.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
    }

    @Test func anyDamagedTextIsSurvived() throws {
        let diagnosis = try diagnosis()
        let text = Array(
            ("@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nThe fingerprint for the ED25519 key\n"
                + "SHA256:abc.\nHost key for voxsite-1 has changed\nu@voxsite-0: Permission denied (a)\n")
                .utf8
        )
        for index in text.indices {
            _ = diagnosis.error(String(decoding: text[..<index], as: UTF8.self))
            _ = diagnosis.error(String(decoding: text[index...], as: UTF8.self), during: "x")
        }
    }
}
