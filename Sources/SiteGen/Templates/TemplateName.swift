/// Every name a page may offer its template.
///
/// Templates can be replaced one by one, so this is what a replacement may ask for; anything else is an
/// error when templates are loaded. Names ending in `Markup` are written unescaped, all others escaped.
enum TemplateName: String, Sendable, CaseIterable {
    // The layout around every page.
    case siteTitle, pageTitle, page, runID
    /// The way from the page to the site's root, ending in a slash, or nothing.
    case root
    case isIndex, isCompare, isAvatars, isSpeak

    // Words and marks many parts use.
    case name, key, label, value, text, title, caption, summary, detail, detailMarkup, unit, kind, level, path
    case size, duration, timeMarkup, position, anchor, entries, rows, more, isBest, color
    case status, statusText
    /// Seconds since 1970 after which a quiet run counts as silent; only while it runs.
    case silentAfter
    /// Seconds since 1970 of the newest line, which is since when a run that goes silent has been.
    case since
    /// Seconds since 1970 at which a run is going to be done.
    case eta

    // The head of a run and its cards.
    case facts, tags, hasTags, notes, notice, sinceMarkup, startedMarkup, updatedMarkup
    case overview, hasRings, rings, ringMarkup, cards, trend
    /// `down`, `up` or `flat`.
    case direction
    case isWaiting, sections

    // The page of all runs.
    case hasRuns, runs, cardMarkup, stats, sparkMarkup, progress, perMille, percent, remaining

    // Charts and their controls.
    case chartGroups, groups, charts, chartMarkup, smoothingSteps, smoothingStep, axes, isChosen

    // Evaluations and epochs.
    case evaluations, transcripts, reference, hypothesis, wer, cer, step, epoch, epochs, averageLoss, ctcLoss
    case ceLoss, learningRate

    // Checkpoints and backups.
    case checkpoints, sha256, hashShort, backedUpMarkup, backups, destination, outcome, message

    // Samples.
    case samples, clips, hasClips, refusals, prompts, prompt, hasMedia, video, audio, poster, transcript,
        pictures

    // Messages, configuration, the log itself.
    case messages, configuration, isOpen, logPath, seriesCount, valueCount, nonFinite, restarts, badLines
    case unfinished, hasFailures, failures, hasBadLines, examples

    // How the collector is.
    case collector, hosts, collected

    // Comparing runs.
    case isDrawn, metrics, differences, columns, cells, emptyTitle, emptyText
}
