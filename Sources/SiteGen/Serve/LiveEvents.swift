public import Files
import Synchronization

/// Tells open pages what the builder does.
///
/// The builder calls ``changed(_:)``, ``buildFailed(_:)`` and ``buildSucceeded()`` from anywhere; none of them
/// ever waits. Each open page has an event stream with a mailbox of its own.
public final class LiveEvents: Sendable {
    private struct State: Sendable {
        var clients: [UInt64: Client] = [:]
        var nextClient: UInt64 = 0
        /// Counts changes, so that a page that lost its connection can tell whether it missed any.
        var revision: UInt64 = 0
        var failure: String?
        var isClosed = false
    }

    private struct Client: Sendable {
        var mailbox: EventMailbox
        let wake: AsyncStream<Void>.Continuation
    }

    private let state = Mutex(State())
    /// Tells the revisions of this process from those of an earlier one.
    private let instance = String(UInt32.random(in: .min ... .max), radix: 16)

    /// Creates the events of one site, with no failure current.
    public init() {}

    /// Tells that files of the site have changed.
    ///
    /// - Parameter paths: below the site's root.
    public func changed(_ paths: [RelativePath]) {
        guard !paths.isEmpty else { return }
        broadcast { state in
            state.revision += 1
            return { $0.changed(paths) }
        }
    }

    /// Tells that a build failed; the site is what it was before.
    ///
    /// Every page shows the failure until a build succeeds.
    ///
    /// - Parameter message: what went wrong, for people.
    public func buildFailed(_ message: String) {
        broadcast { state in
            guard state.failure != message else { return nil }
            state.failure = message
            return { $0.failed(message) }
        }
    }

    /// Tells that a build succeeded.
    public func buildSucceeded() {
        broadcast { state in
            guard state.failure != nil else { return nil }
            state.failure = nil
            return { $0.recovered() }
        }
    }

    /// Why the newest build failed; nil where it did not.
    var failure: String? { state.withLock { $0.failure } }

    /// The number of open event streams.
    var clientCount: Int { state.withLock { $0.clients.count } }

    /// Keeps connections alive through proxies that close silent ones, and finds the dead.
    func ping() { broadcast { _ in { $0.ping() } } }

    /// Ends every event stream, for good.
    func close() {
        let clients = state.withLock { state in
            state.isClosed = true
            return state.clients.values.map(\.wake)
        }
        for wake in clients { wake.finish() }
    }

    private func broadcast(_ change: (inout State) -> ((inout EventMailbox) -> Void)?) {
        state.withLock { state in
            guard let deliver = change(&state) else { return }
            for key in state.clients.keys {
                guard var client = state.clients[key] else { continue }
                deliver(&client.mailbox)
                state.clients[key] = client
                client.wake.yield()
            }
        }
    }
}

extension LiveEvents {
    /// One open event stream; it is forgotten when nobody holds it any more.
    final class Subscription: Sendable {
        private let events: LiveEvents
        private let client: UInt64
        private let wake: AsyncStream<Void>

        fileprivate init(events: LiveEvents, client: UInt64, wake: AsyncStream<Void>) {
            self.events = events
            self.client = client
            self.wake = wake
        }

        deinit { events.end(client) }

        /// Waits for news; nil once the stream has ended.
        func next() async -> String? {
            var wakes = wake.makeAsyncIterator()
            while await wakes.next() != nil {
                if let text = events.take(client) { return text }
            }
            return nil
        }

        /// Ends the stream: the client has gone.
        func end() { events.end(client) }
    }

    /// Opens an event stream; nil where there are too many or the server is stopping.
    ///
    /// The first thing a client gets is the current failure, if there is one, and, where it comes back having
    /// missed something, word that all may have changed.
    ///
    /// - Parameters:
    ///   - lastEventID: what the client says it has seen.
    ///   - limit: the number of streams that may be open.
    /// - Returns: the stream, open for as long as it is held.
    func subscribe(lastEventID: String?, limit: Int) -> Subscription? {
        // One pending wake-up is enough: what to send is in the mailbox.
        let (stream, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let client: UInt64? = state.withLock { state in
            guard !state.isClosed, state.clients.count < limit else { return nil }
            var mailbox = EventMailbox()
            if let lastEventID, lastEventID != eventID(state.revision) { mailbox.changedAll() }
            if let failure = state.failure { mailbox.failed(failure) }
            state.nextClient += 1
            state.clients[state.nextClient] = Client(mailbox: mailbox, wake: wake)
            return state.nextClient
        }
        guard let client else { return nil }
        wake.yield()
        return Subscription(events: self, client: client, wake: stream)
    }

    /// What names the present state of the site to a client that connects.
    var currentEventID: String { state.withLock { eventID($0.revision) } }

    private func eventID(_ revision: UInt64) -> String { "\(instance)-\(revision)" }

    private func take(_ client: UInt64) -> String? {
        state.withLock { state in
            let id = eventID(state.revision)
            return state.clients[client]?.mailbox.take(id: id)
        }
    }

    private func end(_ client: UInt64) {
        let wake = state.withLock { $0.clients.removeValue(forKey: client)?.wake }
        wake?.finish()
    }
}
