import Foundation
import Synchronization
import TestSupport
import Testing

/// A real nginx on free ports of 127.0.0.1, gone with its last reference.
final class NginxTestServer: Sendable {
    /// Where nginx is; nil where it is not installed, and tests that need it say so and skip.
    static let executable: String? = ["/usr/sbin/nginx", "/usr/local/bin/nginx", "/usr/bin/nginx"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// What a test that skips says.
    static let absence: Comment = "no nginx here: apt install nginx-light"

    /// What it serves, below `/files/` with lists of folders in JSON, below `/plain/` without any, and below
    /// `/html/` with lists in HTML.
    let files: TemporaryDirectory
    /// `http://127.0.0.1:port`.
    let origin: String
    /// `https://localhost:port`, with a certificate that nobody but ``certificateFile`` vouches for.
    let secureOrigin: String
    let certificateFile: String

    private let folder: TemporaryDirectory
    private let process: ChildProcess

    init() async throws {
        let executable = try #require(Self.executable)
        (files, folder) = (try TemporaryDirectory(), try TemporaryDirectory())
        let (port, securePort) = (try LoopbackPort.free(), try LoopbackPort.free())
        origin = "http://127.0.0.1:\(port)"
        secureOrigin = "https://localhost:\(securePort)"
        certificateFile = folder.path(of: "certificate.pem")
        try #require(chmod(folder.path, 0o755) == 0 && chmod(files.path, 0o755) == 0)
        let status = await runToEnd(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                folder.path(of: "key.pem"), "-out", certificateFile,
            ]
        )
        try #require(status == 0)
        let locations = """
            location /files/ { alias \(files.path)/; autoindex on; autoindex_format json; }
            location /html/ { alias \(files.path)/; autoindex on; }
            location /plain/ { alias \(files.path)/; }
            location /forbidden/ { return 403; }
            location /broken/ { return 503; }
            location /moved/ { return 302 https://user:hunter2@elsewhere.example/x?token=hunter2; }
            location /packed/ { alias \(files.path)/; add_header Content-Encoding gzip; }
            location /unranged/ { alias \(files.path)/; max_ranges 0; }
            """
        let user = getuid() == 0 ? "user root;" : ""
        try folder.write(
            """
            \(user) daemon off; master_process off; pid \(folder.path)/pid; error_log stderr notice;
            events {}
            http {
              access_log off;
              client_body_temp_path \(folder.path)/1; proxy_temp_path \(folder.path)/2;
              fastcgi_temp_path \(folder.path)/3; uwsgi_temp_path \(folder.path)/4; scgi_temp_path \(folder.path)/5;
              server { listen 127.0.0.1:\(port); \(locations) }
              server { listen 127.0.0.1:\(securePort) ssl; ssl_certificate \(certificateFile);
                ssl_certificate_key \(folder.path)/key.pem; \(locations) }
            }
            """,
            to: "nginx.conf"
        )
        process = try ChildProcess(
            executable,
            ["-e", "stderr", "-c", folder.path(of: "nginx.conf"), "-p", folder.path]
        )
        try await waitForListener(port)
    }

    deinit { process.signal(SIGKILL) }
}

/// A server on a free port of 127.0.0.1 that answers each request with the bytes that a test gives it.
final class ScriptedHTTPServer: Sendable {
    private let listener: LoopbackListener
    private let seen: SeenRequests

    /// `http://127.0.0.1:port`.
    var origin: String { "http://127.0.0.1:\(listener.port)" }

    /// The heads of the requests so far.
    var requests: [String] { seen.value }

    /// - Parameter answer: gets the head of a request and returns the whole response; nil to say nothing.
    /// - Throws: where no socket can be had.
    init(_ answer: @escaping @Sendable (String) -> String?) throws {
        let seen = SeenRequests()
        self.seen = seen
        listener = try LoopbackListener { connection in
            var received: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = recv(connection, &chunk, chunk.count, 0)
                if count <= 0 { return }
                received += chunk[..<count]
                let text = String(decoding: received, as: UTF8.self)
                guard text.hasSuffix("\r\n\r\n") else { continue }
                received = []
                seen.append(text)
                guard let response = answer(text) else { continue }
                let bytes = Array(response.utf8)
                guard send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return }
                if response.contains("Connection: close") { return }
            }
        }
    }
}

/// Takes connections on a free port of 127.0.0.1, each on a thread of its own, until the last reference goes.
final class LoopbackListener: Sendable {
    let port: Int
    private let listener: Int32

    /// - Parameter serve: gets the descriptor of a connection, which is closed when it returns.
    /// - Throws: where no socket can be had.
    init(_ serve: @escaping @Sendable (Int32) -> Void) throws {
        port = try LoopbackPort.free()
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        let bound = withLoopbackAddress(port) { bind(listener, $0, $1) }
        try #require(bound == 0 && listen(listener, 16) == 0)
        Thread.detachNewThread {
            while true {
                let connection = accept(listener, nil, nil)
                if connection < 0 { return }
                Thread.detachNewThread {
                    serve(connection)
                    close(connection)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}

private func withLoopbackAddress(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32
{
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

/// The heads of requests as they come.
private final class SeenRequests: Sendable {
    private let heads = Mutex<[String]>([])
    var value: [String] { heads.withLock { $0 } }
    func append(_ head: String) { heads.withLock { $0.append(head) } }
}

/// Runs a program to its end and returns its status, on a thread of its own.
///
/// Not by Foundation: it tells the end of a child by the end of a pipe, which other children that are started at
/// the same moment keep open.
func runToEnd(_ program: String, _ arguments: [String]) async -> Int32 {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread {
            var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
            defer { for word in words { free(word) } }
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
            defer { posix_spawn_file_actions_destroy(&actions) }
            var child: pid_t = 0
            var status: Int32 = -1
            if posix_spawn(&child, program, &actions, nil, &words, environ) == 0 {
                while waitpid(child, &status, 0) < 0, errno == EINTR {}
            }
            continuation.resume(returning: status)
        }
    }
}

/// Waits until somebody listens on a port.
private func waitForListener(_ port: Int) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(20)
    while clock.now < deadline {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(connection) }
        let result = withLoopbackAddress(port) { connect(connection, $0, $1) }
        if result == 0 { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    try #require(Bool(false), "nobody listens on port \(port)")
}
