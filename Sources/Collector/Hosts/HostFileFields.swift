import Yams

extension HostFile {
    /// Takes the fields of one host out of its block, each with its type.
    struct FieldReader {
        let name: String
        let line: Int?
        var fields: [String: Node]
        let file: String

        func address() throws(CollectorError) -> Location.HostReference {
            guard let node = fields["address"] else {
                throw fail(nil, "address is missing; write address: user@host:port")
            }
            let text = try string(node, "address")
            do { return try Location.HostReference(text, allowsPort: true) } catch {
                throw fail(node, "address: \(error)")
            }
        }

        func jump() throws(CollectorError) -> String? {
            guard let node = fields["jump"] else { return nil }
            let text = try string(node, "jump")
            guard HostFile.isName(text) else {
                throw fail(node, "jump is the name of another host of this file")
            }
            return text
        }

        func hostKeys() throws(CollectorError) -> [HostKey] {
            guard let node = fields["host_key"] else {
                throw fail(nil, "host_key is missing; voxsite hosts add fetches and shows it")
            }
            let nodes = node.sequence.map { Array($0) } ?? [node]
            guard !nodes.isEmpty else { throw fail(node, "host_key is empty") }
            var keys: [HostKey] = []
            for node in nodes {
                guard let key = HostKey(try string(node, "host_key")) else {
                    throw fail(node, "host_key should look like: ssh-ed25519 AAAAC3…")
                }
                keys.append(key)
            }
            return keys
        }

        func path(_ key: String) throws(CollectorError) -> String? {
            guard let node = fields[key] else { return nil }
            let text = try string(node, key)
            guard !text.isEmpty, !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
                throw fail(node, "\(key) is the path of a file")
            }
            let expanded = HomePath.expand(text)
            // What is written in a configuration must not depend on where a service happens to run.
            guard expanded.hasPrefix("/") else {
                throw fail(node, "\(key) begins with / or ~/, so that it is the same file wherever this runs")
            }
            return expanded
        }

        func flag(_ key: String) throws(CollectorError) -> Bool? {
            guard let node = fields[key] else { return nil }
            guard let value = node.bool else { throw fail(node, "\(key) is true or false") }
            return value
        }

        private func string(_ node: Node, _ key: String) throws(CollectorError) -> String {
            guard let text = node.scalar?.string else { throw fail(node, "\(key) should be a text") }
            return text
        }

        private func fail(_ node: Node?, _ reason: String) -> CollectorError {
            .configuration(
                file: file,
                line: node.flatMap { HostFile.line(of: $0) } ?? line,
                reason: "\(name): \(reason)"
            )
        }
    }
}
