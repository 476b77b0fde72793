extension VoxFormer.Configuration {
    /// The sizes that a configuration asks for.
    ///
    /// - Parameters:
    ///   - settings: the section `model`.
    ///   - frontEnd: the sizes of the front end.
    public init(_ settings: ModelSettings, _ frontEnd: WavLMConfiguration) {
        self.init(
            wavLM: frontEnd,
            encoder: EncoderSizes(
                width: settings.width,
                headCount: settings.encoderHeadCount,
                levelCount: settings.encoderBlockCount,
                layersPerBlock: settings.encoderLayersPerBlock,
                innerWidth: settings.innerWidth,
                kernelSize: settings.kernelSize
            ),
            decoder: DecoderSizes(
                vocabularySize: settings.vocabularySize,
                width: settings.width,
                headCount: settings.decoderHeadCount,
                layerCount: settings.decoderLayerCount,
                innerWidth: settings.innerWidth
            )
        )
    }
}

extension VoxFormer.Stage {
    /// What a configuration lets learn.
    ///
    /// - Parameter settings: the section `model`.
    public init(_ settings: ModelSettings) {
        self =
            switch settings.trainedFrontEnd {
            case .nothing: .withoutWavLM
            case .topLayers(let count): .lastWavLMLayers(count)
            case .everything: .everything
            }
    }
}
