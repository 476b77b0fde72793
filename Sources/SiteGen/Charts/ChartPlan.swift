/// Which series are drawn together.
///
/// Nothing is configured: losses come first and share a chart, then what every run has (learning rate,
/// gradient norm, error rates, speed, GPU), then everything else by its prefix or by what it measures.
struct PlannedChart: Sendable, Equatable {
    /// Safe in element ids and URLs; stays the same while series come and go, wherever that is possible.
    let id: String
    /// Hostile where it comes from a name.
    let title: String
    let role: Role
    /// In order of first appearance.
    let seriesNames: [String]

    /// In the order of the page.
    enum Role: Int, Sendable, Equatable, CaseIterable {
        case loss, errorRate, learningRate, gradientNorm, speed, gpuUtilisation, gpuMemory, other
    }
}

enum ChartPlan {
    /// Past so many lines a chart is a tangle, even with dashes.
    static let maximumSeriesPerChart = 8
    /// Series whose typical sizes differ by more than this share no linear axis.
    private static let maximumMagnitudeRatio = 20.0

    /// What the plan needs to know of a series.
    struct Candidate: Sendable, Equatable {
        let name: String
        /// A typical absolute value; zero where there is none.
        let magnitude: Double

        init(name: String, magnitude: Double = 0) {
            self.name = name
            self.magnitude = magnitude
        }

        init(_ series: SeriesReport) {
            let upper = series.percentiles.map { max(abs($0.lowerBound), abs($0.upperBound)) }
            let extreme = series.maximum.map { abs($0.y) }
            self.init(name: series.name, magnitude: upper ?? extreme ?? 0)
        }
    }

    /// Whether a column only counts or dates lines, and so is never drawn.
    static func isBookkeeping(_ name: String) -> Bool { MetricName(name).isBookkeeping }

    /// The charts of a run, in the order of the page.
    static func charts(for series: [SeriesReport]) -> [PlannedChart] {
        charts(for: series.map { Candidate($0) })
    }

    /// Every candidate that is not bookkeeping is in exactly one chart, once.
    static func charts(for candidates: [Candidate]) -> [PlannedChart] {
        var seen: Set<String> = []
        var groups: [Group] = []
        var positions: [String: Int] = [:]
        let named = candidates.compactMap { candidate -> (Candidate, MetricName)? in
            guard seen.insert(candidate.name).inserted else { return nil }
            let name = MetricName(candidate.name)
            return name.isBookkeeping ? nil : (candidate, name)
        }
        let families = Families(of: named.map(\.1))
        for (candidate, name) in named {
            let (key, role, title) = families.group(of: name, named: candidate.name)
            if let position = positions[key] {
                groups[position].members.append(candidate)
            } else {
                positions[key] = groups.count
                groups.append(Group(role: role, title: title, members: [candidate]))
            }
        }
        let ordered = groups.enumerated().sorted { left, right in
            (left.element.role.rawValue, left.offset) < (right.element.role.rawValue, right.offset)
        }
        return makeCharts(ordered.flatMap { parts(of: $0.element) })
    }

    private struct Group {
        let role: PlannedChart.Role
        let title: String
        var members: [Candidate]
    }

    // MARK: Splitting

    /// Splits a group where sizes differ too much, then where it is too long.
    ///
    /// Losses stay together whatever
    /// their sizes, that is what they are compared for; a log axis serves them.
    private static func parts(of group: Group) -> [Group] {
        var clusters: [[Candidate]] = [group.members]
        if group.role == .other || group.role == .speed || group.role == .gpuMemory {
            clusters = byMagnitude(group.members)
        }
        let parts = clusters.flatMap { cluster in
            stride(from: 0, to: cluster.count, by: maximumSeriesPerChart).map { start in
                Array(cluster[start..<min(start + maximumSeriesPerChart, cluster.count)])
            }
        }
        return parts.enumerated().map { index, members in
            let title =
                members.count == 1 && group.role == .other
                ? members[0].name : index == 0 ? group.title : "\(group.title) (\(index + 1))"
            return Group(role: group.role, title: title, members: members)
        }
    }

