extension WavLMConfiguration {
    /// All sizes on one line; what ``init(text:)`` reads.
    var text: String {
        let sizes = [
            convolutions.first?.width ?? 0, width, layerCount, headCount, innerWidth, positionKernelSize,
            positionGroupCount, bucketCount, maximumDistance,
        ]
        return ([style == .large ? "large" : "base"] + sizes.map(String.init)).joined(separator: " ")
    }

    /// Reads what ``text`` wrote; nil where it is something else.
    init?(text: String) {
        let fields = text.split(separator: " ")
        let sizes = fields.dropFirst().compactMap { Int($0) }
        guard fields.count == 10, sizes.count == 9, let style = fields.first else { return nil }
        self.init(
            style: style == "large" ? .large : .base,
            convolutionWidth: sizes[0],
            width: sizes[1],
            layerCount: sizes[2],
            headCount: sizes[3],
            innerWidth: sizes[4],
            positionKernelSize: sizes[5],
            positionGroupCount: sizes[6],
            bucketCount: sizes[7],
            maximumDistance: sizes[8]
        )
    }
}
