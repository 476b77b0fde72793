import Glibc

/// The body of the watching thread: waits in poll(2) for events, for a consumer and for the end.
struct WatcherLoop: Sendable {
    let inotify: Inotify
    let mailbox: WatcherMailbox
    let minimumInterval: Duration

    /// Runs until the mailbox is stopped.
    func run(_ table: WatchTable) {
        var table = table
        let clock = ContinuousClock()
        var lastDelivery: ContinuousClock.Instant?
        var timeout: Int32 = -1
        while true {
            wait(milliseconds: timeout)
            mailbox.drainWakeUps()
            if mailbox.isStopped { return }
            var changes = FileWatcher.Changes()
            inotify.read { event in table.handle(event, &changes) }
            if !changes.isEmpty { mailbox.post(changes) }

            timeout = -1
            guard mailbox.canDeliver else { continue }
            let rest = lastDelivery.map { minimumInterval - $0.duration(to: clock.now) } ?? .zero
            if rest > .zero {
                // Rounded up: waking early would spin.
                timeout = Int32(clamping: rest.components.seconds * 1_000) + Int32(rest.wholeMilliseconds) + 1
            } else {
                mailbox.deliver()
                lastDelivery = clock.now
            }
        }
    }

    private func wait(milliseconds: Int32) {
        let wanted = Int16(POLLIN)
        var descriptors = [
            pollfd(fd: inotify.descriptor, events: wanted, revents: 0),
            pollfd(fd: mailbox.wakeUpDescriptor, events: wanted, revents: 0),
        ]
        // A signal may end the wait early; the loop then finds nothing to do and waits again.
        _ = unsafe poll(&descriptors, nfds_t(descriptors.count), milliseconds)
    }
}

extension Duration {
    /// The whole milliseconds of the part below one second.
    fileprivate var wholeMilliseconds: Int64 { components.attoseconds / 1_000_000_000_000_000 }
}
