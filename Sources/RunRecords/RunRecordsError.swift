/// Why a run folder could not be read or written.
public enum RunRecordsError: Error, Equatable, Sendable {
    /// The folder of runs is missing or unreadable.
    case folder(path: String, reason: String)
    /// A log or description could not be read.
    case read(path: String, reason: String)
    /// A line or description could not be written.
    case write(path: String, reason: String)
    /// A run's name that cannot be a folder and a URL at once.
    case invalidRunID(String)
    /// Text that is not the JSON it should be. `offset` counts bytes from its start.
    case json(offset: Int, reason: String)
}

extension RunRecordsError: CustomStringConvertible {
    /// What failed and where, and why.
    public var description: String {
        switch self {
        case .folder(let path, let reason): "\(path): \(reason)"
        case .read(let path, let reason): "\(path): cannot be read: \(reason)"
        case .write(let path, let reason): "\(path): cannot be written: \(reason)"
        case .invalidRunID(let id):
            "'\(id)' cannot name a run: use 1 to 128 of A-Z a-z 0-9 . _ - and neither '.' nor '..'"
        case .json(let offset, let reason): "byte \(offset): \(reason)"
        }
    }
}
