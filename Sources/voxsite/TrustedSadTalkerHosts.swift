import Avatar
import Collector

extension SadTalkerHosts {
    /// This machine, and the hosts of hosts.yaml; no other is ever connected to.
    ///
    /// - Parameter environment: of this process; it may say where hosts.yaml is.
    /// - Returns: a finder that reads hosts.yaml whenever it is asked.
    static func trusted(environment: [String: String]) -> SadTalkerHosts {
        SadTalkerHosts(environment: environment) { name throws(AvatarError) in
            do throws(CollectorError) {
                let file = HostDirectory.defaultFile(environment: environment)
                let known = try HostDirectory(contentsOf: file).resolve(Location.HostReference(name: name))
                // Its private files live as long as the host does.
                let ssh = try SSHConfiguration(host: known, connectSeconds: 20, inherited: environment)
                return SSHSadTalkerHost(
                    destination: SSHDestination(
                        name: known.host.name,
                        host: ssh.alias,
                        options: ["-F", ssh.file],
                        environment: ssh.environment,
                        hasAskPass: ssh.hasAskPass,
                        trial: "voxsite hosts check \(known.host.name)"
                    ),
                    keeping: ssh,
                    environment: environment
                )
            } catch {
                throw .sadTalkerConfiguration(key: "host", reason: error.description)
            }
        }
    }
}
