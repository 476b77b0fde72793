import RunRecords

/// What people have been told in this process, and are not told again.
struct TrainingNotices {
    /// The paths of recordings that were named.
    private var unread: Set<String> = []
    /// Whether it was said that features are no longer kept.
    var hasToldFullFeatureCache = false

    /// Those of some recordings that were not named before; from now on they were.
    mutating func news(of recordings: [UnreadRecording]) -> [UnreadRecording] {
        recordings.filter { unread.insert($0.path).inserted }
    }
}

/// What is wrong and does not end the run, said once in the log and to whoever started it; and what does end it.
extension TrainingLoop {
    /// Names recordings that could not be loaded, unless they were named before.
    ///
    /// - Parameters:
    ///   - unread: of an epoch or an evaluation.
    ///   - key: the corpus they belong to.
    /// - Throws: `RunRecordsError`.
    func tellUnread(_ unread: [UnreadRecording], of key: String) throws {
        let news = notices.news(of: unread)
        guard !news.isEmpty else { return }
        let title =
            "\(news.count) \(news.count == 1 ? "recording" : "recordings") of \(key) could not be loaded"
        let earlierCount = unread.count - news.count
        let text =
            (SkipTally(news).lines + (earlierCount > 0 ? ["\(earlierCount) more were named before"] : []))
            .joined(separator: "\n")
        try writer.alert(title, text: "In epoch \(state.epoch + 1):\n\(text)", step: state.step)
        tell(.message("\(title) in epoch \(state.epoch + 1):\n\(text)"))
    }

    /// Says that the folder of features takes no more, from which on epochs take longer than they should.
    ///
    /// - Throws: `RunRecordsError`.
    func tellFullFeatureCache() throws {
        guard !notices.hasToldFullFeatureCache, let reason = setup.features?.statistics.refusal else {
            return
        }
        notices.hasToldFullFeatureCache = true
        try writer.alert("Features are no longer kept", text: reason, step: state.step)
        tell(.message("Features are no longer kept: \(reason)"))
    }

    /// Says that 16-bit numbers are asked for and not used.
    func tellUnusedPrecision() {
        guard settings.usesMixedPrecision else { return }
        tell(
            .message(
                "training.mixed_precision has no effect here: the processor multiplies with 32-bit numbers"
            )
        )
    }

    /// Saves the last update that was made, and says why there is no further one.
    ///
    /// - Parameters:
    ///   - unreadCount: how many utterances of the epoch could not be loaded.
    ///   - plannedCount: how many the epoch has.
    ///   - skipped: why not.
    /// - Returns: the error to end with.
    func tooMuchIsUnread(_ unreadCount: Int, of plannedCount: Int, _ skipped: SkipTally) -> TrainerError {
        let kept = keepLastUpdate()
        let lines = skipped.lines.joined(separator: "\n")
        return .training(
            run: state.run,
            reason:
                "\(unreadCount) of \(plannedCount) recordings of data.train_data could not be loaded in epoch "
                + "\(state.epoch + 1), which is more than \(UnreadLimit.percent) %; see that their disk is there, or mend "
                + "or remove them; \(kept)\n\(lines)"
        )
    }
}
