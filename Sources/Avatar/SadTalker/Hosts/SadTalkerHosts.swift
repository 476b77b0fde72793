import Foundation

/// How the machine is found that SadTalker's settings name.
public struct SadTalkerHosts: Sendable {
    /// Reaches a host by its name.
    ///
    /// - Parameter name: what the settings call it.
    /// - Returns: the host; nothing was sent to it yet.
    /// - Throws: ``AvatarError`` for a host that is not trusted.
    public typealias Finder = @Sendable (_ name: String) throws(AvatarError) -> any SadTalkerHost

    private let find: Finder
    private let local: LocalSadTalkerHost

    /// - Parameters:
    ///   - environment: of programs that this machine runs.
    ///   - find: reaches a host by its name.
    public init(environment: [String: String], find: @escaping Finder) {
        local = LocalSadTalkerHost(environment: environment)
        self.find = find
    }

    /// This machine alone: whoever names another is told that it is not connected.
    public static var thisMachine: SadTalkerHosts {
        SadTalkerHosts(environment: ProcessInfo.processInfo.environment) { name throws(AvatarError) in
            throw .sadTalkerConfiguration(key: "host", reason: "\(VisibleText.quoted(name)) is not connected")
        }
    }

    /// The machine of some settings.
    ///
    /// - Parameter configuration: settings; where they name no host, this machine is meant.
    /// - Returns: the host; nothing was sent to it yet.
    /// - Throws: ``AvatarError`` for a host that is not trusted.
    public func host(of configuration: SadTalkerConfiguration) throws(AvatarError) -> any SadTalkerHost {
        guard let name = configuration.hostName else { return local }
        return try find(name)
    }
}
