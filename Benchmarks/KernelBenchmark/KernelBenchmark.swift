import TensorCore

/// Times every kernel that matters at the sizes of wavlm-base and VoxFormer, two utterances of five seconds.
@main
enum KernelBenchmark {
    private static let batch = 2
    private static let frames = 249

    static func main() throws {
        print("threads\t\(ThreadPool.threadCount)")
        let watch = try Stopwatch()
        let sections: [(String, (Stopwatch) throws -> Void)] = [
            ("products", products), ("convolutions", convolutions), ("normalisations", normalisations),
            ("functions", functions), ("attentions", attentions), ("training", training),
        ]
        // Named sections only, where there are names.
        let names = CommandLine.arguments.dropFirst()
        for (name, section) in sections where names.isEmpty || names.contains(name) { try section(watch) }
    }

    private static func products(_ watch: Stopwatch) throws {
        for (name, inputs, outputs) in [
            ("feed-forward", 768, 3072), ("projection", 768, 768), ("qkv", 512, 1536),
        ] {
            let x = try Stopwatch.numbers([batch * frames, inputs])
            let weight = Parameter("w", try Stopwatch.numbers([outputs, inputs], scale: 0.05))
            let bias = try Stopwatch.numbers([outputs])
            let flops = 2.0 * Double(batch * frames * inputs * outputs)
            try watch.time("linear \(name), GELU", .operations(flops)) {
                try withoutGradients { _ = try x.linear(weight.tensor, bias: bias, activation: .gelu) }
            }
            let input = Parameter("x", x)
            let upstream = try Stopwatch.numbers([batch * frames, outputs])
            try watch.time("linear \(name), forward and backward", .operations(3 * flops)) {
                (input.gradient, weight.gradient) = (nil, nil)
                try input.tensor.linear(weight.tensor).backward(upstream: upstream)
            }
        }
    }

    private static func convolutions(_ watch: Stopwatch) throws {
        let layers = [(15_999, 3), (7_999, 3), (1_999, 3), (999, 2), (499, 2)]
        for (length, kernel) in layers {
            let x = try Stopwatch.numbers([batch, length, 512])
            let weight = try Stopwatch.numbers([512, 512, kernel], scale: 0.05)
            let flops = 2.0 * Double(batch * ((length - kernel) / 2 + 1) * 512 * 512 * kernel)
            try watch.time("convolution \(length) frames, GELU", .operations(flops)) {
                _ = try x.convolved(weight, stride: 2, activation: .gelu)
            }
        }
        let x = try Stopwatch.numbers([batch, frames, 768])
        let weight = try Stopwatch.numbers([768, 48, 128], scale: 0.05)
        try watch.time("positional convolution", .operations(2 * Double(batch * 250 * 768 * 48 * 128))) {
            _ = try x.convolved(weight, padding: (64, 64), groupCount: 16, activation: .gelu)
        }
        let narrow = Parameter("x", try Stopwatch.numbers([batch, frames, 512]))
        let taps = Parameter("w", try Stopwatch.numbers([512, 1, 31], scale: 0.05))
        let upstream = try Stopwatch.numbers([batch, frames, 512])
        let flops = 2.0 * Double(batch * frames * 512 * 31)
        try watch.time("depthwise convolution, forward and backward", .operations(3 * flops)) {
            (narrow.gradient, taps.gradient) = (nil, nil)
            try narrow.tensor.convolved(taps.tensor, padding: (15, 15), groupCount: 512)
                .backward(upstream: upstream)
        }
    }

    private static func normalisations(_ watch: Stopwatch) throws {
        let weight = try Stopwatch.numbers([512])
        let wide = try Stopwatch.numbers([batch, 15_999, 512])
        let bytes = 4.0 * Double(wide.elementCount)
        try watch.time("group norm of the first layer, GELU", .bytes(3 * bytes)) {
            _ = try wide.groupNormalized(groupCount: 512, weight, weight, activation: .gelu)
        }
        try watch.time("layer norm", .bytes(2 * bytes)) { _ = try wide.layerNormalized(weight, weight) }
        try watch.time("batch norm in training", .bytes(3 * bytes)) {
            _ = try wide.batchNormalizedInTraining(weight, weight).0
        }
    }

    private static func functions(_ watch: Stopwatch) throws {
        let wide = try Stopwatch.numbers([batch, 15_999, 512])
        let bytes = 4.0 * Double(wide.elementCount)
        for function in [UnaryFunction.gelu, .silu, .exponential] {
            try watch.time(function.rawValue, .bytes(2 * bytes)) { _ = try wide.applying(function) }
        }
        try watch.time("gated SiLU", .bytes(3 * bytes)) { _ = try wide.siluGated(by: wide) }
        try watch.time("addition", .bytes(3 * bytes)) { _ = try wide.adding(wide) }
        try watch.time("transposition", .bytes(2 * bytes)) { _ = try wide.transposed().contiguous() }
    }
}
