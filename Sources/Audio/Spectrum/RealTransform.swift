import CKissFFT

/// Discrete Fourier transforms of real signals of one even length, by KISS FFT.
///
/// `X[k] = sum over n of x[n] * exp(-2 pi i k n / size)` for `k` in `0...size / 2`, unscaled. Lengths of small
/// prime factors are fast, as 400, 512 or 800 are; a large prime factor `p` costs `p` steps per sample.
///
/// Any thread may use a transform, one at a time, which `mutating` sees to: the plan holds scratch memory.
@safe public struct RealTransform: ~Copyable {
    /// Samples per transform.
    public let size: Int
    private let forwardPlan: OpaquePointer
    private let inversePlan: OpaquePointer

    /// How many frequencies a transform has, from 0 to half the sample rate.
    public var binCount: Int { size / 2 + 1 }

    /// The longest transform.
    public static let largestSize = 1 << 24

    /// Plans the transforms of one length.
    ///
    /// - Parameter size: even, from 2 to ``largestSize``.
    public init(size: Int) {
        precondition(size >= 2 && size % 2 == 0 && size <= Self.largestSize, "no transform of this length")
        guard let forward = unsafe kiss_fftr_alloc(Int32(size), 0, nil, nil),
            let inverse = unsafe kiss_fftr_alloc(Int32(size), 1, nil, nil)
        else {
            preconditionFailure("no memory for a transform of \(size) samples")
        }
        unsafe forwardPlan = forward
        unsafe inversePlan = inverse
        self.size = size
    }

    deinit {
        unsafe vox_fft_free(forwardPlan)
        unsafe vox_fft_free(inversePlan)
    }

    /// The spectrum of a signal.
    ///
    /// - Parameter samples: shape `[size]`.
    /// - Returns: shape `[size / 2 + 1, 2]`, real and imaginary parts in turn.
    public mutating func forward(_ samples: [Float]) -> [Float] {
        precondition(samples.count == size, "a transform of \(size) samples got \(samples.count)")
        return unsafe [Float](unsafeUninitializedCapacity: 2 * binCount) { spectrum, count in
            count = 2 * binCount
            unsafe samples.withUnsafeBufferPointer { source in
                unsafe forward(source.baseAddress.unsafelyUnwrapped, spectrum.baseAddress.unsafelyUnwrapped)
            }
        }
    }

    /// The signal of a spectrum: the inverse of ``forward(_:)``, scaled by `1 / size`.
    ///
    /// - Parameter spectrum: shape `[size / 2 + 1, 2]`, real and imaginary parts in turn.
    /// - Returns: shape `[size]`.
    public mutating func inverse(_ spectrum: [Float]) -> [Float] {
        precondition(spectrum.count == 2 * binCount, "a spectrum of \(binCount) bins is needed")
        let scale = 1 / Float(size)
        return unsafe [Float](unsafeUninitializedCapacity: size) { samples, count in
            count = size
            unsafe spectrum.withUnsafeBytes { source in
                unsafe kiss_fftri(
                    inversePlan,
                    source.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: kiss_fft_cpx.self),
                    samples.baseAddress.unsafelyUnwrapped
                )
            }
            for index in samples.indices { unsafe samples[index] *= scale }
        }
    }

    /// The spectrum of `size` samples at `samples`, as `2 * binCount` numbers at `spectrum`.
    ///
    /// The library's complex numbers are two floats in a row.
    mutating func forward(_ samples: UnsafePointer<Float>, _ spectrum: UnsafeMutablePointer<Float>) {
        unsafe kiss_fftr(
            forwardPlan,
            samples,
            UnsafeMutableRawPointer(spectrum).assumingMemoryBound(to: kiss_fft_cpx.self)
        )
    }
}

/// `@unchecked Sendable`: the plans belong to this value alone, which cannot be copied; every use of them is
/// `mutating`, so no two threads are in them at once, and they are plain memory.
extension RealTransform: @unchecked Sendable {}
