import Foundation
import Testing

@testable import Collector

/// The examples in `deploy/` are what people start from.
@Suite struct DeployFilesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../deploy").standardizedFileURL.path

    @Test("backup.yaml is understood")
    func backups() throws {
        let configuration = try BackupConfiguration.read(Self.folder + "/backup.yaml")
        #expect(configuration.jobs.map(\.folder) == ["backups/stage2", "backups/all-stages"])
        #expect(configuration.jobs[0].finalTimeout == .seconds(300))
        #expect(configuration.jobs[1].retention.keptStepCount == 1)
    }

    @Test("hosts.yaml is understood, its commented keys too")
    func hosts() throws {
        let text = try String(contentsOfFile: Self.folder + "/hosts.yaml", encoding: .utf8)
        let hosts = try HostFile.parse(text, file: "hosts.yaml")
        #expect(hosts.map(\.name) == ["gpu", "bastion"])
        #expect(hosts[0].jump == "bastion" && hosts[0].port == 20_544)
        let full = text.replacing("    #pass", with: "    pass")
        #expect(
            try HostFile.parse(full, file: "hosts.yaml")[0].passwordFile
                == "/var/lib/voxsite/keys/gpu.password"
        )
    }
}
