/// Which parameters shrink.
public enum WeightDecayRule {
    /// Matrices and kernels; not biases, norms, single scales, or embeddings.
    ///
    /// - Parameter parameter: a parameter.
    /// - Returns: whether it shrinks.
    public static func standard(_ parameter: Parameter) -> Bool {
        parameter.shape.dimensions.count { $0 > 1 } > 1 && !parameter.name.contains("embed")
    }

    /// All but those whose name holds `bias`, `LayerNorm.weight` or `layer_norm.weight`: as VoxFormer was trained, norms
    /// of other names included.
    ///
    /// - Parameter parameter: a parameter.
    /// - Returns: whether it shrinks.
    public static func byName(_ parameter: Parameter) -> Bool {
        !["bias", "LayerNorm.weight", "layer_norm.weight"].contains { parameter.name.contains($0) }
    }
}
