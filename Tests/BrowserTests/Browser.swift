import Foundation
import TestSupport
import Testing

/// A headless browser showing one page, driven as a reader would: pointer, touch, keys.
struct Browser: Sendable {
    let driver: WebDriver

    /// Runs a test with a browser of its own, which ends with it.
    ///
    /// - Parameters:
    ///   - width: Of the window, in CSS pixels.
    ///   - height: Of the window, in CSS pixels.
    ///   - runsScripts: Whether pages may run scripts.
    ///   - body: The test.
    /// - Throws: What `body` throws, or that no browser could be started.
    static func with(
        width: Int = 1280,
        height: Int = 900,
        runsScripts: Bool = true,
        _ body: (Browser) async throws -> Void
    ) async throws {
        let program = try #require(BrowserAvailability.driver)
        let chromium = try #require(BrowserAvailability.browser)
        let (child, port) = try await startDriver(program)
        let driver = try await WebDriver(
            port: port,
            browser: chromium,
            arguments: ["--window-size=\(width),\(height)"],
            preferences: runsScripts ? [:] : ["profile.managed_default_content_settings.javascript": 2]
        )
        do {
            // The window's own size includes a frame; narrow ones are not even allowed. This is the page's.
            try await driver.command(
                "goog/cdp/execute",
                [
                    "cmd": "Emulation.setDeviceMetricsOverride",
                    "params": ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": false],
                ]
            )
            try await body(Browser(driver: driver))
        } catch {
            await driver.quit()
            child.signal(SIGTERM)
            throw error
        }
        await driver.quit()
        child.signal(SIGTERM)
        _ = try await child.waitForExit()
    }

