import CTensorKernels

/// The processor: OpenBLAS for products of matrices, vector loops for the rest, one pool of threads.
public final class CPUBackend: Backend {
    /// The one processor.
    public static let shared = CPUBackend()

    /// `cpu`.
    public let name = "cpu"

    private init() { ThreadPool.start(threadCount: 0) }

    /// Elements that one thread takes at least; below that, waking another costs more than it brings.
    static let grain = 16_384
}

extension Tensor {
    /// The first element; the tensor keeps the memory alive.
    var pointer: UnsafeMutablePointer<Float> {
        unsafe storage.address.assumingMemoryBound(to: Float.self) + layout.offset
    }
}

extension Tensor {
    /// The first byte, whatever the elements are.
    var bytes: UnsafeMutableRawPointer {
        unsafe storage.address + layout.offset * elementType.byteCount
    }
}

extension MatrixBatch {
    /// The first element of the storage.
    var base: UnsafeMutablePointer<Float> { unsafe storage.address.assumingMemoryBound(to: Float.self) }
}
