/// A section of the configuration: a value whose keys are listed once.
protocol SettingSection: Sendable, Hashable {
    /// The defaults.
    init()
    /// All keys, in the order they are printed.
    static var keys: [SettingKey<Self>] { get }
    /// What does not go together although each value suits.
    func conflicts() -> [SettingConflict]
}

/// Values that do not go together.
struct SettingConflict: Equatable {
    /// The key to change, without its section.
    let key: String
    /// Why they do not go together, and what to do.
    let reason: String
}

/// A section and where it is in a configuration.
struct SectionAccess: Sendable {
    /// As it is written in the file.
    let name: String
    /// All its keys.
    let keyNames: [String]
    /// Takes a value for a key; the key is one of the section's.
    let assign: @Sendable (String, SettingValue, inout TrainingConfiguration) throws(SettingFault) -> Void
    /// All keys that have an effect, with their values.
    let values: @Sendable (TrainingConfiguration) -> [(key: String, value: SettingValue)]
    /// What does not go together.
    let conflicts: @Sendable (TrainingConfiguration) -> [SettingConflict]

    init<Section: SettingSection>(
        _ name: String,
        _ path: any WritableKeyPath<TrainingConfiguration, Section> & Sendable
    ) {
        self.name = name
        keyNames = Section.keys.map(\.name)
        assign = { name, value, configuration throws(SettingFault) in
            guard let key = Section.keys.first(where: { $0.name == name }) else { return }
            try key.assign(value, &configuration[keyPath: path])
        }
        values = { configuration in
            Section.keys.compactMap { key in
                key.value(configuration[keyPath: path]).map { (key.name, $0) }
            }
        }
        conflicts = { $0[keyPath: path].conflicts() }
    }
}
