import Glibc

/// Points in time as people read and sort them.
enum CalendarText {
    /// Which clock on the wall.
    enum Zone: Sendable {
        case universal
        /// The machine's own.
        case local
    }

    /// A time in the form of `strftime`.
    ///
    /// - Parameters:
    ///   - seconds: since 1970.
    ///   - format: such as `%Y-%m-%d %H:%M:%S`; of fields whose length does not depend on the language.
    ///   - zone: which clock on the wall.
    /// - Returns: the text.
    static func text(_ seconds: Double, _ format: String, _ zone: Zone) -> String {
        var time = time_t(exactly: seconds.rounded(.down)) ?? 0
        var parts = tm()
        switch zone {
        case .universal: gmtime_r(&time, &parts)
        case .local: localtime_r(&time, &parts)
        }
        var buffer = [CChar](repeating: 0, count: 64)
        let count = strftime(&buffer, buffer.count, format, &parts)
        return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
