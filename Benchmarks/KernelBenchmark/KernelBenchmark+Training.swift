import TensorCore

extension KernelBenchmark {
    /// Attention of wavlm-base (12 heads of 64, biased) and of VoxFormer (8 heads of 64), and of a half-minute.
    static func attentions(_ watch: Stopwatch) throws {
        for (name, batch, frames, heads, isBiased) in [
            ("biased attention", 2, 249, 12, true), ("attention", 2, 249, 8, false),
            ("attention over 1499 frames", 1, 1499, 8, false),
        ] {
            let width = 64
            let packed = Parameter("qkv", try Stopwatch.numbers([batch, frames, 3 * heads * width]))
            let bias = Parameter("bias", try Stopwatch.numbers([heads, 2 * frames - 1]))
            let gate = Parameter("gate", try Stopwatch.numbers([batch, heads, frames]))
            let upstream = try Stopwatch.numbers([batch, frames, heads, width])
            let product = 2.0 * Double(batch * heads * frames * frames * width)
            func attend(_ x: Tensor, _ dropout: DropoutKey? = nil) throws -> Tensor {
                let length = heads * width
                let parts = try (0..<3).map { part in
                    try x.sliced(axis: 2, part * length..<(part + 1) * length)
                        .reshaped(to: [batch, frames, heads, width])
                }
                return try Tensor.attention(
                    query: parts[0],
                    key: parts[1],
                    value: parts[2],
                    scale: 0.125,
                    bias: isBiased ? .relative(bias.tensor, gate: gate.tensor) : nil,
                    dropout: dropout
                )
            }
            let key = DropoutKey(probability: 0.1, seed: 1, stream: 1)
            try watch.time(name, .operations(2 * product)) {
                try withoutGradients { _ = try attend(packed.tensor) }
            }
            try watch.time("\(name), dropout", .operations(2 * product)) {
                try withoutGradients { _ = try attend(packed.tensor, key) }
            }
            try watch.time("\(name), forward and backward", .operations(7 * product)) {
                (packed.gradient, bias.gradient, gate.gradient) = (nil, nil, nil)
                try attend(packed.tensor).backward(upstream: upstream)
            }
            try watch.time("\(name), dropout, forward and backward", .operations(7 * product)) {
                (packed.gradient, bias.gradient, gate.gradient) = (nil, nil, nil)
                try attend(packed.tensor, key).backward(upstream: upstream)
            }
        }
        let wide = try Stopwatch.numbers([2, 12, 249, 249])
        let bytes = 4.0 * Double(wide.elementCount)
        try watch.time("softmax", .bytes(2 * bytes)) { _ = try wide.softmax() }
        try watch.time("log softmax", .bytes(2 * bytes)) { _ = try wide.logSoftmax() }
        let queries = try Stopwatch.numbers([2, 249, 8, 64])
        try watch.time("rotary embedding", .bytes(8 * Double(queries.elementCount))) {
            _ = try queries.rotated()
        }
    }

    /// Losses at the vocabulary of 2000, and what a step does with 100 million numbers.
    static func training(_ watch: Stopwatch) throws {
        let scores = Parameter("scores", try Stopwatch.numbers([2, 249, 2000]))
        let bytes = 4.0 * Double(scores.shape.elementCount)
        let labels = (0..<30).map { Int32(1 + $0 * 37 % 1999) }
        try watch.time("CTC, forward and backward", .bytes(2 * bytes)) {
            scores.gradient = nil
            try scores.tensor
                .connectionistTemporalClassificationLoss([labels, labels], inputLengths: [249, 249])
                .backward()
        }
        let classes = (0..<498).map { Int32(1 + $0 * 37 % 1999) }
        try watch.time("cross entropy, forward and backward", .bytes(2 * bytes)) {
            scores.gradient = nil
            try scores.tensor.crossEntropy(classes, smoothing: .standard(0.1)).backward()
        }
        let table = try Stopwatch.numbers([2000, 512])
        try watch.time("embedding", .bytes(8 * 498 * 512)) {
            _ = try Tensor.embedded(classes, [2, 249], table: table)
        }
        let wide = try Stopwatch.numbers([16 << 20])
        let wideBytes = 4.0 * Double(wide.elementCount)
        try watch.time("dropout", .bytes(2 * wideBytes)) {
            _ = try wide.dropout(DropoutKey(probability: 0.1, seed: 1, stream: 1))
        }
        let weights = Parameter("weights", wide)
        let optimizer = try AdamW([weights])
        try watch.time("norm of derivatives", .bytes(wideBytes)) { _ = try optimizer.gradientNorm() }
        try watch.time("AdamW and the norm", .bytes(8 * wideBytes)) {
            try optimizer.step(learningRate: 1e-3, maximumNorm: 1)
        }
    }
}
