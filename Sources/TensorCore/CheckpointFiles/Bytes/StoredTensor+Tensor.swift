extension StoredTensor {
    /// A tensor's elements as they are in memory, to be written to a file; copied only where they do not lie together.
    ///
    /// - Parameter tensor: on the processor; must not be changed while this is used.
    /// - Throws: ``TensorError`` where memory is short, or ``CheckpointFileError`` where it is of another device.
    public init(_ tensor: Tensor) throws {
        let plain = try tensor.detached.contiguous()
        guard plain.storage.backend === CPUBackend.shared else {
            throw TensorError.device(
                name: plain.storage.backend.name,
                reason: "move the tensor to the processor first"
            )
        }
        let count = plain.elementCount * plain.elementType.byteCount
        let bytes = unsafe TensorBytes(
            UnsafeRawBufferPointer(start: plain.bytes, count: count),
            keeping: plain.storage
        )
        try self.init(bytes, elementType: plain.elementType, shape: plain.shape.dimensions)
    }
}
