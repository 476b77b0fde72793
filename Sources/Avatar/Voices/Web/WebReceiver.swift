import CCurl

/// Collects one answer: what libcurl's callbacks are given.
///
/// Made, used and dropped on the transfer's thread.
final class WebReceiver {
    private let limit: Int
    private let cancellation: WebCancellation
    private(set) var body: [UInt8] = []
    private(set) var headers: [String: String] = [:]
    private(set) var isTooLong = false

    /// How many fields, and bytes in one, an answer may have.
    private static let (fieldLimit, fieldLengthLimit) = (256, 16 << 10)

    init(limit: Int, cancellation: WebCancellation) {
        self.limit = limit
        self.cancellation = cancellation
    }

    /// Makes libcurl call back to this object, which must outlive the transfer.
    ///
    /// - Throws: ``WebFailure/unsupported(reason:)``.
    func attach(to handle: borrowing WebHandle) throws(WebFailure) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_XFERINFODATA] {
            try handle.check(vox_curl_set_pointer(handle.pointer, option, context), "\(option.rawValue)")
        }
        try handle.check(vox_curl_set_write_callback(handle.pointer, receiveBody), "WRITEFUNCTION")
        try handle.check(vox_curl_set_header_callback(handle.pointer, receiveHeader), "HEADERFUNCTION")
        try handle.check(vox_curl_set_progress_callback(handle.pointer, goOn), "XFERINFOFUNCTION")
    }

    fileprivate var isCancelled: Bool { cancellation.isCancelled }

    fileprivate func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= limit else {
            isTooLong = true
            return false
        }
        body.append(contentsOf: bytes)
        return !isCancelled
    }

    /// A line of the head; that of an interim answer is replaced by the final one (RFC 9110, section 15.2).
    fileprivate func receiveLine(_ bytes: UnsafeRawBufferPointer) {
        if bytes.starts(with: "HTTP/".utf8) { headers = [:] }
        guard headers.count < Self.fieldLimit, bytes.count <= Self.fieldLengthLimit,
            let colon = bytes.firstIndex(of: 0x3A)
        else { return }
        let name = String(decoding: bytes[..<colon], as: UTF8.self).lowercased()
        let value = bytes[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
        headers[name] = String(decoding: value.prefix { $0 >= 0x20 }, as: UTF8.self)
    }

    fileprivate static func at(_ context: UnsafeMutableRawPointer) -> WebReceiver {
        Unmanaged<WebReceiver>.fromOpaque(context).takeUnretainedValue()
    }
}

private let receiveBody: vox_curl_bytes_callback = { bytes, size, count, context in
    guard let context else { return 0 }
    let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return WebReceiver.at(context).receive(buffer) ? buffer.count : buffer.count &+ 1
}

private let receiveHeader: vox_curl_bytes_callback = { bytes, size, count, context in
    guard let context else { return 0 }
    WebReceiver.at(context).receiveLine(UnsafeRawBufferPointer(start: bytes, count: size * count))
    return size * count
}

private let goOn: curl_xferinfo_callback = { context, _, _, _, _ in
    guard let context else { return 1 }
    return WebReceiver.at(context).isCancelled ? 1 : 0
}
