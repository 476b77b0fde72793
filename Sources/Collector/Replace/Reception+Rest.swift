import Files

extension Reception {
    /// What the file is, and since when it is known to be that; a checkpoint has to have rested.
    ///
    /// It has where two looks, a quiet period apart, found the same. Where the source's own clock says that the last
    /// change is that long ago, the look after the transfer may be the second one.
    func restingStatus(seen: ObservedStatus?) async throws -> ObservedStatus {
        var before = seen
        // Each turn is one change seen; a file that never rests is left for the next pass.
        for _ in 0..<10 {
            let status = try await currentStatus()
            let now = transfer.time.now()
            guard isCheckpoint else { return ObservedStatus(status: status, time: now) }
            let observed = before.flatMap { $0.status == status ? $0 : nil }
            let first = observed ?? ObservedStatus(status: status, time: now)
            let age = await age(of: status)
            let rest = options.quietPeriod - max(now - first.time, age ?? .zero)
            if rest <= .zero { return first }
            before = first
            try await transfer.time.sleep(rest)
        }
        throw CollectorError.changed(shown)
    }

    /// How long ago a file was changed, by the clock that gave it its time; nil where that is not known.
    private func age(of status: FileStatus) async -> Duration? {
        guard let modified = status.modifiedNanoseconds, let now = await source.currentTime() else {
            return nil
        }
        let (age, overflows) = now.subtractingReportingOverflow(modified)
        return overflows || age < 0 ? nil : .nanoseconds(age)
    }

    func requireUnchanged(_ observed: ObservedStatus, partial: RelativePath) async throws {
        if isCheckpoint {
            // The clock that gives times may be another one than the source's own, on a file server, and a little
            // behind it; what is much older than the period needs no second look at that distance.
            let rest = options.quietPeriod - (transfer.time.now() - observed.time)
            let isOld = await age(of: observed.status).map { $0 >= options.quietPeriod * 20 } ?? false
            if rest > .zero, !isOld { try await transfer.time.sleep(rest) }
        }
        guard try await currentStatus() == observed.status else {
            try await destination.remove(partial)
            throw CollectorError.changed(shown)
        }
    }
}
