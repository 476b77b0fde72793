/// Turns interleaved frames into their means, and sees to it that every sample is a number in -1...1.
struct ChannelMixer {
    private let channelCount: Int
    private var interleaved: [Float] = []

    init(channelCount: Int) {
        self.channelCount = channelCount
    }

    /// Fills a block and mixes it.
    ///
    /// - Parameters:
    ///   - frameCount: the most frames that `fill` may write.
    ///   - fill: gets room for `frameCount` interleaved frames, returns how many it filled.
    /// - Returns: one sample per frame; nil where a sample is infinite or not a number.
    mutating func mix(
        frameCount: Int,
        fill: (UnsafeMutablePointer<Float>) -> Int
    ) -> [Float]? {
        var largest: UInt32 = 0
        let mixed: [Float]
        if channelCount == 1 {
            mixed = unsafe [Float](unsafeUninitializedCapacity: frameCount) { target, count in
                guard let start = target.baseAddress else { return }
                count = unsafe fill(start)
                largest = unsafe Self.largestMagnitude(UnsafeMutableBufferPointer(rebasing: target[..<count]))
            }
        } else {
            mixed = unsafe mixChannels(frameCount: frameCount, fill: fill, largest: &largest)
        }
        guard largest < Float.infinity.bitPattern else { return nil }
        // Only files of floating-point numbers, and decoders that overshoot, get here.
        return largest > Float(1).bitPattern ? mixed.map { min(max($0, -1), 1) } : mixed
    }

    private mutating func mixChannels(
        frameCount: Int,
        fill: (UnsafeMutablePointer<Float>) -> Int,
        largest: inout UInt32
    ) -> [Float] {
        let channels = channelCount
        if interleaved.count < frameCount * channels {
            interleaved = [Float](repeating: 0, count: frameCount * channels)
        }
        var top: UInt32 = 0
        let mixed = unsafe interleaved.withUnsafeMutableBufferPointer { all -> [Float] in
            guard let source = all.baseAddress else { return [] }
            let count = unsafe fill(source)
            top = unsafe Self.largestMagnitude(
                UnsafeMutableBufferPointer(rebasing: all[..<(count * channels)])
            )
            return unsafe [Float](unsafeUninitializedCapacity: count) { target, written in
                written = count
                let share = 1 / Float(channels)
                for frame in 0..<count {
                    var sum: Float = 0
                    for channel in 0..<channels { sum += unsafe source[frame * channels + channel] }
                    unsafe target[frame] = sum * share
                }
            }
        }
        largest = top
        return mixed
    }

    /// The bits of the largest magnitude: without the sign they are in the order of the numbers, with infinity
    /// and what is not a number on top, and the loop needs no branch.
    private static func largestMagnitude(_ samples: UnsafeMutableBufferPointer<Float>) -> UInt32 {
        var largest: UInt32 = 0
        for index in samples.indices {
            largest = unsafe max(largest, samples[index].bitPattern & 0x7fff_ffff)
        }
        return largest
    }
}
