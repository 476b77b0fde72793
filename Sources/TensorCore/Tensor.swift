/// An array of numbers of any rank, with what is needed to find derivatives through it.
///
/// A value: a storage that is shared and no longer changes, a layout that says where its elements lie, and the
/// operation it came from where a derivative may be asked for. Copies and views cost nothing.
public struct Tensor: Sendable {
    /// The memory.
    public let storage: Storage
    /// Where in it the elements lie.
    public let layout: Layout
    /// How it came about; nil where no derivative depends on it.
    let node: GraphNode?

    /// A view of memory that carries no derivative.
    ///
    /// - Parameters:
    ///   - storage: the memory.
    ///   - layout: where in it the elements lie.
    public init(storage: Storage, layout: Layout) { self.init(storage: storage, layout: layout, node: nil) }

    init(storage: Storage, layout: Layout, node: GraphNode?) {
        self.storage = storage
        self.layout = layout
        self.node = node
    }

    /// The dimensions, outermost first.
    public var shape: Shape { layout.shape }
    /// How many axes there are.
    public var rank: Int { layout.shape.rank }
    /// How many elements there are.
    public var elementCount: Int { layout.shape.elementCount }
    /// What one element is.
    public var elementType: ElementType { storage.elementType }
    /// Whether the elements lie one after another.
    public var isContiguous: Bool { layout.isContiguous }
    /// Whether a derivative may be asked for through it.
    public var isTracked: Bool { node != nil }

    var backend: any Backend { storage.backend }

    /// The same numbers, cut off from how they came about.
    public var detached: Tensor { Tensor(storage: storage, layout: layout) }

    func with(_ layout: Layout) -> Tensor { Tensor(storage: storage, layout: layout) }
}

extension Tensor: CustomStringConvertible {
    /// The shape and the kind of elements; never the numbers.
    public var description: String { "Tensor\(shape) \(elementType.rawValue)" }
}
