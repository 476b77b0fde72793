import Foundation
import TestSupport
import Testing

/// An nginx on a free port of 127.0.0.1 with the block of `deploy/nginx.conf` for the live server, without its TLS.
final class NginxProxy: Sendable {
    /// Where nginx is; nil where it is not installed.
    static let executable: String? = ["/usr/sbin/nginx", "/usr/local/bin/nginx", "/usr/bin/nginx"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
    /// `you:secret` for `Authorization: Basic`.
    static let credentials = Data("you:secret".utf8).base64EncodedString()

    let port: Int
    private let folder: TemporaryDirectory
    private let process: ChildProcess

    /// - Parameters:
    ///   - server: the port of the live server.
    ///   - token: what nginx adds for those who know its password; nil for neither.
    /// - Throws: where it cannot be started.
    init(to server: Int, addingToken token: String?) async throws {
        (port, folder) = (try LoopbackPort.free(), try TemporaryDirectory())
        try #require(chmod(folder.path, 0o755) == 0)
        try folder.write("you:{PLAIN}secret\n", to: "htpasswd")
        try folder.write("proxy_set_header Authorization \"Bearer \(token ?? "")\";\n", to: "token.conf")
        let documented = Products.packageDirectory.appending(path: "deploy/nginx.conf")
        let lines = try String(contentsOf: documented, encoding: .utf8).split(separator: "\n")
        // The block is a comment.
        let start = try #require(lines.firstIndex { $0.hasPrefix("# server {") })
        let settings = lines[start...].prefix { $0.hasPrefix("#") }.map { String($0.dropFirst(2)) }
        let replacements = [
            ("http://127.0.0.1:8080/", "http://127.0.0.1:\(server)/"),
            ("/etc/nginx/voxsite.htpasswd", folder.path(of: "htpasswd")),
            ("/etc/nginx/voxsite-token.conf", folder.path(of: "token.conf")),
            ("listen 443 ssl", "listen 127.0.0.1:\(port)"),
        ]
        let block = settings.filter { line in
            let isPassword = line.contains("auth_basic") || line.contains("voxsite-token.conf")
            return !line.contains("ssl_") && !line.contains("[::]") && (token != nil || !isPassword)
        }.map { line in
            replacements.reduce(line) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
        }
        let user = getuid() == 0 ? "user root;" : ""
        try folder.write(
            """
            \(user) daemon off; master_process off; pid \(folder.path)/pid; error_log stderr notice;
            events {}
            http {
            access_log off;
            client_body_temp_path \(folder.path)/1; proxy_temp_path \(folder.path)/2;
            fastcgi_temp_path \(folder.path)/3; uwsgi_temp_path \(folder.path)/4; scgi_temp_path \(folder.path)/5;
            \(block.joined(separator: "\n"))
            }
            """,
            to: "nginx.conf"
        )
        process = try ChildProcess(
            try #require(Self.executable),
            ["-e", "stderr", "-c", folder.path(of: "nginx.conf"), "-p", folder.path]
        )
        // It is written once nginx listens.
        try await waitUntil { [folder] in folder.exists("pid") }
    }

    deinit { process.signal(SIGKILL) }
}
