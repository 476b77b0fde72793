import Foundation
import FoundationNetworking

/// The W3C WebDriver protocol, as much of it as these tests speak.
///
/// Source: W3C Recommendation "WebDriver", and for the commands under `goog/` and `se/` chromedriver's own.
struct WebDriver: Sendable {
    private let session: URL

    /// Opens a browser session.
    ///
    /// - Parameters:
    ///   - server: Where chromedriver listens.
    ///   - browser: The path of the browser it starts.
    ///   - arguments: The browser's own, besides those that every headless run needs.
    ///   - preferences: Of the browser's profile.
    /// - Throws: ``WebDriverError``, or what the network says.
    init(server: URL, browser: String, arguments: [String], preferences: [String: Int] = [:]) async throws {
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
        let reply = try await Self.send("POST", server.appending(path: "session"), try Self.encode(body))
        guard let value = reply.object as? [String: Any], let id = value["sessionId"] as? String else {
            throw WebDriverError(command: "session", message: "no session in the answer")
        }
        session = server.appending(path: "session").appending(path: id)
        let timeouts = ["script": 60_000, "pageLoad": 60_000, "implicit": 0]
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
        try await Self.send("POST", session.appending(path: name), Self.encode(parameters))
    }

    /// Asks for something: `screenshot`, `title`, `source`.
    ///
    /// - Parameter name: The path below the session.
    /// - Returns: The `value` of the answer.
    /// - Throws: ``WebDriverError`` where the browser refuses, or what the network says.
    func get(_ name: String) async throws -> WebDriverValue {
        try await Self.send("GET", session.appending(path: name), nil)
    }

    /// Ends the session and with it the browser.
    func quit() async {
        _ = try? await Self.send("DELETE", session, nil)
    }

    private static func encode(_ object: [String: Any]) throws -> Data {
        try JSONSerialization.data(withJSONObject: object)
    }

    private static func send(_ method: String, _ url: URL, _ body: Data?) async throws -> WebDriverValue {
        var request = URLRequest(url: url, timeoutInterval: 90)
        request.httpMethod = method
        request.httpBody = body
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        let (data, response) = try await URLSession.shared.data(for: request)
        let reply = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let value = reply?["value"]
        guard (response as? HTTPURLResponse)?.statusCode == 200 else {
            let message = (value as? [String: Any])?["message"] as? String ?? "an answer without a message"
            throw WebDriverError(command: url.lastPathComponent, message: message)
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
