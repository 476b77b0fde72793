import ArgumentParser
import Avatar
import Foundation

struct AvatarDoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "See whether SadTalker can draw, and what to do where it cannot.",
        discussion: """
            Looks at the checkout, its weights, Python and what it imports, the graphics card, the disk and ffmpeg; changes \
            nothing. Where SadTalker is: VOXSITE_SADTALKER_CHECKOUT, or a file named by VOXSITE_SADTALKER_CONFIG; on another \
            machine: VOXSITE_SADTALKER_HOST, a host of `voxsite hosts list`.
            """
    )

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let configuration = try SadTalkerConfiguration.find(environment: environment) else {
            throw UsageError("SadTalker is not configured; set VOXSITE_SADTALKER_CHECKOUT to its folder")
        }
        let doctor = SadTalkerDoctor(
            configuration: configuration,
            host: try SadTalkerHosts.trusted(environment: environment).host(of: configuration)
        )
        let examination = try await doctor.examine()
        for finding in examination.findings { print(finding.description) }
        if !examination.isHealthy { throw ExitCode.failure }
    }
}
