import CCurl

/// The single owner of a libcurl handle, its header list and its texts.
struct WebHandle: ~Copyable {
    /// The `CURL *`.
    let pointer: UnsafeMutableRawPointer
    /// The `CURLM *` that runs it.
    let multi: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private let headers: HeaderList

    /// libcurl must be set up once, before threads use it.
    private static let globalStatus = curl_global_init(Int(VOX_CURL_GLOBAL_DEFAULT))

    /// - Throws: ``WebFailure/unsupported(reason:)``.
    init() throws(WebFailure) {
        guard Self.globalStatus == CURLE_OK, let pointer = curl_easy_init() else {
            throw .unsupported(reason: "libcurl does not start")
        }
        guard let multi = curl_multi_init() else {
            curl_easy_cleanup(pointer)
            throw .unsupported(reason: "libcurl does not start")
        }
        self.pointer = pointer
        self.multi = multi
        headers = HeaderList()
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_multi_cleanup(multi)
        headers.free()
        errorText.deallocate()
    }

    /// libcurl's words for the last failure; empty where it had none.
    var failureText: String { String(cString: errorText) }

    /// Sets everything for one request.
    ///
    /// - Parameters:
    ///   - request: what to ask.
    ///   - receiver: gets the answer; must outlive the transfer.
    /// - Throws: ``WebFailure/unsupported(reason:)``.
    func prepare(_ request: WebRequest, _ receiver: WebReceiver) throws(WebFailure) {
        let isPlain = request.url.hasPrefix("http://")
        try check(vox_curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorText), "ERRORBUFFER")
        try set(CURLOPT_PROTOCOLS_STR, isPlain ? "http" : "https")
        try set(CURLOPT_URL, request.url)
        // A proxy is for the way out; it shall not see what stays on this machine.
        if isPlain { try set(CURLOPT_NOPROXY, "*") }
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_QUICK_EXIT, 1)
        try set(CURLOPT_NOPROGRESS, 0)
        try set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(request.connectSeconds))
        try set(CURLOPT_TIMEOUT_MS, Self.milliseconds(request.timeoutSeconds))
        try set(CURLOPT_ACCEPT_ENCODING, "")
        if let body = request.body {
            try check(
                vox_curl_set_offset(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)),
                "POSTFIELDSIZE"
            )
            let status = body.withUnsafeBytes { bytes in
                // Copied by libcurl, so the pointer need not live on.
                vox_curl_set_pointer(
                    pointer,
                    CURLOPT_COPYPOSTFIELDS,
                    UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                )
            }
            try check(status, "COPYPOSTFIELDS")
        }
        for header in request.headers { try headers.append("\(header.name): \(header.value)") }
        try check(vox_curl_set_list(pointer, CURLOPT_HTTPHEADER, headers.first), "HTTPHEADER")
        try receiver.attach(to: self)
    }

    func set(_ option: CURLoption, _ value: Int) throws(WebFailure) {
        try check(vox_curl_set_long(pointer, option, value), "\(option.rawValue)")
    }

    private func set(_ option: CURLoption, _ text: String) throws(WebFailure) {
        guard !text.utf8.contains(0) else { throw .unsupported(reason: "a text contains a NUL") }
        try check(vox_curl_set_string(pointer, option, text), "\(option.rawValue)")
    }

    /// Throws where libcurl did not take an option.
    func check(_ status: CURLcode, _ option: @autoclosure () -> String) throws(WebFailure) {
        guard status != CURLE_OK else { return }
        let words = String(cString: curl_easy_strerror(status))
        throw .unsupported(reason: "libcurl does not take the option \(option()): \(words)")
    }

    /// Never 0, which would mean no limit.
    private static func milliseconds(_ seconds: Double) -> Int {
        Int(min(max(seconds, 0.001), 86_400) * 1000)
    }
}

/// libcurl's list of header lines, which it does not copy.
private final class HeaderList {
    private(set) var first: UnsafeMutablePointer<curl_slist>?

    func append(_ line: String) throws(WebFailure) {
        guard !line.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw .unsupported(reason: "a header contains a control character")
        }
        guard let longer = curl_slist_append(first, line) else {
            throw .unsupported(reason: "no memory for a header")
        }
        first = longer
    }

    func free() {
        curl_slist_free_all(first)
        first = nil
    }
}
