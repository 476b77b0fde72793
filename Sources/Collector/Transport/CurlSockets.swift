import CCurl
import Glibc
import Synchronization

/// The open sockets of one libcurl handle, so that another thread can cut a transfer short.
///
/// libcurl looks up from a silent connection once a second, and its ssh side has been seen to wait on for an
/// answer that never comes (curl#17149, libssh2#344). A socket that has been shut down answers at once.
final class CurlSockets: Sendable {
    /// `@unchecked Sendable`: the pointer is used under the lock alone, by the one call of libcurl that any thread
    /// may make, and is taken away before its memory is.
    private struct State: @unchecked Sendable {
        var open: Set<Int32> = []
        /// The `CURLM *` to be woken.
        var multi: UnsafeMutableRawPointer?
    }

    private let state: Mutex<State>

    init(multi: UnsafeMutableRawPointer) { state = Mutex(State(multi: multi)) }

    /// Ends all connections from this side and makes libcurl look up; it still has to close the sockets.
    func cut() {
        // Under the lock none of them can be closed, so none of these numbers can mean another file by now.
        state.withLock { state in
            for socket in state.open { _ = shutdown(socket, Int32(SHUT_RDWR)) }
            if let multi = state.multi { curl_multi_wakeup(multi) }
        }
    }

    /// The handle ends: it cannot be woken any more.
    func forgetHandle() { state.withLock { $0.multi = nil } }

    fileprivate func insert(_ socket: Int32) { _ = state.withLock { $0.open.insert(socket) } }

    fileprivate func close(_ socket: Int32) {
        state.withLock { state in
            state.open.remove(socket)
            _ = Glibc.close(socket)
        }
    }

    /// Makes `handle` report its sockets here; this object must outlive the handle.
    ///
    /// - Parameters:
    ///   - handle: a handle without connections.
    ///   - unansweredSeconds: how long sent bytes may stay without an acknowledgement.
    /// - Throws: ``CollectorError/protocolViolation(_:reason:)`` where this libcurl lacks an option.
    func attach(to handle: inout CurlHandle, unansweredSeconds: Double) throws(CollectorError) {
        let context = SocketContext(sockets: self, unansweredSeconds: unansweredSeconds)
        handle.keep(context)
        let pointer = Unmanaged.passUnretained(context).toOpaque()
        try handle.set(CURLOPT_SOCKOPTDATA, pointer: pointer)
        try handle.set(CURLOPT_CLOSESOCKETDATA, pointer: pointer)
        try handle.check(vox_curl_set_socket_callback(handle.pointer, socketIsOpen), "SOCKOPTFUNCTION")
        try handle.check(vox_curl_set_close_callback(handle.pointer, closeSocket), "CLOSESOCKETFUNCTION")
    }
}

/// What the two callbacks below are given.
private final class SocketContext: Sendable {
    let sockets: CurlSockets
    private let unansweredSeconds: Double

    init(sockets: CurlSockets, unansweredSeconds: Double) {
        self.sockets = sockets
        self.unansweredSeconds = unansweredSeconds
    }

    /// Lets the kernel find out that a peer has gone.
    ///
    /// It asks after 15 idle seconds, and gives up on what is not acknowledged in time. Both fail on the socket of a tunnel, whose ssh has its own keepalive.
    ///
    /// Source: tcp(7).
    func prepare(_ socket: Int32) {
        set(socket, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(socket, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 15)
        set(socket, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5)
        set(socket, Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
        let milliseconds = Int32(min(max(unansweredSeconds, 1), 86_400) * 1000)
        set(socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, milliseconds)
    }

    private func set(_ socket: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        _ = setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

private let socketIsOpen: curl_sockopt_callback = { context, socket, _ in
    guard let context else { return CURL_SOCKOPT_ERROR }
    let target = Unmanaged<SocketContext>.fromOpaque(context).takeUnretainedValue()
    target.prepare(socket)
    target.sockets.insert(socket)
    return CURL_SOCKOPT_OK
}

private let closeSocket: curl_closesocket_callback = { context, socket in
    guard let context else { return 1 }
    Unmanaged<SocketContext>.fromOpaque(context).takeUnretainedValue().sockets.close(socket)
    return 0
}
