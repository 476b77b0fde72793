import CCurl
public import Files
import Synchronization

/// A tree of files behind a web server, read over HTTP or HTTPS with libcurl.
///
/// Any server that answers byte ranges will do. Folders can be listed where the server describes them in JSON as
/// nginx does; elsewhere the files must be named.
///
/// A redirect is followed nowhere: it would carry trust from the named server to another. Certificates are always
/// checked. `If-Range` is not sent: servers derive entity tags from size and time, which a log changes with every
/// line, and each poll would be answered with the whole file.
///
/// Source: RFC 9110, in particular §14 for ranges.
public final class HTTPTransport: Transport {
    /// The address of the root, with its percent escapes.
    public let displayName: String

    let connections: CurlConnections
    /// Whether a folder was asked for and the server has no list of it.
    let hasNoLists = Atomic<Bool>(false)

    /// Prepares; a connection is made when it is first needed.
    ///
    /// - Parameters:
    ///   - origin: `https://example.org:8443`, as in ``Location/Scheme/http(origin:)``.
    ///   - path: of the root, with its percent escapes.
    ///   - timeouts: for connecting and for silence.
    ///   - bytesPerSecond: at most, both connections together; nil for as fast as it goes.
    ///   - certificateFile: the authorities to trust in place of the system's, in PEM form.
    /// - Throws: ``CollectorError/usage(_:)`` for an address that holds more than a server and a path.
    public init(
        origin: String,
        path: String,
        timeouts: TransferTimeouts = TransferTimeouts(),
        bytesPerSecond: Int? = nil,
        certificateFile: String? = nil
    ) throws(CollectorError) {
        let root = try Self.root(origin: origin, path: path)
        displayName = root
        connections = CurlConnections(
            peer: origin,
            timeouts: timeouts,
            bytesPerSecond: bytesPerSecond,
            makeHandle: {
                let size = CurlConnections.bufferSize(bytesPerSecond: bytesPerSecond)
                let handle = try CurlHandle.make(
                    protocols: "http,https",
                    bufferSize: size,
                    timeouts: timeouts
                )
                try handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
                if let certificateFile { try handle.set(CURLOPT_CAINFO, certificateFile) }
                try handle.set(CURLOPT_ACCEPT_ENCODING, "identity")
                try handle.set(CURLOPT_USERAGENT, "voxsite")
                return handle
            }
        )
    }

    /// Lists folders, until the server has shown that it does not.
    public var capabilities: TransportCapabilities { hasNoLists.load(ordering: .relaxed) ? [] : .list }

    /// Not possible over HTTP.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - prefix: how many bytes.
    /// - Returns: nothing.
    /// - Throws: ``CollectorError/remoteFile(_:operation:reason:)`` always.
    public func sha256(of path: RelativePath, prefix: Int?) async throws -> SHA256Value {
        throw CollectorError.remoteFile(
            url(path),
            operation: "hash it there",
            reason: "HTTP has no such operation"
        )
    }

    /// Ends the connections.
    public func close() async { await connections.close() }

    /// The address of a file or, of nil, of the root without a slash at its end.
    func url(_ path: RelativePath?) -> String {
        path.map { displayName + "/" + URLPath.encode($0.string) } ?? displayName
    }

    private static func root(origin: String, path: String) throws(CollectorError) -> String {
        let bytes = Array((origin + path).utf8)
        guard origin.hasPrefix("http://") || origin.hasPrefix("https://"),
            !bytes.contains(where: { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "#") }),
            !origin.utf8.contains(UInt8(ascii: "@")), !bytes.contains(UInt8(ascii: "?")),
            path.isEmpty || path.hasPrefix("/")
        else {
            throw .usage("an http address must be a server and a path, without a user, query or fragment")
        }
        var root = Substring(origin + path)
        while root.utf8.last == UInt8(ascii: "/") { root.removeLast() }
        return String(root)
    }
}
