/// One key of a section: its name, how a value is taken, and what it is now.
///
/// Everything about a key is said here once: reading, checking, printing and overriding follow from it.
struct SettingKey<Section>: Sendable {
    /// As it is written in the file.
    let name: String
    /// Takes a value, or says why it does not suit.
    let assign: @Sendable (SettingValue, inout Section) throws(SettingFault) -> Void
    /// What is printed; nil for a key that has no effect.
    let value: @Sendable (Section) -> SettingValue?

    /// A key that needs a value.
    static func required<Value: Sendable>(
        _ name: String,
        _ path: any WritableKeyPath<Section, Value> & Sendable,
        _ kind: SettingKind<Value>
    ) -> SettingKey {
        SettingKey(
            name: name,
            assign: { value, section throws(SettingFault) in
                guard let accepted = try kind.accept(value) else {
                    throw SettingFault(reason: "\(value.phrase) is not \(kind.name)")
                }
                section[keyPath: path] = accepted
            },
            value: { kind.value($0[keyPath: path]) }
        )
    }

    /// A key that may be null.
    static func optional<Value: Sendable>(
        _ name: String,
        _ path: any WritableKeyPath<Section, Value?> & Sendable,
        _ kind: SettingKind<Value>
    ) -> SettingKey {
        SettingKey(
            name: name,
            assign: { value, section throws(SettingFault) in
                guard value != .null else {
                    section[keyPath: path] = nil
                    return
                }
                guard let accepted = try kind.accept(value) else {
                    throw SettingFault(reason: "\(value.phrase) is not \(kind.name) or null")
                }
                section[keyPath: path] = accepted
            },
            value: { $0[keyPath: path].map(kind.value) ?? .null }
        )
    }

    /// A key of other systems for something that is done in another way here: only null suits, and is not printed.
    ///
    /// - Parameters:
    ///   - name: as other systems write it.
    ///   - advice: what to do instead.
    /// - Returns: the key.
    static func unavailable(_ name: String, _ advice: String) -> SettingKey {
        SettingKey(
            name: name,
            assign: { value, _ throws(SettingFault) in
                if value != .null, value != .flag(false) { throw SettingFault(reason: advice) }
            },
            value: { _ in nil }
        )
    }
}
