import Glibc

/// How much memory this process can still get.
enum FreeMemory {
    /// What the kernel would give, its swap included, within the limit of this process's addresses.
    ///
    /// - Returns: bytes; nil where the kernel does not tell.
    static func byteCount() -> Double? {
        guard let free = SystemUsage.read("/proc/meminfo").flatMap(byteCount(in:)) else { return nil }
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max
        else { return free }
        return min(free, Double(limit.rlim_cur))
    }

    /// `MemAvailable` and `SwapFree` of `/proc/meminfo`, which counts in KiB.
    ///
    /// Source: proc(5).
    static func byteCount(in text: String) -> Double? {
        func kibibytes(_ name: String) -> Double? {
            text.split(separator: "\n").first { $0.hasPrefix(name + ":") }?
                .split(separator: " ").dropFirst().first.flatMap { Double($0) }
        }
        return kibibytes("MemAvailable").map { ($0 + (kibibytes("SwapFree") ?? 0)) * 1024 }
    }
}
