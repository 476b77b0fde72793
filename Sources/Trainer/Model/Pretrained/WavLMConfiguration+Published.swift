import Files
import RunRecords

extension WavLMConfiguration {
    /// Reads the sizes of a published model.
    ///
    /// - Parameter path: its `config.json`, in the keys of Hugging Face's `WavLMConfig`.
    /// - Throws: ``TrainerError/pretrained(name:reason:)`` where the file cannot be read, or describes a model of another
    ///   build.
    init(publishedAt path: String) throws {
        let root: JSONValue
        do {
            root = try JSONParser.parse(try OpenFile.reading(path).readAll(limit: 1 << 20))
        } catch {
            throw TrainerError.pretrained(name: path, reason: "it cannot be read: \(error)")
        }
        func integer(_ key: String, _ standard: Int) throws -> Int {
            guard let value = root[key] else { return standard }
            guard let number = value.finite, let integer = Int(exactly: number), integer > 0 else {
                throw TrainerError.pretrained(name: path, reason: "\(key) is no number of things")
            }
            return integer
        }
        func require(_ key: String, _ expected: [Int]) throws {
            guard let found = root[key]?.array else { return }
            guard found.map({ $0.number.flatMap(Int.init(exactly:)) }) == expected else {
                throw TrainerError.pretrained(
                    name: path,
                    reason:
                        "\(key) is not \(expected), which every published WavLM has; this model is not supported"
                )
            }
        }
        try require("conv_kernel", [10, 3, 3, 3, 3, 2, 2])
        try require("conv_stride", [5, 2, 2, 2, 2, 2, 2])
        let widths = root["conv_dim"]?.array?.compactMap { $0.number.flatMap(Int.init(exactly:)) } ?? [512]
        guard let convolutionWidth = widths.first, widths.allSatisfy({ $0 == convolutionWidth }) else {
            throw TrainerError.pretrained(
                name: path,
                reason: "conv_dim has different widths; this model is not supported"
            )
        }
        let isLarge = root["do_stable_layer_norm"]?.bool ?? false
        let norm = root["feat_extract_norm"]?.string ?? "group"
        guard norm == (isLarge ? "layer" : "group"), root["conv_bias"]?.bool != true else {
            throw TrainerError.pretrained(
                name: path,
                reason:
                    "feat_extract_norm \(norm) with do_stable_layer_norm \(isLarge), or conv_bias, is no published "
                    + "WavLM; this model is not supported"
            )
        }
        self.init(
            style: isLarge ? .large : .base,
            convolutionWidth: convolutionWidth,
            width: try integer("hidden_size", 768),
            layerCount: try integer("num_hidden_layers", 12),
            headCount: try integer("num_attention_heads", 12),
            innerWidth: try integer("intermediate_size", 3072),
            positionKernelSize: try integer("num_conv_pos_embeddings", 128),
            positionGroupCount: try integer("num_conv_pos_embedding_groups", 16),
            bucketCount: try integer("num_buckets", 320),
            maximumDistance: try integer("max_bucket_distance", 800)
        )
    }
}
