import Foundation
import Testing

@testable import TensorCore

/// Reads the golden files of this folder.
struct FixtureReader {
    private let checkpoint: Checkpoint

    init(_ name: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        checkpoint = try Checkpoint(folder.appendingPathComponent("Fixtures/\(name).safetensors").path)
    }

    private func tensor(_ name: String, _ type: ElementType) throws -> StoredTensor {
        let tensor = try #require(checkpoint[name], "\(name) is not in the file")
        try #require(tensor.elementType == type, "\(name)")
        return tensor
    }

    /// A tensor of float32 by its name.
    func callAsFunction(_ name: String) throws -> Input {
        let tensor = try tensor(name, .float32)
        return Input(shape: Shape(tensor.shape), values: tensor.floats())
    }

    /// A tensor of int64 by its name, row-major; the numbers in these files are small.
    func integers(_ name: String) throws -> [Int] { try tensor(name, .int64).floats().map { Int($0) } }

    /// The names with a prefix, without it.
    func names(after prefix: String) -> [String] {
        checkpoint.names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
    }
}

/// Runs one case of a module's golden file: its value, and the derivatives of its input and of all parameters.
///
/// - Parameters:
///   - file: the golden file.
///   - prefix: of the case: `eval.`, or empty.
///   - sourceLocation: where a failure is shown.
///   - module: from the input and the parameters by name to the output.
/// - Throws: what the module throws, or where a tensor is missing.
func checkModule(
    _ file: FixtureReader,
    _ prefix: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    module: (Tensor, [String: Tensor]) throws -> Tensor
) throws {
    var parameters: [String: Parameter] = [:]
    for name in file.names(after: "param.") {
        let input = try file("param.\(name)")
        parameters[name] = Parameter(name, try Tensor(input.values, input.shape))
    }
    let input = try file("\(prefix)in.x")
    let x = Parameter("x", try Tensor(input.values, input.shape))
    let result = try module(x.tensor, parameters.mapValues(\.tensor))
    let expected = try file("\(prefix)out.y")
    #expect(result.shape == expected.shape, sourceLocation: sourceLocation)
    // The tolerances of the golden files' README.
    expectClose(try result.floats(), expected.values.map(Double.init), 1e-5, "\(prefix)out.y", sourceLocation)
    let upstream = try file("\(prefix)up.y")
    try result.backward(upstream: Tensor(upstream.values, upstream.shape))
    func expectGradient(_ parameter: Parameter, _ name: String) throws {
        let expected = try file(name).values.map(Double.init)
        expectClose(try parameter.gradient?.floats() ?? [], expected, 2e-5, name, sourceLocation)
    }
    try expectGradient(x, "\(prefix)grad.in.x")
    #expect(
        file.names(after: "\(prefix)grad.param.").count == parameters.count,
        sourceLocation: sourceLocation
    )
    for (name, parameter) in parameters { try expectGradient(parameter, "\(prefix)grad.param.\(name)") }
}
