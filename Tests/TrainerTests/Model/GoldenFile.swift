import Foundation
import TensorCore
import Testing

@testable import Trainer

/// Numbers that PyTorch computed, and the parameters it computed them with.
struct GoldenFile {
    private let checkpoint: Checkpoint

    init(_ name: String) throws { checkpoint = try Self.checkpoint(name) }

    static func checkpoint(_ name: String) throws -> Checkpoint {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try Checkpoint(folder.appendingPathComponent("Fixtures/\(name).safetensors").path)
    }

    var names: [String] { checkpoint.names }

    func tensor(_ name: String) throws -> Tensor { try checkpoint.tensor(name) }

    /// The number of valid frames of every row of a mask.
    func lengths(_ name: String) throws -> [Int] {
        let mask = try tensor(name)
        let values = try mask.floats()
        let width = mask.shape[1]
        return (0..<mask.shape[0]).map { row in values[row * width..<(row + 1) * width].count { $0 == 1 } }
    }

    /// Makes a module of the file's parameters, and tells them by name.
    func module<Module>(
        _ make: (ParameterBuilder) throws -> Module
    ) throws -> (Module, parameters: [Parameter], buffers: [Parameter]) {
        let builder = ParameterBuilder.loading(Source(checkpoint: checkpoint))
        let module = try make(builder)
        try builder.finish()
        return (module, builder.parameters, builder.buffers)
    }

    /// Compares a result, walks back from it, and compares the derivatives of parameters and inputs.
    ///
    /// - Parameters:
    ///   - result: what the module returned.
    ///   - prefix: of the case: `eval.`, or empty.
    ///   - output: the result's name.
    ///   - inputs: the inputs that were parameters, by name.
    ///   - parameters: the module's.
    ///   - tolerance: of values; twice that for derivatives, or as given.
    ///   - gradientTolerance: of derivatives.
    /// - Throws: ``TensorError``, or where the file lacks a tensor.
    func check(
        _ result: Tensor,
        _ prefix: String,
        output: String,
        inputs: [Parameter],
        parameters: [Parameter],
        tolerance: Float = 1e-5,
        gradientTolerance: Float = 2e-5
    ) throws {
        try expectClose(result, "\(prefix)out.\(output)", tolerance)
        try result.backward(upstream: tensor("\(prefix)up.\(output)"))
        for input in inputs {
            try expectClose(try #require(input.gradient), "\(prefix)grad.in.\(input.name)", gradientTolerance)
        }
        for parameter in parameters {
            let name = "\(prefix)grad.param.\(parameter.name)"
            try expectClose(try #require(parameter.gradient, "\(name)"), name, gradientTolerance)
            parameter.gradient = nil
        }
    }

    /// Compares what a pass left of the running statistics: moved in training, as they were in evaluation.
    ///
    /// - Parameters:
    ///   - buffers: the module's.
    ///   - prefix: of the case.
    ///   - isTraining: whether the pass was one of training.
    ///   - tolerance: of values.
    /// - Throws: ``TensorError``, or where the file lacks a tensor.
    func checkBuffers(
        _ buffers: [Parameter],
        after prefix: String,
        isTraining: Bool,
        tolerance: Float = 1e-5
    ) throws {
        #expect(!buffers.isEmpty)
        for buffer in buffers {
            let name = "\(isTraining ? "\(prefix)buffer_after" : "buffer").\(buffer.name)"
            try expectClose(buffer.value, name, isTraining ? tolerance : 0)
        }
    }

    /// Compares with a tensor of the file: the largest difference, relative to the largest number.
    func expectClose(_ got: Tensor, _ name: String, _ tolerance: Float) throws {
        let want = try tensor(name)
        #expect(got.shape == want.shape, "\(name)")
        let (left, right) = (try got.floats(), try want.floats())
        let largest = max(right.map(abs).max() ?? 0, 1e-6)
        let error = zip(left, right).map { abs($0 - $1) }.max() ?? 0
        #expect(error <= tolerance * largest, "\(name): \(error / largest)")
    }

    /// Parameters and buffers of a module's file, without their prefixes.
    private struct Source: ParameterSource {
        let checkpoint: Checkpoint
        var names: [String] {
            checkpoint.names.compactMap { name in
                ["param.", "buffer."].first { name.hasPrefix($0) }.map { String(name.dropFirst($0.count)) }
            }
        }
        private func full(_ name: String) -> String {
            checkpoint.shape(of: "param." + name) != nil ? "param." + name : "buffer." + name
        }
        func shape(of name: String) -> Shape? { checkpoint.shape(of: full(name)) }
        func tensor(_ name: String) throws(TensorError) -> Tensor { try checkpoint.tensor(full(name)) }
    }
}
