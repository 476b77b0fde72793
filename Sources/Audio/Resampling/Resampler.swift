import CSoxr

/// Changes the sample rate of a signal that comes in blocks, by the SoX resampler at its high quality.
///
/// Linear phase, flat to 0.01 dB up to 91 % of the lower Nyquist frequency, aliases below -120 dB, and no delay:
/// output sample `k` lies at the time of input sample `k * in / out`. What lies before and after the signal
/// counts as silence. The result does not depend on how the signal is cut into blocks.
///
/// Any thread may use a resampler, one at a time, which `mutating` sees to.
@safe public struct Resampler: ~Copyable {
    /// The rate of what goes in.
    public let inputRateHz: Int
    /// The rate of what comes out.
    public let outputRateHz: Int
    private let handle: OpaquePointer
    private var consumedCount = 0
    private var producedCount = 0
    private var isFinished = false

    /// Input goes in by pieces of this length, so that soxr's 32-bit counters never come near their end.
    private static let pieceCount = 65_536

    /// Designs the filters for two rates, a few hundred microseconds of work.
    ///
    /// - Parameters:
    ///   - inputRateHz: within ``AudioLimits/sampleRatesHz``.
    ///   - outputRateHz: within ``AudioLimits/sampleRatesHz``.
    /// - Throws: ``AudioError/resampling(inputRateHz:outputRateHz:reason:)``.
    public init(inputRateHz: Int, outputRateHz: Int) throws(AudioError) {
        let rates = AudioLimits.sampleRatesHz
        guard rates.contains(inputRateHz), rates.contains(outputRateHz) else {
            throw .resampling(
                inputRateHz: inputRateHz,
                outputRateHz: outputRateHz,
                reason: "that is no sample rate of sound"
            )
        }
        var failure: soxr_error_t?
        _ = Self.isPrepared
        guard let handle = unsafe Self.create(inputRateHz, outputRateHz, &failure) else {
            throw .resampling(
                inputRateHz: inputRateHz,
                outputRateHz: outputRateHz,
                reason: unsafe failure.map { unsafe String(cString: $0) } ?? "not enough memory"
            )
        }
        unsafe self.handle = handle
        self.inputRateHz = inputRateHz
        self.outputRateHz = outputRateHz
    }

    deinit { unsafe soxr_delete(handle) }

    /// How many samples come out in all.
    ///
    /// - Parameters:
    ///   - inputCount: how many go in, 0 or more.
    ///   - inputRateHz: their rate, at least 1.
    ///   - outputRateHz: the rate wanted, at least 1.
    /// - Returns: `inputCount * outputRateHz / inputRateHz`, halves rounded up.
    public static func outputCount(inputCount: Int, inputRateHz: Int, outputRateHz: Int) -> Int {
        precondition(inputCount >= 0 && inputRateHz > 0 && outputRateHz > 0)
        let (whole, rest) = inputCount.quotientAndRemainder(dividingBy: inputRateHz)
        return whole * outputRateHz + (rest * outputRateHz * 2 + inputRateHz) / (inputRateHz * 2)
    }

    /// Takes the next samples of the signal.
    ///
    /// - Parameter block: as many as there are, also none.
    /// - Returns: what is ready; the filters hold back some milliseconds.
    /// - Throws: ``AudioError/resampling(inputRateHz:outputRateHz:reason:)``: no memory is left.
    public mutating func process(_ block: [Float]) throws(AudioError) -> [Float] {
        precondition(!isFinished, "the signal has been finished")
        var output: [Float] = []
        output.reserveCapacity(
            Self.outputCount(inputCount: block.count, inputRateHz: inputRateHz, outputRateHz: outputRateHz)
                + 64
        )
        var start = 0
        while start < block.count {
            let end = min(start + Self.pieceCount, block.count)
            try convert(block[start..<end], into: &output)
            start = end
        }
        consumedCount += block.count
        producedCount += output.count
        return output
    }

    /// Ends the signal; nothing can be processed afterwards.
    ///
    /// - Returns: the rest, so that all blocks together have
    ///   ``outputCount(inputCount:inputRateHz:outputRateHz:)`` samples.
    /// - Throws: ``AudioError/resampling(inputRateHz:outputRateHz:reason:)``: no memory is left.
    public mutating func finish() throws(AudioError) -> [Float] {
        precondition(!isFinished, "the signal has been finished")
        isFinished = true
        var rest: [Float] = []
        try convert(nil, into: &rest)
        let total = Self.outputCount(
            inputCount: consumedCount,
            inputRateHz: inputRateHz,
            outputRateHz: outputRateHz
        )
        // soxr rounds in floating point; a tie may fall to the other side.
        let wanted = max(0, total - producedCount)
        if rest.count > wanted { rest.removeLast(rest.count - wanted) }
        rest.append(contentsOf: repeatElement(0, count: wanted - rest.count))
        producedCount += rest.count
        return rest
    }

    /// Feeds one piece, nil for the end, and collects what comes out until nothing more does.
    private func convert(_ piece: ArraySlice<Float>?, into output: inout [Float]) throws(AudioError) {
        let room = max(
            256,
            Self.outputCount(
                inputCount: piece?.count ?? 4_096,
                inputRateHz: inputRateHz,
                outputRateHz: outputRateHz
            )
        )
        var message: String?
        var consumed = 0
        var produced: Int
        repeat {
            produced = 0
            let converted = unsafe [Float](unsafeUninitializedCapacity: room) { target, count in
                var taken = 0
                let failure: soxr_error_t?
                if let piece {
                    unsafe failure = piece[(piece.startIndex + consumed)...].withUnsafeBufferPointer {
                        source in
                        // An empty input that is not the end of the signal still needs an address.
                        let start = unsafe source.baseAddress.map { unsafe UnsafeRawPointer($0) }
                        let address = unsafe start ?? UnsafeRawPointer(target.baseAddress)
                        return unsafe soxr_process(
                            handle,
                            address,
                            source.count,
                            &taken,
                            target.baseAddress,
                            room,
                            &count
                        )
                    }
                } else {
                    unsafe failure = soxr_process(handle, nil, 0, nil, target.baseAddress, room, &count)
                }
                message = unsafe failure.map { unsafe String(cString: $0) }
                consumed += taken
                produced = count
            }
            if let message {
                throw .resampling(inputRateHz: inputRateHz, outputRateHz: outputRateHz, reason: message)
            }
            output += converted
        } while consumed < piece?.count ?? 0 || produced == room
    }

    /// Whether the tables that all resamplers of the process share are filled: soxr does that in the first one,
    /// without a lock, and locks them itself from then on.
    private static let isPrepared: Bool = {
        var failure: soxr_error_t?
        guard let first = unsafe create(44_100, 16_000, &failure) else { return false }
        unsafe soxr_delete(first)
        return true
    }()

    private static func create(
        _ inputRateHz: Int,
        _ outputRateHz: Int,
        _ failure: inout soxr_error_t?
    ) -> OpaquePointer? {
        var samples = unsafe soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
        var quality = unsafe soxr_quality_spec(UInt(SOXR_20_BITQ), 0)
        var runtime = unsafe soxr_runtime_spec(1)
        return unsafe soxr_create(
            Double(inputRateHz),
            Double(outputRateHz),
            1,
            &failure,
            &samples,
            &quality,
            &runtime
        )
    }
}

/// `@unchecked Sendable`: the handle belongs to this value alone, which cannot be copied; every use of it is
/// `mutating`, so no two threads are in it at once, and soxr binds it to no thread.
extension Resampler: @unchecked Sendable {}
