import Foundation
import Testing

@testable import TensorCore

/// Reads the float32 tensors of a golden file of this folder.
///
/// Source: safetensors, "Format": the length of a JSON header in eight bytes, the header, the tensors' bytes.
struct FixtureReader {
    private struct Entry: Decodable {
        var dtype: String
        var shape: [Int]
        var data_offsets: [Int]
    }

    private let entries: [String: Entry]
    private let bytes: Data

    init(_ name: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Fixtures"
        )
        let file = try Data(contentsOf: folder.appendingPathComponent("\(name).safetensors"))
        let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try #require(
            try JSONSerialization.jsonObject(with: file[8..<8 + length]) as? [String: Any]
        )
        let tensors = header.filter { $0.key != "__metadata__" }
        entries = try JSONDecoder().decode(
            [String: Entry].self,
            from: JSONSerialization.data(withJSONObject: tensors)
        )
        bytes = Data(file[(8 + length)...])
    }

    /// A tensor of float32 by its name.
    func callAsFunction(_ name: String) throws -> Input {
        let entry = try #require(entries[name], "\(name) is not in the file")
        try #require(entry.dtype == "F32", "\(name)")
        let values = stride(from: entry.data_offsets[0], to: entry.data_offsets[1], by: 4).map { place in
            Float(bitPattern: (0..<4).reversed().reduce(0) { $0 << 8 | UInt32(bytes[place + $1]) })
        }
        return Input(shape: Shape(entry.shape), values: values)
    }

    /// A tensor of int64 by its name, row-major.
    func integers(_ name: String) throws -> [Int] {
        let entry = try #require(entries[name], "\(name) is not in the file")
        try #require(entry.dtype == "I64", "\(name)")
        return stride(from: entry.data_offsets[0], to: entry.data_offsets[1], by: 8).map { place in
            Int((0..<8).reversed().reduce(Int64(0)) { $0 << 8 | Int64(bytes[place + $1]) })
        }
    }

    /// The names with a prefix, without it.
    func names(after prefix: String) -> [String] {
        entries.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
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
