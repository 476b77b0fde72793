/// One thing that is wrong with a configuration.
public struct ConfigurationProblem: Error, Equatable, Sendable {
    /// Where it was written: `configs/stage1.yaml:12`, or the override of the command line.
    public var place: String
    /// Which key it is about, with its section: `training.batch_size`; nil for a file that cannot be read at all.
    public var key: String?
    /// What is wrong, and what to write instead.
    public var reason: String
}

extension ConfigurationProblem: CustomStringConvertible {
    /// Place, key and reason in one line.
    public var description: String {
        let key = key.map { "\($0): " } ?? ""
        return "\(place): \(key)\(reason)"
    }
}
