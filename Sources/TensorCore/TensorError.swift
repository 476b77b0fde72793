/// Everything that can go wrong with tensors.
public enum TensorError: Error, Equatable, Sendable {
    /// Two shapes do not go together in an operation.
    case shapeMismatch(operation: String, left: Shape, right: Shape)
    /// One shape does not suit an operation.
    case invalidShape(operation: String, shape: Shape, reason: String)
    /// An operation got elements that it does not work on.
    case elementType(operation: String, found: ElementType, expected: ElementType)
    /// An argument that is not a shape is out of its range.
    case invalidArgument(operation: String, reason: String)
    /// Memory could not be had.
    case outOfMemory(byteCount: Int)
    /// A device or its library failed.
    case device(name: String, reason: String)
    /// The graph of derivatives cannot be walked.
    case graph(reason: String)
    /// A module's parameters and those that were given differ: all differences at once.
    case parameters(missing: [String], extra: [String], misshapen: [String])
}

extension TensorError: CustomStringConvertible {
    /// What failed, where, and what to do next.
    public var description: String {
        switch self {
        case .shapeMismatch(let operation, let left, let right):
            "\(operation): the shapes \(left) and \(right) do not go together"
        case .invalidShape(let operation, let shape, let reason):
            "\(operation): the shape \(shape) does not fit: \(reason)"
        case .elementType(let operation, let found, let expected):
            "\(operation): the elements are \(found.rawValue), not \(expected.rawValue); convert them first"
        case .invalidArgument(let operation, let reason): "\(operation): \(reason)"
        case .outOfMemory(let byteCount):
            "no memory for a tensor of \(byteCount) bytes; use a smaller batch or shorter audio"
        case .device(let name, let reason): "\(name): \(reason)"
        case .graph(let reason): "backward: \(reason)"
        case .parameters(let missing, let extra, let misshapen):
            Self.list("missing", missing) + Self.list("not known to this model", extra)
                + Self.list("of another shape", misshapen)
                + "the file and the configuration describe different models; check the configuration's sizes"
        }
    }

    private static func list(_ title: String, _ names: [String]) -> String {
        guard !names.isEmpty else { return "" }
        let shown = names.prefix(20).map { "  \($0)\n" }.joined()
        let rest = names.count > 20 ? "  and \(names.count - 20) more\n" : ""
        return "\(names.count) tensors \(title):\n\(shown)\(rest)"
    }
}
