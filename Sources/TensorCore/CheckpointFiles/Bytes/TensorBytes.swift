import Files
import Glibc

/// Read-only bytes that tensors are views of: a file mapped into memory, or memory.
///
/// A mapping costs no memory of its own and is read from the disk page by page, when somebody looks. It stays valid
/// when the file is renamed, replaced or removed; only cutting the very same file short while it is mapped would
/// end the process (SIGBUS), which nothing does that writes files whole, as ``AtomicFile`` does.
///
/// `@unchecked Sendable`: the address and the bytes never change between `init` and `deinit`, so any number of
/// threads may read them.
@safe
public final class TensorBytes: @unchecked Sendable {
    /// How many bytes there are.
    public let count: Int

    private enum Ending { case nothing, unmap, deallocate, release(any AnyObject & Sendable) }

    private let start: UnsafeRawPointer?
    private let ending: Ending

    private init(_ start: UnsafeRawPointer?, _ count: Int, _ ending: Ending) {
        unsafe self.start = unsafe start
        self.count = count
        self.ending = ending
    }

    deinit {
        guard let start = unsafe start else { return }
        switch ending {
        case .nothing, .release: break
        case .unmap: unsafe munmap(UnsafeMutableRawPointer(mutating: start), count)
        case .deallocate: unsafe start.deallocate()
        }
    }

    /// Maps a file.
    ///
    /// - Parameter path: a regular file.
    /// - Returns: all its bytes.
    /// - Throws: ``CheckpointFileError/system(_:)``.
    public static func mapping(_ path: String) throws(CheckpointFileError) -> TensorBytes {
        do throws(FilesError) {
            let file = try OpenFile.reading(path)
            let size = try file.identity().size
            guard size > 0 else { return unsafe TensorBytes(nil, 0, .nothing) }
            guard let start = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, file.descriptor, 0),
                unsafe start != MAP_FAILED
            else { throw FilesError.system(operation: "map it into memory", path: path, code: errno) }
            return unsafe TensorBytes(start, size, .unmap)
        } catch {
            throw .system(error)
        }
    }

    /// Copies bytes.
    ///
    /// - Parameter bytes: any array.
    public convenience init(_ bytes: [UInt8]) {
        unsafe self.init(count: bytes.count) { memory in
            unsafe bytes.withUnsafeBytes { unsafe memory.copyMemory(from: $0) }
        }
    }

    /// Allocates memory, aligned to 64 bytes, and has it filled.
    ///
    /// - Parameters:
    ///   - count: how many bytes.
    ///   - fill: writes all of them.
    public convenience init(count: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
        guard count > 0 else {
            unsafe self.init(nil, 0, .nothing)
            return
        }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
        unsafe fill(memory)
        unsafe self.init(memory.baseAddress, count, .deallocate)
    }

    /// Looks at memory that somebody else owns, without copying it.
    ///
    /// - Parameters:
    ///   - bytes: must stay as it is for as long as `owner` lives.
    ///   - owner: is kept alive.
    @unsafe
    public convenience init(_ bytes: UnsafeRawBufferPointer, keeping owner: any AnyObject & Sendable) {
        unsafe self.init(bytes.baseAddress, bytes.count, .release(owner))
    }

    /// Calls `body` with some of the bytes; they are not aligned to anything.
    ///
    /// - Parameters:
    ///   - range: within `0..<count`.
    ///   - body: must not keep the pointer.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    public func withBytes<Result, Failure: Error>(
        _ range: Range<Int>,
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "bytes outside the file")
        return try unsafe body(
            UnsafeRawBufferPointer(start: start.map { unsafe $0 + range.lowerBound }, count: range.count)
        )
    }

    /// A little-endian integer; the caller has checked that it lies within.
    func integer<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Value.Type) -> Value {
        unsafe withBytes(offset..<offset + MemoryLayout<Value>.size) { bytes in
            Value(littleEndian: unsafe bytes.loadUnaligned(as: Value.self))
        }
    }

    /// Some of the bytes, copied; the caller has checked that they lie within.
    func copy(_ range: Range<Int>) -> [UInt8] { unsafe withBytes(range) { unsafe Array($0) } }
}
