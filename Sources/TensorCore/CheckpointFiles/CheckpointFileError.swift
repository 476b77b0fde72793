public import Files

/// What went wrong with a file of tensors.
public enum CheckpointFileError: Error, Equatable, Sendable {
    /// Where in a file: at a byte, in a named member or tensor, or in the file as a whole.
    public enum Place: Equatable, Sendable {
        case whole
        /// An offset in bytes from the start of the file.
        case byte(Int)
        /// A member of an archive, a tensor, a key.
        case name(String)
    }

    /// The file system said no.
    case system(FilesError)
    /// The bytes are not what the format says they are.
    case damaged(path: String, at: Place, reason: String)
    /// A pickle asks for code, or for an object that is not part of a file of tensors.
    case refused(path: String, at: Place, what: String)
    /// Valid, as far as one can tell, but nothing that is read here.
    case unsupported(path: String, at: Place, reason: String, advice: String)
    /// Shape, strides, offset and bytes of a tensor do not go together.
    case invalidTensor(name: String, reason: String)
    /// What was asked to be written cannot be.
    case unwritable(path: String, reason: String)
}

extension CheckpointFileError: CustomStringConvertible {
    /// What failed, where, why, and what to do next.
    ///
    ///     best.pt: byte 23: asks for posix.getcwd, which no file of tensors needs; nothing was executed. …
    public var description: String {
        switch self {
        case .system(let error): return error.description
        case .damaged(let path, let place, let reason):
            return "\(Self.lead(path, place))damaged: \(reason); get the file again from where it was made"
        case .refused(let path, let place, let what):
            return
                "\(Self.lead(path, place))asks for \(Self.printable(what)), which is not among the few things "
                + "that a file of tensors needs; nothing was executed. If you trust its maker, save its "
                + "tensors again as safetensors, where it was made"
        case .unsupported(let path, let place, let reason, let advice):
            return "\(Self.lead(path, place))\(reason); \(advice)"
        case .invalidTensor(let name, let reason):
            return "tensor \(Self.printable(name)): \(reason); check its shape, strides and bytes"
        case .unwritable(let path, let reason): return "\(Self.lead(path, .whole))not written: \(reason)"
        }
    }

    private static func lead(_ path: String, _ place: Place) -> String {
        switch place {
        case .whole: "\(printable(path)): "
        case .byte(let offset): "\(printable(path)): byte \(offset): "
        case .name(let name): "\(printable(path)): \(printable(name)): "
        }
    }

    /// A name from a file as one short line of visible text, whatever its bytes were.
    static func printable(_ name: String) -> String {
        var text = ""
        for scalar in name.unicodeScalars.prefix(200) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return name.unicodeScalars.count > 200 ? text + "…" : text
    }
}
