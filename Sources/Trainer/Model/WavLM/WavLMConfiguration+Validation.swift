import TensorCore

extension WavLMConfiguration {
    /// Fails where a model of these sizes cannot be: they come from files, and must not trap.
    ///
    /// - Throws: ``TensorError/invalidArgument(operation:reason:)`` with the size that does not suit.
    func validate() throws(TensorError) {
        guard !convolutions.isEmpty else { throw Self.invalid("it has no convolutions") }
        for (index, layer) in convolutions.enumerated() {
            try Self.require("the width of convolution \(index)", layer.width)
            try Self.require("the kernel size of convolution \(index)", layer.kernelSize)
            try Self.require("the stride of convolution \(index)", layer.stride)
        }
        try Self.require("the width", width)
        try Self.require("the number of layers", layerCount, from: 0)
        try Self.require("the number of heads", headCount)
        try Self.require("the inner width", innerWidth)
        try Self.require("the positional kernel size", positionKernelSize)
        try Self.require("the number of positional groups", positionGroupCount)
        guard width.isMultiple(of: headCount) else {
            throw Self.invalid("the width \(width) does not divide into \(headCount) heads")
        }
        guard width.isMultiple(of: positionGroupCount) else {
            throw Self.invalid(
                "the width \(width) does not divide into \(positionGroupCount) positional groups"
            )
        }
        // Half of the classes for each direction, half of those for single distances: one at least.
        try Self.require("the number of classes of distances", bucketCount, from: 4)
        // Logarithms grow from the last single distance to the maximum.
        try Self.require("the maximum distance", maximumDistance, from: bucketCount / 4 + 1)
    }

    private static func require(_ name: String, _ value: Int, from smallest: Int = 1) throws(TensorError) {
        try ModelSizes.require((name, value), from: smallest, for: "WavLM")
    }

    private static func invalid(_ reason: String) -> TensorError {
        .invalidArgument(operation: "WavLM", reason: reason)
    }
}
