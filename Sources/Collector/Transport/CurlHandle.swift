import CCurl

/// The single owner of one libcurl handle with its connections: they end when it goes.
///
/// Whatever decides whom a connection trusts and as whom it logs in is set once, before the first transfer:
/// libcurl takes a pooled connection again even where those options have changed since.
///
/// Source: libcurl-easy(3), libcurl-security(3).
struct CurlHandle: ~Copyable {
    /// The `CURL *`; for one thread at a time.
    let pointer: UnsafeMutableRawPointer
    /// The `CURLM *` that runs it and keeps its connection.
    let multi: UnsafeMutableRawPointer
    /// Its open sockets, which other threads may cut.
    let sockets: CurlSockets

    private let errorText: UnsafeMutablePointer<CChar>
    private var kept: [any Sendable] = []

    /// libcurl must be set up once, before threads use it; every handle passes here.
    private static let globalStatus = curl_global_init(Int(VOX_CURL_GLOBAL_DEFAULT))

    /// A handle that may speak the given protocols and nothing else, and leaves signals alone.
    ///
    /// - Parameters:
    ///   - protocols: `sftp`, or `http,https`.
    ///   - bufferSize: how much is received at once. The SFTP side keeps four times as much on its way: with
    ///     libcurl's own 16 KiB a connection with 50 ms round trip carries 1.2 MB/s, with 2 MiB 45 MB/s.
    ///   - timeouts: bound the connecting, and how long the kernel waits for acknowledgements.
    /// - Returns: a handle without a connection.
    /// - Throws: ``CollectorError/protocolViolation(_:reason:)`` where this libcurl lacks an option.
    static func make(
        protocols: String,
        bufferSize: Int,
        timeouts: TransferTimeouts
    ) throws(CollectorError) -> CurlHandle {
        guard Self.globalStatus == CURLE_OK, let pointer = curl_easy_init(), let multi = curl_multi_init()
        else {
            throw .protocolViolation("libcurl", reason: "it does not start; is there memory left?")
        }
        var handle = CurlHandle(owning: pointer, multi: multi)
        try handle.setUp(protocols: protocols, bufferSize: bufferSize, timeouts: timeouts)
        return handle
    }

    private init(owning pointer: UnsafeMutableRawPointer, multi: UnsafeMutableRawPointer) {
        self.pointer = pointer
        self.multi = multi
        sockets = CurlSockets(multi: multi)
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    private mutating func setUp(
        protocols: String,
        bufferSize: Int,
        timeouts: TransferTimeouts
    ) throws(CollectorError) {
        vox_curl_keep_connections(multi, 1)
        try set(CURLOPT_ERRORBUFFER, pointer: errorText)
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_QUICK_EXIT, 1)  // a name server that does not answer does not hold up the end
        try set(CURLOPT_PROTOCOLS_STR, protocols)
        try set(CURLOPT_REDIR_PROTOCOLS_STR, protocols)
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_PATH_AS_IS, 1)
        try set(CURLOPT_BUFFERSIZE, bufferSize)
        try set(CURLOPT_NOPROGRESS, 0)
        try set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(timeouts.connectSeconds))
        // Without a limit libcurl's ssh takes the time that is left, none, for how long to wait for the socket, and asks
        // it without a pause until the answer to its last message comes (ssh_block_statemach of 7.88).
        try set(CURLOPT_TIMEOUT_MS, Self.longestTransfer)
        try sockets.attach(to: &self, unansweredSeconds: timeouts.silenceSeconds)
    }

    deinit {
        // Without this the farewell to a silent peer would be waited for.
        sockets.cut()
        sockets.forgetHandle()
        curl_easy_cleanup(pointer)
        curl_multi_cleanup(multi)
        errorText.deallocate()
    }

    /// Three weeks, in milliseconds: more than any transfer takes.
    private static let longestTransfer = 21 * 86_400_000

    /// Keeps an object alive as long as libcurl may call back to it.
    mutating func keep(_ object: some Sendable) { kept.append(object) }

    /// The words of libcurl for the last failure; empty where it had none.
    var failureText: String { String(cString: errorText) }

    /// Forgets the last failure.
    func clearFailureText() { errorText.pointee = 0 }

    /// Sets a number.
    func set(_ option: CURLoption, _ value: Int) throws(CollectorError) {
        try check(vox_curl_set_long(pointer, option, value), option)
    }

    /// Sets a size or position.
    func set(_ option: CURLoption, offset: Int) throws(CollectorError) {
        try check(vox_curl_set_offset(pointer, option, curl_off_t(offset)), option)
    }

    /// Sets a text, which is copied; nil takes the option back.
    func set(_ option: CURLoption, _ text: String?) throws(CollectorError) {
        guard let text else {
            try check(vox_curl_set_string(pointer, option, nil), option)
            return
        }
        guard !text.utf8.contains(0) else {
            throw .protocolViolation("libcurl", reason: "a text for option \(option.rawValue) contains a NUL")
        }
        try check(vox_curl_set_string(pointer, option, text), option)
    }

    /// Sets memory that outlives the handle's use of it.
    func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer?) throws(CollectorError) {
        try check(vox_curl_set_pointer(pointer, option, value), option)
    }

    /// Throws where libcurl did not take an option.
    func check(_ status: CURLcode, _ option: @autoclosure () -> String) throws(CollectorError) {
        guard status != CURLE_OK else { return }
        let reason = "it does not take the option \(option()): \(String(cString: curl_easy_strerror(status)))"
        throw .protocolViolation("libcurl", reason: "\(reason); version 7.87 or newer is needed")
    }

    private func check(_ status: CURLcode, _ option: CURLoption) throws(CollectorError) {
        try check(status, "\(option.rawValue)")
    }

    /// A time-out as libcurl takes it: never 0, which would mean its own default of five minutes.
    private static func milliseconds(_ seconds: Double) -> Int {
        Int(min(max(seconds, 0.001), 86_400) * 1000)
    }
}
