import Files

extension HostFollower {
    /// Lists the source and follows what is new.
    ///
    /// - Parameter transport: the source.
    /// - Throws: ``CollectorError`` where the source itself cannot be listed.
    func discover(_ transport: any Transport) async throws {
        let start = now
        var listing = Listing()
        if transport.capabilities.contains(.list) {
            listing = try await transport.list(nil, recursively: true)
        } else {
            let statuses = try await transport.status(of: source.paths)
            listing.files = zip(source.paths, statuses).compactMap { path, status in
                status.map { ListedFile(path: path, status: $0) }
            }
        }
        for problem in listing.problems { tell(problem) }
        var found: Set<RelativePath> = []
        for file in listing.files where file.status.kind == .file {
            guard let target = target(of: file.path),
                let fileClass = selection.fileClass(of: file.path, target: target)
            else { continue }
            switch fileClass {
            case .append:
                if try await add(file, target) { found.insert(file.path) }
            case .replace: await whole.offer(file.path, target, file.status)
            }
        }
        noteListing(found)
        scheduleListing(took: now - start)
    }

    private func target(of path: RelativePath) -> RelativePath? {
        guard let folder = source.targetFolder else { return path }
        return try? folder.appending(path)
    }

    /// - Returns: whether the file is followed.
    private func add(_ file: ListedFile, _ target: RelativePath) async throws -> Bool {
        if files[file.path] != nil {
            let isSame = files[file.path]?.memory.status == file.status
            if !isSame { files[file.path]?.pace.hurry(now) }
            return true
        }
        guard files.count < configuration.fileLimit else {
            tell(
                .refused(
                    source.location,
                    reason:
                        "it has more than \(configuration.fileLimit) files to follow; name fewer with --exclude"
                )
            )
            return false
        }
        let entry = await shared.journal.entry(for: target)
        let owner = shared.owners.claim(target, by: source.location, former: entry?.source)
        guard owner == source.location else {
            tell(
                .refused(
                    target.string,
                    reason: "it is collected from \(owner); give one of the runs another name"
                )
            )
            return false
        }
        var followed = FollowedFile(
            path: file.path,
            target: target,
            pace: PollPace(configuration.schedule, now: now)
        )
        // The copy's own time is by the clock here, so its age means something.
        let copy = try await shared.destination.status(of: target)
        followed.newestData = copy?.modifiedNanoseconds.map { Double($0) / 1e9 }
        files[file.path] = followed
        configuration.report(.discovered(host: source.name, path: target))
        return true
    }

    private func noteListing(_ found: Set<RelativePath>) {
        for (path, file) in files where !found.contains(path) {
            shared.owners.release(file.target, by: source.location)
            files[path]?.isAbsent = true
            // A look at the file itself decides: a listing may have been refused a folder.
            files[path]?.pace.hurry(now)
        }
        for path in found where files[path]?.isAbsent ?? false {
            guard let target = files[path]?.target else { continue }
            files[path]?.isAbsent = false
            let owner = shared.owners.claim(target, by: source.location, former: source.location)
            if owner != source.location { files[path] = nil }
        }
        shared.owners.noteListing(of: source.location)
    }

    private func scheduleListing(took duration: Duration) {
        let schedule = configuration.schedule
        let isActive = files.values.contains { $0.pace.interval == schedule.activeInterval }
        listingInterval =
            isActive
            ? schedule.listingInterval : min(listingInterval * 2, schedule.idleListingInterval)
        let least = duration / max(0.01, schedule.share)
        listingDue = now + max(listingInterval, least)
        soonestListing = now + max(.seconds(1), least)
    }

    /// Tells a problem with a name or folder once.
    func tell(_ problem: CollectorError) {
        let text = problem.description
        guard !toldProblems.contains(text), toldProblems.count < 1_000 else { return }
        toldProblems.insert(text)
        configuration.report(.problem(host: source.name, error: problem))
    }
}