    /// Clusters of similar size, each in the order of first appearance, ordered by their first members.
    private static func byMagnitude(_ members: [Candidate]) -> [[Candidate]] {
        let sized = members.indices.filter { members[$0].magnitude > 0 && members[$0].magnitude.isFinite }
        let ascending = sized.sorted { (members[$0].magnitude, $0) < (members[$1].magnitude, $1) }
        var cluster = [Int](repeating: 0, count: members.count)
        var number = 0
        var smallest = 0.0
        for index in ascending {
            let magnitude = members[index].magnitude
            if smallest == 0 { smallest = magnitude }
            if magnitude > smallest * maximumMagnitudeRatio {
                number += 1
                smallest = magnitude
            }
            cluster[index] = number
        }
        let grouped = Dictionary(grouping: members.indices) { cluster[$0] }
        return grouped.values.map { $0.sorted() }.sorted { $0[0] < $1[0] }.map { $0.map { members[$0] } }
    }

    // MARK: Identities

    private static func makeCharts(_ groups: [Group]) -> [PlannedChart] {
        var used: Set<String> = []
        return groups.map { group in
            let names = group.members.map(\.name)
            let wanted = roleIdentifier(group.role) ?? SeriesSlug.slug(for: names[0])
            let stem = used.contains(wanted) ? SeriesSlug.slug(for: names[0]) : wanted
            var id = stem
            var number = 2
            while !used.insert(id).inserted {
                id = "\(stem)-\(number)"
                number += 1
            }
            return PlannedChart(id: id, title: group.title, role: group.role, seriesNames: names)
        }
    }

    private static func roleIdentifier(_ role: PlannedChart.Role) -> String? {
        switch role {
        case .loss: "loss"
        case .errorRate: "error-rate"
        case .learningRate: "learning-rate"
        case .gradientNorm: "gradient-norm"
        case .speed: "speed"
        case .gpuUtilisation: "gpu-utilisation"
        case .gpuMemory: "gpu-memory"
        case .other: nil
        }
    }
}

/// Finds the group of a series that has no chart of its own kind.
private struct Families {
    /// How many series end in a word, over the whole run.
    private var leafCounts: [String: Int] = [:]
    /// How many series without a prefix begin with a word.
    private var headCounts: [String: Int] = [:]

    init(of names: [MetricName]) {
        for name in names where Self.role(of: name) == nil {
            leafCounts[name.family.last ?? "", default: 0] += 1
            if name.prefix.isEmpty { headCounts[name.family.first ?? "", default: 0] += 1 }
        }
    }

    /// What the group is told apart by, what it is, and what it is called.
    func group(
        of name: MetricName,
        named full: String
    ) -> (key: String, role: PlannedChart.Role, title: String) {
        if let (role, title) = Self.role(of: name) { return ("role:\(role.rawValue)", role, title) }
        if name.isOtherLoss { return ("losses", .other, "Other losses") }
        let leaf = name.family.last ?? ""
        // Accuracies of training and validation belong together, though their prefixes differ.
        if name.family != name.words, let count = leafCounts[leaf], count > 1 {
            return ("leaf:" + leaf, .other, Self.capitalised(leaf))
        }
        if !name.prefix.isEmpty { return ("prefix:" + name.prefix, .other, name.prefix) }
        if let count = leafCounts[leaf], count > 1, !leaf.isEmpty {
            return ("leaf:" + leaf, .other, Self.capitalised(leaf))
        }
        if let head = name.family.first, let count = headCounts[head], count > 1 {
            return ("head:" + head, .other, Self.capitalised(head))
        }
        return ("name:" + full, .other, full)
    }

    private static func role(of name: MetricName) -> (PlannedChart.Role, String)? {
        if name.isMainLoss { return (.loss, "Loss") }
        if name.isErrorRate { return (.errorRate, "Error rate") }
        if name.isLearningRate { return (.learningRate, "Learning rate") }
        if name.isGradientNorm { return (.gradientNorm, "Gradient norm") }
        if name.isGPUMemory { return (.gpuMemory, "GPU memory") }
        if name.isGPUUtilisation { return (.gpuUtilisation, "GPU utilisation") }
        if name.isSpeed { return (.speed, "Speed") }
        return nil
    }

    private static func capitalised(_ word: String) -> String {
        if word == "acc" { return "Accuracy" }
        return word.prefix(1).uppercased() + word.dropFirst()
    }
}
