import Foundation

/// The W3C WebDriver protocol, as much of it as these tests speak.
///
/// Source: W3C Recommendation "WebDriver", and for the commands under `goog/` and `se/` chromedriver's own.
struct WebDriver: Sendable {
    private let port: Int
    private let session: String

    /// Opens a browser session.
    ///
    /// - Parameters:
    ///   - port: Where chromedriver listens.
    ///   - browser: The path of the browser it starts.
    ///   - arguments: The browser's own, besides those that every headless run needs.
    ///   - preferences: Of the browser's profile.
    /// - Throws: ``WebDriverError``, or what the network says.
    init(port: Int, browser: String, arguments: [String], preferences: [String: Int] = [:]) async throws {
        let options: [String: Any] = [
            "binary": browser,
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--mute-audio",
            ] + arguments,
            "prefs": preferences,
            "perfLoggingPrefs": ["enableNetwork": true],
        ]
        let capabilities: [String: Any] = [
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": ["browser": "ALL", "performance": "ALL"],
        ]
        let body: [String: Any] = ["capabilities": ["alwaysMatch": capabilities]]
        let reply = try await Self.send("POST", port, "/session", Self.encode(body))
        guard let value = reply.object as? [String: Any], let id = value["sessionId"] as? String else {
            throw WebDriverError(command: "session", message: "no session in the answer")
        }
        self.port = port
        session = "/session/\(id)"
        let timeouts = ["script": 150_000, "pageLoad": 60_000, "implicit": 0]
        try await command("timeouts", timeouts)
    }

    /// Sends a command that takes parameters.
    ///
    /// - Parameters:
    ///   - name: The path below the session.
    ///   - parameters: What JSON can hold.
    /// - Returns: The `value` of the answer.
    /// - Throws: ``WebDriverError`` where the browser refuses, or what the network says.
    @discardableResult
    func command(_ name: String, _ parameters: [String: Any] = [:]) async throws -> WebDriverValue {
        try await Self.send("POST", port, "\(session)/\(name)", Self.encode(parameters))
    }

    /// Asks for something: `screenshot`, `title`, `source`.
    ///
    /// - Parameter name: The path below the session.
    /// - Returns: The `value` of the answer.
    /// - Throws: ``WebDriverError`` where the browser refuses, or what the network says.
    func get(_ name: String) async throws -> WebDriverValue {
        try await Self.send("GET", port, "\(session)/\(name)", nil)
    }

    /// Ends the session and with it the browser.
    func quit() async {
        _ = try? await Self.send("DELETE", port, session, nil)
    }

    private static func encode(_ object: [String: Any]) throws -> Data {
        try JSONSerialization.data(withJSONObject: object)
    }

    private static func send(
        _ method: String,
        _ port: Int,
        _ path: String,
        _ body: Data?
    ) async throws -> WebDriverValue {
        let answer = try await LoopbackHTTP.send(method, port: port, path: path, body: body)
        let reply = try JSONSerialization.jsonObject(with: answer.body) as? [String: Any]
        let value = reply?["value"]
        guard answer.status == 200 else {
            let message = (value as? [String: Any])?["message"] as? String ?? "an answer without a message"
            throw WebDriverError(command: path, message: message)
        }
        return WebDriverValue(data: try JSONSerialization.data(withJSONObject: ["value": value ?? NSNull()]))
    }
}

/// The answer to a command, still JSON: what it holds is not `Sendable` before it has a type.
struct WebDriverValue: Sendable {
    fileprivate let data: Data

    var object: Any? { (try? JSONSerialization.jsonObject(with: data) as? [String: Any])?["value"] }
    var string: String? { object as? String }
    var objects: [[String: Any]] { object as? [[String: Any]] ?? [] }
}

/// Why a command failed.
struct WebDriverError: Error, Sendable, CustomStringConvertible {
    let command: String
    let message: String

    var description: String { "the browser refused \(command): \(message)" }
}
