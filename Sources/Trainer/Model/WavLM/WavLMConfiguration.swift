/// The sizes of a WavLM model.
///
/// Source: Chen et al., "WavLM: Large-Scale Self-Supervised Pre-Training for Full Stack Speech Processing", 2022.
public struct WavLMConfiguration: Sendable, Hashable {
    /// One convolution over the waveform.
    public struct ConvolutionLayer: Sendable, Hashable {
        /// How many features come out.
        public var width: Int
        /// Over how many samples or frames.
        public var kernelSize: Int
        /// How far apart the results are.
        public var stride: Int
    }

    /// How the convolutions are normalised, and with that where the norms of the layers are.
    public enum Style: Sendable, Hashable {
        /// A group norm behind the first convolution; norms behind the parts of a layer.
        case base
        /// A layer norm behind every convolution; norms in front of the parts of a layer.
        case large
    }

    /// Where the norms are.
    public var style: Style
    /// The convolutions in order.
    public var convolutions: [ConvolutionLayer]
    /// The width of a frame.
    public var width: Int
    /// How many layers there are.
    public var layerCount: Int
    /// How many heads attention has.
    public var headCount: Int
    /// The inner width of feed-forwards.
    public var innerWidth: Int
    /// Over how many frames the positional convolution goes.
    public var positionKernelSize: Int
    /// How many groups it has.
    public var positionGroupCount: Int
    /// How many classes of distances attention tells apart.
    public var bucketCount: Int
    /// From which distance on all are of one class.
    public var maximumDistance: Int
    /// Whether the first group norm sees padding, as published checkpoints were run: an utterance then depends on how
    /// much silence follows it.
    public var normalizesPadding: Bool

    private static func convolutions(width: Int) -> [ConvolutionLayer] {
        zip([10, 3, 3, 3, 3, 2, 2], [5, 2, 2, 2, 2, 2, 2]).map {
            ConvolutionLayer(width: width, kernelSize: $0, stride: $1)
        }
    }

    /// A model of the usual seven convolutions.
    ///
    /// - Parameters:
    ///   - style: where the norms are.
    ///   - convolutionWidth: the width of every convolution.
    ///   - width: the width of a frame.
    ///   - layerCount: how many layers there are.
    ///   - headCount: how many heads attention has.
    ///   - innerWidth: the inner width of feed-forwards.
    ///   - positionKernelSize: over how many frames the positional convolution goes.
    ///   - positionGroupCount: how many groups it has.
    ///   - bucketCount: how many classes of distances there are.
    ///   - maximumDistance: from which distance on all are of one class.
    ///   - normalizesPadding: whether the first group norm sees padding.
    public init(
        style: Style,
        convolutionWidth: Int = 512,
        width: Int,
        layerCount: Int,
        headCount: Int,
        innerWidth: Int,
        positionKernelSize: Int = 128,
        positionGroupCount: Int = 16,
        bucketCount: Int = 320,
        maximumDistance: Int = 800,
        normalizesPadding: Bool = false
    ) {
        self.style = style
        convolutions = Self.convolutions(width: convolutionWidth)
        self.width = width
        self.layerCount = layerCount
        self.headCount = headCount
        self.innerWidth = innerWidth
        self.positionKernelSize = positionKernelSize
        self.positionGroupCount = positionGroupCount
        self.bucketCount = bucketCount
        self.maximumDistance = maximumDistance
        self.normalizesPadding = normalizesPadding
    }

    /// `microsoft/wavlm-base`.
    public static let base = WavLMConfiguration(
        style: .base,
        width: 768,
        layerCount: 12,
        headCount: 12,
        innerWidth: 3072
    )
    /// `microsoft/wavlm-large`.
    public static let large = WavLMConfiguration(
        style: .large,
        width: 1024,
        layerCount: 24,
        headCount: 16,
        innerWidth: 4096
    )

    /// How many frames come of so many samples: `⌊(n − 80) / 320⌋` from 400 on, and none of fewer.
    ///
    /// - Parameters:
    ///   - sampleCount: how many samples there are.
    ///   - layers: behind how many convolutions; nil for all.
    /// - Returns: how many frames.
    public func frameCount(sampleCount: Int, behind layers: Int? = nil) -> Int {
        var count = max(0, sampleCount)
        for layer in convolutions.prefix(layers ?? convolutions.count) {
            count = count < layer.kernelSize ? 0 : (count - layer.kernelSize) / layer.stride + 1
        }
        return count
    }
}
