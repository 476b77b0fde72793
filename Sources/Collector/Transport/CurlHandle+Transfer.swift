import CCurl

extension CurlHandle {
    /// Runs a transfer to its end and blocks the thread meanwhile.
    ///
    /// - Parameters:
    ///   - transfer: gets the bytes; used once.
    ///   - request: what to fetch.
    /// - Returns: how it ended, be it well or badly.
    /// - Throws: ``CollectorError`` where libcurl does not take an option.
    func run(_ transfer: CurlTransfer, _ request: CurlRequest) throws(CollectorError) -> CurlOutcome {
        try prepare(request)
        try transfer.attach(to: self)
        let code = vox_curl_perform(multi, pointer)
        detach()
        return outcome(of: transfer, code: code)
    }

    /// Sets all options that differ from one transfer to the next; none is left as the last one set it.
    private func prepare(_ request: CurlRequest) throws(CollectorError) {
        clearFailureText()
        try set(CURLOPT_URL, request.url)
        // Back from HEAD to GET takes both.
        try set(CURLOPT_NOBODY, request.isStatusOnly ? 1 : 0)
        if !request.isStatusOnly { try set(CURLOPT_HTTPGET, 1) }
        try set(CURLOPT_FILETIME, request.wantsTime ? 1 : 0)
        try set(CURLOPT_RANGE, request.range.map { "\($0.lowerBound)-\($0.upperBound - 1)" })
    }

    /// Makes the callbacks reach nothing; what libcurl does on its own later meets no dead object.
    private func detach() {
        for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_XFERINFODATA, CURLOPT_PREREQDATA] {
            _ = vox_curl_set_pointer(pointer, option, nil)
        }
    }

    /// What came of a transfer.
    private func outcome(of transfer: CurlTransfer, code: CURLcode) -> CurlOutcome {
        var head = transfer.head
        let length = vox_curl_get_offset(pointer, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, -1)
        head.expectedLength = length >= 0 ? Int(length) : nil
        let time = vox_curl_get_offset(pointer, CURLINFO_FILETIME_T, -1)
        return CurlOutcome(
            code: code,
            head: head,
            received: transfer.received,
            isStopped: transfer.isStopped,
            isConnected: transfer.isConnected,
            text: failureText,
            modifiedSeconds: time >= 0 ? Int(time) : nil
        )
    }
}
