import Yams

/// Collects the values and the problems of a file and of overrides.
struct ConfigurationReader {
    /// Keys of other systems at the top of a file, and what is done here instead.
    private static let unavailableSections = [
        "augmentation":
            "write data.use_speed_perturbation and data.use_specaugment with its parameters instead",
        "optimizer":
            "write training.learning_rate, weight_decay and max_grad_norm instead; it is always AdamW",
        "scheduler":
            "write training.warmup_steps instead; the rate goes up in a line and down along a cosine",
        "wandb":
            "Weights & Biases is not used; the metrics are in the run folder: voxsite build --serve shows them",
        "logging": "write training.log_interval instead; the metrics are in the run folder",
    ]

    private let source: String
    private var configuration = TrainingConfiguration()
    private var problems: [ConfigurationProblem] = []
    /// Where each key was set last.
    private var places: [String: String] = [:]

    init(source: String) { self.source = source }

    /// Takes the values of a text.
    mutating func read(yaml: String) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            problems.append(YAMLProblem.describe(error, yaml: yaml, source: source))
            return
        }
        guard let root, SettingValue(root) != .null else { return }
        guard case .mapping(let mapping) = root else {
            problems.append(
                ConfigurationProblem(
                    place: place(root),
                    key: nil,
                    reason:
                        "\(SettingValue(root).phrase) is not a configuration; begin with a section: model:"
                )
            )
            return
        }
        for (key, value) in mapping { read(section: key, value) }
    }

    private func place(_ node: Node) -> String { node.mark.map { "\(source):\($0.line)" } ?? source }

    private mutating func read(section key: Node, _ value: Node) {
        guard let name = key.scalar?.string else { return reject(key, nil, "a section needs a name") }
        guard let section = TrainingConfiguration.sections.first(where: { $0.name == name }) else {
            if let advice = Self.unavailableSections[name] {
                if SettingValue(value) != .null { reject(key, name, "there is no such section; \(advice)") }
                return
            }
            return reject(key, name, Self.unknownSection(name))
        }
        places[name] = place(key)
        guard case .mapping(let mapping) = value else {
            if SettingValue(value) != .null {
                reject(value, name, "\(SettingValue(value).phrase) is not a section; write its keys below it")
            }
            return
        }
        for (key, value) in mapping {
            guard let keyName = key.scalar?.string else {
                reject(key, name, "a key needs a name")
                continue
            }
            assign(section, keyName, SettingValue(value), at: place(key))
        }
    }

    private mutating func reject(_ node: Node, _ key: String?, _ reason: String) {
        let key = key.map(Self.printable)
        problems.append(ConfigurationProblem(place: place(node), key: key, reason: reason))
    }

    private mutating func assign(
        _ section: SectionAccess,
        _ name: String,
        _ value: SettingValue,
        at place: String
    ) {
        let key = "\(section.name).\(Self.printable(name))"
        guard section.keyNames.contains(name) else {
            problems.append(
                ConfigurationProblem(place: place, key: key, reason: Self.unknownKey(name, in: section))
            )
            return
        }
        places[key] = place
        do {
            try section.assign(name, value, &configuration)
        } catch {
            problems.append(ConfigurationProblem(place: place, key: key, reason: error.reason))
        }
    }

    /// Applies one change of the command line.
    ///
    /// - Parameter override: `section.key=value`, the value as in a file.
    mutating func apply(override: String) {
        let place = "override \(SettingFault.quoted(override))"
        let parts = override.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let names = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, names.count == 2 else {
            problems.append(
                ConfigurationProblem(
                    place: place,
                    key: nil,
                    reason: "it should look like training.batch_size=4"
                )
            )
            return
        }
        guard let section = TrainingConfiguration.sections.first(where: { $0.name == names[0] }) else {
            problems.append(
                ConfigurationProblem(
                    place: place,
                    key: Self.printable(names[0]),
                    reason: Self.unknownSection(names[0])
                )
            )
            return
        }
        do {
            let value = try Yams.compose(yaml: String(parts[1])).map { SettingValue($0) } ?? .null
            assign(section, names[1], value, at: place)
        } catch {
            problems.append(
                ConfigurationProblem(
                    place: place,
                    key: "\(names[0]).\(Self.printable(names[1]))",
                    reason: "the value is not YAML; put it in quotes"
                )
            )
        }
    }

    /// The configuration, where nothing is wrong.
    consuming func finish() throws(TrainerError) -> TrainingConfiguration {
        // Values that do not suit were not taken, so what they would conflict with is not known yet.
        if problems.isEmpty {
            for conflict in configuration.conflicts() {
                let section = String(conflict.key.prefix { $0 != "." })
                problems.append(
                    ConfigurationProblem(
                        place: places[conflict.key] ?? places[section] ?? source,
                        key: conflict.key,
                        reason: conflict.reason
                    )
                )
            }
        }
        guard problems.isEmpty else {
            throw .invalidConfiguration(source: source, problems: problems)
        }
        return configuration
    }

    private static func unknownSection(_ name: String) -> String {
        let names = TrainingConfiguration.sections.map(\.name)
        if let nearest = EditDistance.nearest(to: name, among: names) {
            return "there is no such section; did you mean \(nearest)?"
        }
        if let owner = TrainingConfiguration.sections.first(where: { $0.keyNames.contains(name) }) {
            return "it belongs into the section \(owner.name)"
        }
        return "there is no such section; there are \(names.joined(separator: ", "))"
    }

    private static func unknownKey(_ name: String, in section: SectionAccess) -> String {
        if let owner = TrainingConfiguration.sections.first(where: { $0.keyNames.contains(name) }) {
            return "it belongs into the section \(owner.name)"
        }
        if let nearest = EditDistance.nearest(to: name, among: section.keyNames) {
            return "there is no such key; did you mean \(nearest)?"
        }
        for other in TrainingConfiguration.sections where other.name != section.name {
            guard let nearest = EditDistance.nearest(to: name, among: other.keyNames) else { continue }
            return "there is no such key; did you mean \(other.name).\(nearest)?"
        }
        return "there is no such key; voxsite train --print-config shows all"
    }

    /// A key from outside as a short piece of one line.
    private static func printable(_ name: String) -> String {
        name.wholeMatch(of: #/[A-Za-z0-9_.-]{1,80}/#) == nil ? SettingFault.quoted(name) : name
    }
}
