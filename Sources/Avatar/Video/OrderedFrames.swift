/// Draws pictures on all cores and hands them on in their order.
///
/// At most `limit` pictures are being drawn or wait for an earlier one, which bounds the memory.
struct OrderedFrames: Sendable {
    let skin: any FaceSkin
    let limit: Int

    private struct Drawn: Sendable {
        var index: Int
        var image: RasterImage
        var milliseconds: Float
    }

    /// Draws all pictures of a motion.
    ///
    /// - Parameters:
    ///   - motion: asked for as pictures are needed; `visit` sees each frame as it is.
    ///   - visit: is told of every frame in order, before it is drawn.
    ///   - deliver: gets every picture in order.
    /// - Returns: how long each took to draw, in milliseconds.
    /// - Throws: what `deliver` throws, `CancellationError`.
    func draw(
        _ motion: MotionSequence,
        visit: (Int, MotionFrame) -> Void,
        deliver: (Int, RasterImage) async throws -> Void
    ) async throws -> [Float] {
        var milliseconds: [Float] = []
        milliseconds.reserveCapacity(motion.count)
        var frames = motion.makeIterator()
        try await withThrowingTaskGroup(of: Drawn.self) { group in
            var started = 0
            var delivered = 0
            var waiting: [Int: RasterImage] = [:]
            func startNext() {
                guard let frame = frames.next() else { return }
                visit(started, frame)
                let index = started
                let skin = skin
                group.addTask {
                    let start = ContinuousClock.now
                    let image = skin.render(frame)
                    return Drawn(
                        index: index,
                        image: image,
                        milliseconds: Float(start.elapsedSeconds * 1_000)
                    )
                }
                started += 1
            }
            for _ in 0..<limit { startNext() }
            while let drawn = try await group.next() {
                waiting[drawn.index] = drawn.image
                milliseconds.append(drawn.milliseconds)
                while let image = waiting.removeValue(forKey: delivered) {
                    try Task.checkCancellation()
                    try await deliver(delivered, image)
                    delivered += 1
                    startNext()
                }
            }
        }
        return milliseconds
    }
}