    /// Starts chromedriver on a port that it chooses.
    ///
    /// It takes the same number for IPv4 and IPv6 and gives up
    /// where the second is taken, so it may need another try.
    private static func startDriver(_ program: String) async throws -> (ChildProcess, port: Int) {
        var tries = 0
        while true {
            let child = try ChildProcess(program, ["--port=0"])
            do {
                let line = try await child.waitForOutput(containing: "started successfully on port")
                let port = line.split(separator: " ").last.flatMap { Int($0.filter(\.isNumber)) }
                return (child, try #require(port))
            } catch let error as ChildProcessError {
                tries += 1
                if tries == 5 { throw error }
            }
        }
    }

    func open(_ url: String) async throws {
        try await driver.command("url", ["url": url])
    }

    func reload() async throws { try await driver.command("refresh") }

    // MARK: Looking

    /// The value of a JavaScript expression.
    func value<Value: Decodable & Sendable>(
        _ expression: String,
        as: Value.Type = Value.self
    ) async throws -> Value {
        let script = "return JSON.stringify([\(expression)])"
        let text = try await driver.command("execute/sync", ["script": script, "args": [String]()]).string
        let values = try JSONDecoder().decode([Value].self, from: Data((text ?? "[]").utf8))
        return try #require(values.first)
    }

    /// Runs JavaScript statements.
    func run(_ script: String) async throws {
        try await driver.command("execute/sync", ["script": script, "args": [String]()])
    }

    /// Waits, in the browser itself, until a JavaScript expression is true.
    ///
    /// The one place where these tests wait: it looks every 20 ms and gives up at a deadline, so nothing ever sleeps for a guessed time.
    ///
    /// - Parameters:
    ///   - what: For the message of the failure.
    ///   - expression: Errors count as not yet.
    ///   - seconds: How long at most.
    /// - Throws: ``BrowserError`` after the deadline, with what the page showed.
    func wait(for what: String, until expression: String, seconds: Double = 20) async throws {
        let script = """
            const done = arguments[arguments.length - 1], end = performance.now() + \(seconds * 1000);
            (function look() {
                let holds = false, problem = '';
                try { holds = Boolean(\(expression)); } catch (error) { problem = String(error); }
                if (holds) done('');
                else if (performance.now() > end) done(problem || 'false');
                else setTimeout(look, 20);
            })();
            """
        let reply = try await driver.command("execute/async", ["script": script, "args": [String]()]).string
        if let reply, !reply.isEmpty {
            throw BrowserError(waitedFor: what, expression: "\(expression): \(reply)")
        }
    }

    /// Where something is in the window, after scrolling it to the middle.
    func box(_ selector: String) async throws -> Box {
        let expression = """
            (() => { const e = document.querySelector(\(quoted(selector)));
                e.scrollIntoView({block: 'center', behavior: 'instant'});
                const b = e.getBoundingClientRect();
                return {x: b.x, y: b.y, width: b.width, height: b.height}; })()
            """
        return try await value(expression)
    }

    struct Box: Decodable, Sendable {
        let x, y, width, height: Double

        func point(_ across: Double, _ down: Double = 0.5) -> Point {
            Point(x: Int((x + across * width).rounded()), y: Int((y + down * height).rounded()))
        }
    }

    struct Point: Sendable {
        let x, y: Int
    }

    // MARK: Acting

    func click(_ selector: String) async throws {
        let point = try await box(selector).point(0.5)
        try await pointer(
            "mouse",
            [move(point), ["type": "pointerDown", "button": 0], ["type": "pointerUp", "button": 0]]
        )
    }

    func doubleClick(_ point: Point) async throws {
        let press: [[String: Any]] = [
            ["type": "pointerDown", "button": 0], ["type": "pointerUp", "button": 0],
        ]
        try await pointer("mouse", [move(point)] + press + press)
    }

    func hover(_ point: Point) async throws { try await pointer("mouse", [move(point)]) }

    /// Drags by the mouse, or by another kind of pointer: `touch`, `pen`.
    func drag(from start: Point, to end: Point, by kind: String = "mouse") async throws {
        let middle = Point(x: (start.x + end.x) / 2, y: (start.y + end.y) / 2)
        try await pointer(
            kind,
            [
                move(start), ["type": "pointerDown", "button": 0], move(middle), move(end),
                ["type": "pointerUp", "button": 0],
            ]
        )
    }

    func tap(_ point: Point) async throws {
        try await pointer(
            "touch",
            [move(point), ["type": "pointerDown", "button": 0], ["type": "pointerUp", "button": 0]]
        )
    }

    /// Puts two fingers down and moves them, both at once.
    func pinch(_ first: (from: Point, to: Point), _ second: (from: Point, to: Point)) async throws {
        let fingers = [first, second].map { finger -> [[String: Any]] in
            [
                move(finger.from), ["type": "pointerDown", "button": 0], move(finger.to),
                ["type": "pointerUp", "button": 0],
            ]
        }
        let sources = fingers.enumerated().map { index, actions -> [String: Any] in
            [
                "type": "pointer", "id": "finger\(index)", "parameters": ["pointerType": "touch"],
                "actions": actions,
            ]
        }
        try await driver.command("actions", ["actions": sources])
    }

    /// Presses keys one after the other; special ones by their WebDriver code points.
    func press(_ keys: [String], holding modifier: String? = nil) async throws {
        var actions: [[String: Any]] = []
        if let modifier { actions.append(["type": "keyDown", "value": modifier]) }
        for key in keys {
            actions += [["type": "keyDown", "value": key], ["type": "keyUp", "value": key]]
        }
        if let modifier { actions.append(["type": "keyUp", "value": modifier]) }
        try await driver.command("actions", ["actions": [["type": "key", "id": "keys", "actions": actions]]])
    }

    /// Sets a control to a value and tells the page as the browser does.
    func choose(_ selector: String, value: String) async throws {
        try await run(
            """
            const e = document.querySelector(\(quoted(selector)));
            e.value = \(quoted(value));
            e.dispatchEvent(new Event('input', {bubbles: true}));
            """
        )
    }

    func focus(_ selector: String) async throws {
        try await run("document.querySelector(\(quoted(selector))).focus()")
    }

    private func pointer(_ kind: String, _ actions: [[String: Any]]) async throws {
        let source: [String: Any] = [
            "type": "pointer", "id": kind, "parameters": ["pointerType": kind], "actions": actions,
        ]
        try await driver.command("actions", ["actions": [source]])
    }

    private func move(_ point: Point) -> [String: Any] {
        ["type": "pointerMove", "duration": 0, "x": point.x, "y": point.y, "origin": "viewport"]
    }

    // MARK: Logs

    /// Errors on the console since the last look: exceptions, refused policies, failed requests.
    func consoleErrors() async throws -> [String] {
        try await driver.command("se/log", ["type": "browser"]).objects
            .filter { $0["level"] as? String == "SEVERE" }
            .compactMap { $0["message"] as? String }
    }

    /// The addresses requested since the last look.
    func requestedURLs() async throws -> [String] {
        try await driver.command("se/log", ["type": "performance"]).objects.compactMap { entry in
            guard let text = entry["message"] as? String,
                let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
                let message = object["message"] as? [String: Any],
                message["method"] as? String == "Network.requestWillBeSent",
                let parameters = message["params"] as? [String: Any],
                let request = parameters["request"] as? [String: Any]
            else { return nil }
            return request["url"] as? String
        }
    }

    /// Keeps requests whose address matches a pattern from leaving the browser.
    func block(_ pattern: String) async throws {
        try await driver.command("goog/cdp/execute", ["cmd": "Network.enable", "params": [String: String]()])
        try await driver.command(
            "goog/cdp/execute",
            ["cmd": "Network.setBlockedURLs", "params": ["urls": [pattern]]]
        )
    }
}

/// Keys that are no characters.
///
/// Source: W3C Recommendation "WebDriver", "Keyboard Actions".
enum Key {
    static let left = "\u{E012}"
    static let right = "\u{E014}"
    static let home = "\u{E011}"
    static let end = "\u{E010}"
    static let escape = "\u{E00C}"
    static let enter = "\u{E007}"
    static let shift = "\u{E008}"
    static let control = "\u{E009}"
    static let tab = "\u{E004}"
    static let up = "\u{E013}"
    static let down = "\u{E015}"
}

/// What the page did not come to show.
struct BrowserError: Error, Sendable, CustomStringConvertible {
    let waitedFor: String
    let expression: String

    var description: String { "waited in vain for \(waitedFor): \(expression)" }
}

/// A text as a JavaScript literal.
func quoted(_ text: String) -> String {
    let data = (try? JSONEncoder().encode([text])) ?? Data("[\"\"]".utf8)
    return String(String(decoding: data, as: UTF8.self).dropFirst().dropLast())
}
