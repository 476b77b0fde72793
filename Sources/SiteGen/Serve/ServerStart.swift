import Files
import Glibc
import NIOCore

/// What can keep a server from starting, in words.
enum ServerStart {
    /// Why `root` cannot be served; nil where it can.
    static func problem(withRoot root: String) -> SiteGenError? {
        let identity: FileIdentity
        do {
            identity = try FileIdentity(ofFileAt: root)
        } catch {
            return error.code == EACCES
                ? .input(
                    path: root,
                    reason: "permission to look at this folder is denied; change its permissions"
                )
                : .input(
                    path: root,
                    reason:
                        "there is no such folder; build the site first with `voxsite build`, or name another with -o"
                )
        }
        guard identity.kind == .directory else {
            return .input(path: root, reason: "this is not a folder; name the folder of a built site with -o")
        }
        guard access(root, R_OK | X_OK) == 0 else {
            return .input(
                path: root,
                reason: "permission to read this folder is denied; change its permissions"
            )
        }
        return nil
    }

    /// The error to show for one of NIO's.
    static func explain(_ error: any Error, _ configuration: ServerConfiguration) -> any Error {
        let (host, port) = (configuration.host, configuration.port)
        if let error = error as? IOError {
            switch error.errnoCode {
            case EADDRINUSE:
                return SiteGenError.server(
                    reason:
                        "port \(port) of \(host) is taken by another program; stop it, choose another port with "
                        + "--port, or let the system choose a free one with --port 0"
                )
            case EACCES, EPERM:
                return SiteGenError.server(
                    reason:
                        "listening at port \(port) is not permitted to this user (ports below 1024 belong to "
                        + "root); choose a higher one with --port, or a free one with --port 0"
                )
            case EADDRNOTAVAIL:
                return SiteGenError.server(
                    reason:
                        "\(host) is not an address of this machine; use --host 127.0.0.1 for this machine only, "
                        + "or --host 0.0.0.0 for all its addresses"
                )
            default:
                let reason = unsafe String(cString: strerror(error.errnoCode))
                return SiteGenError.server(
                    reason:
                        "cannot listen at \(host), port \(port): \(reason); choose others with --host and --port"
                )
            }
        }
        if error is SocketAddressError || error is SocketAddressError.UnknownHost {
            return SiteGenError.server(
                reason:
                    "\(host) is not the name of an address; use --host 127.0.0.1 for this machine only, or --host "
                    + "0.0.0.0 for all its addresses"
            )
        }
        return error
    }

    /// The address of a listening server as people type it.
    static func address(host: String, port: Int) -> String {
        let isBareIPv6 = host.utf8.contains(0x3A) && host.utf8.first != 0x5B
        return "http://\(isBareIPv6 ? "[\(host)]" : host):\(port)/"
    }
}
