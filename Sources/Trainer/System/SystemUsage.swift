import Glibc

/// How busy this machine and how large this process is, as the kernel counts it in `/proc`.
///
/// Source: proc(5), `/proc/stat` and `/proc/self/statm`.
struct SystemUsage: Sendable {
    /// The folder whose file system may fill up.
    private let folder: String
    private var previous: Ticks?

    /// Processor time of all cores since boot.
    struct Ticks: Sendable, Equatable {
        let busy: UInt64
        let total: UInt64
    }

    /// - Parameter folder: where the run writes; its file system's free space is told.
    init(folder: String) { self.folder = folder }

    /// What can be told now; a metric that cannot is left out.
    ///
    /// - Returns: `system/cpu_percent`, the share of all cores' time since the last call,
    ///   `system/process_memory_mb`, the process's resident memory in 10⁶ bytes, `system/disk_free_gb`, the
    ///   room that is left for this user on the folder's file system, in 10⁹ bytes, and what ``GraphicsCards`` tells.
    mutating func sample() -> [(String, Double)] {
        var metrics: [(String, Double)] = []
        if let ticks = Self.read("/proc/stat").flatMap(Self.ticks) {
            if let percent = previous.flatMap({ Self.busyPercent(from: $0, to: ticks) }) {
                metrics.append(("system/cpu_percent", percent))
            }
            previous = ticks
        }
        if let pages = Self.read("/proc/self/statm").flatMap(Self.residentPages) {
            let megabytes = Double(pages) * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6
            metrics.append(("system/process_memory_mb", (megabytes * 10).rounded() / 10))
        }
        var disk = statvfs()
        if statvfs(folder, &disk) == 0 {
            let gigabytes = Double(disk.f_bavail) * Double(disk.f_frsize) / 1e9
            metrics.append(("system/disk_free_gb", (gigabytes * 10).rounded() / 10))
        }
        return metrics + GraphicsCards.sample()
    }

    /// How busy the processors were between two looks, to a tenth of a percent; nil where no time has passed.
    ///
    /// Never below 0 or above 100, though the kernel's time of waiting may go back.
    static func busyPercent(from earlier: Ticks, to later: Ticks) -> Double? {
        guard later.total > earlier.total, later.busy >= earlier.busy else { return nil }
        let share = Double(later.busy - earlier.busy) / Double(later.total - earlier.total)
        return (min(1, share) * 1_000).rounded() / 10
    }

    /// The first line: `cpu user nice system idle iowait irq softirq steal guest guest_nice`.
    static func ticks(in text: String) -> Ticks? {
        guard let line = text.split(separator: "\n").first, line.hasPrefix("cpu ") else { return nil }
        // Guest time is part of user time already.
        let fields = line.split(separator: " ").dropFirst().prefix(8).compactMap { UInt64($0) }
        guard fields.count >= 5 else { return nil }
        let total = fields.reduce(0, &+)
        return Ticks(busy: total &- fields[3] &- fields[4], total: total)
    }

    /// The second field: `size resident shared text lib data dt`.
    static func residentPages(in text: String) -> Int? {
        let fields = text.split(separator: " ")
        return fields.count >= 2 ? Int(fields[1]) : nil
    }

    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
        }
    }
}
