/// A value while a pickle is being read: containers are numbers of an arena, so that they can be shared, changed
/// and even contain themselves without any of that reaching further.
enum PickleNode: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    case bigInteger(String)
    case float(Double)
    case string(String)
    case bytes([UInt8])
    case device(String)
    case global(PickleGlobal)
    case storage(PickleStorage)
    case container(Int)

    /// For messages.
    var kind: String {
        switch self {
        case .none: "None"
        case .bool: "a boolean"
        case .integer, .bigInteger: "an integer"
        case .float: "a float"
        case .string: "a text"
        case .bytes: "bytes"
        case .device: "a device"
        case .global: "a name"
        case .storage: "a storage"
        case .container: "a container"
        }
    }
}

/// What an arena holds.
enum PickleContainer: Sendable {
    case list([PickleNode])
    case tuple([PickleNode])
    case dictionary([(key: PickleNode, value: PickleNode)])
    case tensor(PickleTensor)
}

/// A storage that a pickle refers to: its bytes are elsewhere in the file.
struct PickleStorage: Sendable, Hashable {
    var elementType: ElementType
    var key: String
    var elementCount: Int
}

/// How a pickle describes a tensor: a view of a storage, nothing of which is checked yet.
struct PickleTensor: Sendable {
    var storage: PickleStorage
    var offset: Int
    var shape: [Int]
    var strides: [Int]
}
