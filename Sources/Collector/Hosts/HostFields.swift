import Yams

/// The fields of one host in hosts.yaml, each with its type.
struct HostFields {
    let block: YAMLBlock

    func address() throws(CollectorError) -> Location.HostReference {
        let text = try block.required("address", "write address: user@host:port")
        do { return try Location.HostReference(text, allowsPort: true) } catch {
            throw block.failure("address", "address: \(error)")
        }
    }

    func jump() throws(CollectorError) -> String? {
        guard let name = try block.string("jump") else { return nil }
        guard HostFile.isName(name) else {
            throw block.failure("jump", "jump is the name of another host of this file")
        }
        return name
    }

    /// One key or a list of them.
    func hostKeys() throws(CollectorError) -> [HostKey] {
        guard let node = block.node("host_key") else {
            _ = try block.required("host_key", "voxsite hosts add fetches and shows it")
            return []
        }
        let nodes = node.sequence.map { Array($0) } ?? [node]
        guard !nodes.isEmpty else { throw block.failure("host_key", "host_key is empty") }
        var keys: [HostKey] = []
        for node in nodes {
            guard let key = node.scalar.flatMap({ HostKey($0.string) }) else {
                throw block.failure("host_key", "host_key should look like: ssh-ed25519 AAAAC3…")
            }
            keys.append(key)
        }
        return keys
    }

    /// The path of a file: what is written in a configuration must not depend on where a service happens to run.
    func path(_ key: String) throws(CollectorError) -> String? {
        guard let path = try block.path(key) else { return nil }
        guard path.hasPrefix("/") else {
            throw block.failure(
                key,
                "\(key) begins with / or ~/, so that it is the same file wherever this runs"
            )
        }
        return path
    }
}
