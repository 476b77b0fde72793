/// Cuts long recordings where it is quietest.
enum SpeechPieces {
    /// How far before the longest length a quiet place is looked for, in seconds.
    private static let searchSeconds = 10.0
    /// How long a quiet place is, in seconds.
    private static let quietSeconds = 0.2

    /// - Parameters:
    ///   - samples: the recording.
    ///   - sampleRateHz: its rate.
    ///   - longestSeconds: no piece is longer.
    /// - Returns: ranges that together are the whole recording.
    static func cut(
        _ samples: [Float],
        sampleRateHz: Int,
        longestSeconds: Double
    ) -> [Range<Int>] {
        let rate = Double(sampleRateHz)
        let (longest, window) = (max(2, Int(longestSeconds * rate)), max(1, Int(quietSeconds * rate)))
        var pieces: [Range<Int>] = []
        var start = 0
        while samples.count - start > longest {
            let from = start + max(longest / 2, longest - Int(searchSeconds * rate))
            let end = quietest(samples, from..<start + longest, window)
            pieces.append(start..<end)
            start = end
        }
        pieces.append(start..<samples.count)
        return pieces
    }

    /// The middle of the window with the least energy.
    private static func quietest(_ samples: [Float], _ range: Range<Int>, _ window: Int) -> Int {
        guard range.count > window else { return range.upperBound }
        func square(_ index: Int) -> Double { Double(samples[index]) * Double(samples[index]) }
        var energy = (range.lowerBound..<range.lowerBound + window).reduce(0.0) { $0 + square($1) }
        var best = (energy: energy, start: range.lowerBound)
        for start in range.lowerBound + 1...range.upperBound - window {
            energy += square(start + window - 1) - square(start - 1)
            if energy < best.energy { best = (energy, start) }
        }
        return best.start + window / 2
    }
}
