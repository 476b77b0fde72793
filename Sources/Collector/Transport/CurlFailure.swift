import CCurl

/// Turns libcurl's result codes into our errors.
///
/// libcurl is never given a URL with a user in it, and its own words hold no password. Still they pass a sieve:
/// one line of visible text, no longer than a message should be.
///
/// Source: libcurl-errors(3).
enum CurlFailure {
    /// The error for a transfer that failed; nil for one that went well or was ended on purpose.
    ///
    /// - Parameters:
    ///   - outcome: how it ended.
    ///   - peer: the host in messages.
    ///   - what: the file or folder in messages.
    ///   - timeouts: what the transfer was allowed.
    /// - Returns: an error that says what to do next.
    static func error(
        for outcome: CurlOutcome,
        peer: String,
        what: String,
        timeouts: TransferTimeouts
    ) -> CollectorError? {
        let reason = words(of: outcome)
        switch outcome.code {
        case CURLE_OK: return nil
        case CURLE_WRITE_ERROR where outcome.isStopped: return nil
        case CURLE_REMOTE_FILE_NOT_FOUND: return .vanished(what)
        case CURLE_REMOTE_ACCESS_DENIED:
            return .remoteFile(
                what,
                operation: "read",
                reason: "permission denied; change its mode or the user there"
            )
        case CURLE_LOGIN_DENIED, CURLE_AUTH_ERROR: return .authentication(host: peer, reason: reason)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
            return .refused(peer, reason: "its certificate is not trusted, nothing was asked: \(reason)")
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
            CURLE_SSL_CONNECT_ERROR:
            return .connection(host: peer, reason: reason)
        case CURLE_OPERATION_TIMEDOUT:
            return outcome.isConnected
                ? .timeout(what, seconds: timeouts.silenceSeconds)
                : .connectTimeout(host: peer, seconds: timeouts.connectSeconds)
        case CURLE_BAD_CONTENT_ENCODING: return .protocolViolation(what, reason: reason)
        case CURLE_OUT_OF_MEMORY: return .stream(what, reason: "no memory left for the transfer")
        default:
            return outcome.isConnected
                ? .stream(what, reason: reason) : .connection(host: peer, reason: reason)
        }
    }

    /// What libcurl says about a failure, and its number for those who look it up.
    static func words(of outcome: CurlOutcome) -> String {
        let own = printable(outcome.text)
        let words = own.isEmpty ? String(cString: curl_easy_strerror(outcome.code)) : own
        return "\(words) (libcurl \(outcome.code.rawValue))"
    }

    /// Text from the other side or about it as part of one line: no control characters, not too long.
    static func printable(_ text: String, limit: Int = 300) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if shown.count == limit { return String(shown) + "…" }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: shown.append("\u{FFFD}")
            default: shown.append(scalar)
            }
        }
        return String(shown)
    }
}
