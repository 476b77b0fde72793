/// Memory that tensors look at: a block on a device and who gives it back.
///
/// `@unchecked Sendable`: the address never changes, and the bytes are written by the operation that made the block,
/// before anybody else has it, or by the optimiser and ``Parameter``, which are the only holders of what they write
/// while they do. Whoever shares a tensor across tasks shares something that no longer changes.
@safe
public final class Storage: @unchecked Sendable {
    /// Who computes on it.
    public let backend: any Backend
    /// What one element is.
    public let elementType: ElementType
    /// How many bytes there are.
    public let byteCount: Int

    /// The first byte, in the address space of the device.
    let address: UnsafeMutableRawPointer
    private let release: @Sendable (UnsafeMutableRawPointer, Int) -> Void

    /// - Parameters:
    ///   - address: the first byte.
    ///   - byteCount: how many there are.
    ///   - elementType: what one element is.
    ///   - backend: who computes on it.
    ///   - release: gives the block back; it may hold on to whoever owns it, a mapped file for example.
    public init(
        address: UnsafeMutableRawPointer,
        byteCount: Int,
        elementType: ElementType,
        backend: any Backend,
        release: @escaping @Sendable (UnsafeMutableRawPointer, Int) -> Void
    ) {
        unsafe self.address = address
        self.byteCount = byteCount
        self.elementType = elementType
        self.backend = backend
        unsafe self.release = release
    }

    deinit { unsafe release(address, byteCount) }

    /// How many elements there are.
    public var elementCount: Int { byteCount / elementType.byteCount }
}
