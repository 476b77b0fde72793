public import TensorCore

/// The sizes of the encoder.
public struct EncoderSizes: Sendable, Hashable {
    /// The width of every frame.
    public var width: Int
    /// How many heads attention has.
    public var headCount: Int
    /// How many frame rates there are, each half of the one before.
    public var levelCount: Int
    /// How many Conformer blocks there are at each.
    public var layersPerBlock: Int
    /// The inner width of feed-forwards.
    public var innerWidth: Int
    /// Over how many frames convolutions go.
    public var kernelSize: Int
    /// What of the original's mistakes is kept.
    public var compatibility: Compatibility

    /// VoxFormer's sizes.
    ///
    /// - Parameters:
    ///   - width: the width of every frame.
    ///   - headCount: how many heads attention has.
    ///   - levelCount: how many frame rates there are.
    ///   - layersPerBlock: how many Conformer blocks there are at each.
    ///   - innerWidth: the inner width of feed-forwards.
    ///   - kernelSize: over how many frames convolutions go.
    ///   - compatibility: what of the original's mistakes is kept.
    public init(
        width: Int = 512,
        headCount: Int = 8,
        levelCount: Int = 3,
        layersPerBlock: Int = 2,
        innerWidth: Int = 2048,
        kernelSize: Int = 31,
        compatibility: Compatibility = .none
    ) {
        self.width = width
        self.headCount = headCount
        self.levelCount = levelCount
        self.layersPerBlock = layersPerBlock
        self.innerWidth = innerWidth
        self.kernelSize = kernelSize
        self.compatibility = compatibility
    }

    /// Fails where no encoder has these sizes, before one of them is divided by or allocated.
    ///
    /// - Throws: ``TensorError/invalidArgument(operation:reason:)``, which names the first size that does not suit.
    public func validate() throws(TensorError) {
        try ModelSizes.requireHeads(width: width, headCount: headCount, for: "encoder")
        try ModelSizes.require(
            ("the number of levels", levelCount),
            ("the layers per block", layersPerBlock),
            ("the inner width", innerWidth),
            ("the kernel size", kernelSize),
            for: "encoder"
        )
        // An even kernel has no middle frame, so that the result would be a frame shorter than the short cut.
        guard !kernelSize.isMultiple(of: 2) else {
            throw .invalidArgument(
                operation: "encoder",
                reason: "the kernel size is \(kernelSize); use an odd one"
            )
        }
    }
}
