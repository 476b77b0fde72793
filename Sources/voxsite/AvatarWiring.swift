import Avatar
import Foundation

/// Puts voices, avatars and engines together, as the environment and the installation have them.
enum AvatarWiring {
    /// Everything that makes clips.
    ///
    /// - Parameters:
    ///   - avatars: a folder of the user's avatars that come before those of the program.
    ///   - enhancer: what SadTalker repairs faces with, in place of what its settings say.
    /// - Returns: a maker that looks for avatars anew for every clip.
    /// - Throws: `UsageError` where the folders of avatars are missing.
    static func clipMaker(
        avatars: String?,
        enhancer: SadTalkerConfiguration.Enhancer? = nil
    ) throws -> ClipMaker {
        var environment = ProcessInfo.processInfo.environment
        if let enhancer {
            environment[SadTalkerConfiguration.variablePrefix + "ENHANCER"] = enhancer.rawValue
        }
        return ClipMaker(
            voices: VoiceCatalog.standard(environment: environment),
            pronunciation: EspeakProvider(helper: SpeechHelper.find(environment: environment)),
            avatarFolders: try ResourceFolders.find("avatars", override: avatars),
            engines: EngineChoice([
                SadTalkerAnimation(environment: environment, hosts: .trusted(environment: environment)),
                RigEngine(),
            ])
        )
    }
}
