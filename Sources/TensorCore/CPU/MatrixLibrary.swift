import CTensorKernels

/// OpenBLAS, which multiplies matrices.
public enum MatrixLibrary {
    private static let loaded: Result<String, TensorError> = load()

    /// The kernels in use, by OpenBLAS's name of them: `SkylakeX`, `Zen`.
    ///
    /// - Returns: the name.
    /// - Throws: ``TensorError/device(name:reason:)`` where OpenBLAS is not installed.
    public static func kernelName() throws(TensorError) -> String { try loaded.get() }

    /// Loads OpenBLAS if that was not done: before anything is multiplied.
    ///
    /// - Throws: ``TensorError/device(name:reason:)`` where it is not installed.
    static func require() throws(TensorError) { _ = try loaded.get() }

    private static func load() -> Result<String, TensorError> {
        var reason = [CChar](repeating: 0, count: 512)
        let status = unsafe tk_blas_load(&reason, reason.count)
        guard status == 0 else {
            let text = String(decoding: reason.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            return .failure(.device(name: "OpenBLAS", reason: text))
        }
        return .success(unsafe String(cString: tk_blas_core()))
    }
}
