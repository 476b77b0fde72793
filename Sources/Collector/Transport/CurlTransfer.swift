import CCurl
import Synchronization

/// One running transfer: what libcurl's callbacks are given.
///
/// It is made, used and dropped on the connection's thread. Throwing across C is impossible, so a failure in a
/// callback is kept here and thrown once libcurl has returned.
final class CurlTransfer {
    /// Decides about a body when its first bytes come.
    typealias Verdict = @Sendable (CurlResponseHead) throws -> CurlBodyVerdict

    private let request: CurlRequest
    private let timeouts: TransferTimeouts
    private let cancellation: CurlCancellation
    private let verdict: Verdict
    private let sink: ByteSink
    /// Set while libcurl works on the transfer.
    private var handle: UnsafeMutableRawPointer?

    private(set) var head = CurlResponseHead()
    private(set) var received = 0
    private(set) var isStopped = false
    private(set) var isConnected = false
    private(set) var failure: (any Error)?
    /// The peer fell silent; whether before the connection stood.
    private(set) var hasFallenSilent = false

    private var decision: CurlBodyVerdict?
    private var discarded = 0
    private var lastCount: curl_off_t = 0
    private var lastSign = ContinuousClock.now
    private var pace: CurlPace

    /// How much of an unwanted body is let pass to keep the connection.
    private static let discardLimit = 256 << 10
    /// How many fields, and bytes in one, a response may have.
    private static let (fieldLimit, fieldLengthLimit) = (256, 16 << 10)

    init(
        _ request: CurlRequest,
        timeouts: TransferTimeouts,
        cancellation: CurlCancellation,
        verdict: @escaping Verdict,
        sink: @escaping ByteSink
    ) {
        self.request = request
        pace = CurlPace(bytesPerSecond: request.bytesPerSecond)
        self.timeouts = timeouts
        self.cancellation = cancellation
        self.verdict = verdict
        self.sink = sink
    }

    /// Bytes of the body; returns whether to go on.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        defer { lastSign = .now }
        if cancellation.isCancelled { return false }
        do {
            let decision = try self.decision ?? verdict(headWithLength())
            self.decision = decision
            switch decision {
            case .take: return try take(bytes)
            case .discard:
                discarded += bytes.count
                isStopped = discarded > Self.discardLimit
            case .stop: isStopped = true
            }
        } catch {
            failure = error
            return false
        }
        return !isStopped
    }

    private func take(_ bytes: UnsafeRawBufferPointer) throws -> Bool {
        pace.wait(received: received) { cancellation.isCancelled }
        if cancellation.isCancelled { return false }
        let wanted = UnsafeRawBufferPointer(rebasing: bytes.prefix(request.limit - received))
        if !wanted.isEmpty { try sink(wanted) }
        received += wanted.count
        isStopped = wanted.count < bytes.count
        return !isStopped
    }

    private func headWithLength() -> CurlResponseHead {
        var head = head
        guard let handle else { return head }
        let length = vox_curl_get_offset(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, -1)
        head.expectedLength = length >= 0 ? Int(length) : nil
        return head
    }

    /// One line of an HTTP response's head.
    ///
    /// Source: RFC 9112 §4 and §5; an interim response (RFC 9110 §15.2) is replaced by the final one.
    func receiveHeadLine(_ bytes: UnsafeRawBufferPointer) -> Bool {
        lastSign = .now
        var line = bytes[...]
        while let last = line.last, last == 0x0A || last == 0x0D || last == 0x20 { line.removeLast() }
        if line.starts(with: "HTTP/".utf8) {
            head = CurlResponseHead()
            let code = line.split(separator: 0x20).dropFirst().first
            head.status = code.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
            return true
        }
        guard let colon = line.firstIndex(of: 0x3A) else { return true }
        guard head.fields.count < Self.fieldLimit, line.count <= Self.fieldLengthLimit else {
            failure = CollectorError.protocolViolation(
                request.what,
                reason: "the head of its answer is too long"
            )
            return false
        }
        let value = String(
            decoding: line[line.index(after: colon)...].drop { $0 == 0x20 || $0 == 0x09 },
            as: UTF8.self
        )
        head.fields.append((String(decoding: line[..<colon], as: UTF8.self).lowercased(), value))
        return true
    }

    /// The connection stands and the user is let in; the request goes out now.
    func connectionStands() {
        isConnected = true
        lastSign = .now
    }

    /// Whether to go on, asked by libcurl about once a second and more often while bytes flow.
    func goesOn(received count: curl_off_t) -> Bool {
        if cancellation.isCancelled { return false }
        if count != lastCount {
            lastCount = count
            lastSign = .now
        }
        // libcurl bounds the connecting itself; this is for what it leaves out, and one second later.
        let limit = isConnected ? timeouts.silenceSeconds : timeouts.connectSeconds + 1
        hasFallenSilent = lastSign.duration(to: .now) > .seconds(limit)
        if hasFallenSilent { cancellation.cutConnection() }
        return !hasFallenSilent
    }
}

// What Swift hands to libcurl. The context is a `CurlTransfer` that outlives curl_easy_perform.

extension CurlTransfer {
    /// Makes libcurl call back to this transfer, which must outlive it.
    func attach(to handle: borrowing CurlHandle) throws(CollectorError) {
        self.handle = handle.pointer
        lastSign = .now
        let context = Unmanaged.passUnretained(self).toOpaque()
        let options = [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_XFERINFODATA, CURLOPT_PREREQDATA]
        for option in options { try handle.set(option, pointer: context) }
        try handle.check(vox_curl_set_write_callback(handle.pointer, bytesCallback), "WRITEFUNCTION")
        try handle.check(vox_curl_set_header_callback(handle.pointer, headLineCallback), "HEADERFUNCTION")
        try handle.check(vox_curl_set_progress_callback(handle.pointer, progressCallback), "XFERINFOFUNCTION")
        try handle.check(
            vox_curl_set_prerequest_callback(handle.pointer, prerequestCallback),
            "PREREQFUNCTION"
        )
    }

    fileprivate static func at(_ context: UnsafeMutableRawPointer) -> CurlTransfer {
        Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    }
}

private let bytesCallback: vox_curl_bytes_callback = { bytes, size, count, context in
    guard let context else { return 0 }
    let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
    // A short count is how a transfer is ended from here; that of an empty body must not be 0 of 0.
    return CurlTransfer.at(context).receive(buffer) ? buffer.count : buffer.count &+ 1
}

private let headLineCallback: vox_curl_bytes_callback = { bytes, size, count, context in
    guard let context else { return 0 }
    let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return CurlTransfer.at(context).receiveHeadLine(buffer) ? buffer.count : 0
}

private let progressCallback: curl_xferinfo_callback = { context, _, received, _, _ in
    guard let context else { return 1 }
    return CurlTransfer.at(context).goesOn(received: received) ? 0 : 1
}

private let prerequestCallback: curl_prereq_callback = { context, _, _, _, _ in
    guard let context else { return CURL_PREREQFUNC_ABORT }
    CurlTransfer.at(context).connectionStands()
    return CURL_PREREQFUNC_OK
}
