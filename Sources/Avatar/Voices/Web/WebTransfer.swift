import CCurl
import Foundation

/// Carries one request over a connection of its own.
///
/// libcurl blocks, so each runs on a thread that ends with it. HTTPS is spoken with everybody, HTTP with this machine
/// alone; nothing is redirected, so the request's secrets go to nobody else.
///
/// Source: libcurl-easy(3), libcurl-security(3).
enum WebTransfer {
    /// Asks and waits for the whole answer, whatever its status.
    ///
    /// - Parameter request: what to ask.
    /// - Returns: the answer.
    /// - Throws: ``WebFailure``, `CancellationError`.
    static func run(_ request: WebRequest) async throws -> WebAnswer {
        let switchOff = WebCancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread {
                    Thread.current.name = "voxsite-web"
                    blockSignals()
                    continuation.resume(with: Result { try transfer(request, switchOff) })
                }
            }
        } onCancel: {
            switchOff.cancel()
        }
    }

    /// libcurl, told not to touch signals, leaves a SIGPIPE from a broken connection to us.
    private static func blockSignals() {
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
    }

    private static func transfer(_ request: WebRequest, _ cancellation: WebCancellation) throws -> WebAnswer {
        let handle = try WebHandle()
        let receiver = WebReceiver(limit: request.answerLimit, cancellation: cancellation)
        try handle.prepare(request, receiver)
        try cancellation.begin(handle.multi)
        defer { cancellation.end() }
        let code = vox_curl_perform(handle.multi, handle.pointer)
        if cancellation.isCancelled { throw CancellationError() }
        if receiver.isTooLong { throw WebFailure.tooLong(limit: request.answerLimit) }
        if code != CURLE_OK { throw failure(code, handle) }
        let status = vox_curl_get_long(handle.pointer, CURLINFO_RESPONSE_CODE, 0)
        return WebAnswer(status: status, body: receiver.body, headers: receiver.headers)
    }

    private static func failure(_ code: CURLcode, _ handle: borrowing WebHandle) -> WebFailure {
        let words =
            handle.failureText.isEmpty ? String(cString: curl_easy_strerror(code)) : handle.failureText
        let reason = "\(VisibleText.line(words)) (libcurl \(code.rawValue))"
        switch code {
        case CURLE_OPERATION_TIMEDOUT:
            let connected = vox_curl_get_offset(handle.pointer, CURLINFO_PRETRANSFER_TIME_T, 0)
            return .timeout(isConnected: connected > 0)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
            return .untrusted(reason: reason)
        default: return .unreachable(reason: reason)
        }
    }
}
