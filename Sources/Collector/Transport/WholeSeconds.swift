import CCurl

/// Times that count whole seconds, as nanoseconds since 1970.
enum WholeSeconds {
    /// Reads a date as servers write it.
    ///
    /// - Parameter text: `Sun, 06 Nov 1994 08:49:37 GMT`.
    /// - Returns: nil for what is no date.
    static func nanoseconds(_ text: String) -> Int64? {
        guard text.utf8.count <= 64, !text.utf8.contains(0) else { return nil }
        let seconds = curl_getdate(text, nil)
        return seconds >= 0 ? nanoseconds(Int(seconds)) : nil
    }

    /// Seconds in nanoseconds; nil for a time too far away for that.
    static func nanoseconds(_ seconds: Int?) -> Int64? {
        guard let seconds else { return nil }
        let (product, isTooLarge) = Int64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return isTooLarge ? nil : product
    }
}
