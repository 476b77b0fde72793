import Foundation
import TensorCore

/// The golden files, and what PyTorch says is in them.
enum CheckpointFixtures {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures").path

    static func path(_ name: String) -> String { "\(folder)/\(name)" }

    static func bytes(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: path(name))))
    }

    static func expected() throws -> Expected {
        try JSONDecoder().decode(
            Expected.self,
            from: Data(contentsOf: URL(filePath: path("checkpoint_expected.json")))
        )
    }

    /// `checkpoint_expected.json`, as far as it is compared.
    struct Expected: Decodable {
        var scalars: Scalars
        var optimizerNames: [String]
        var parameterGroups: [Group]
        var model: [String: Tensor]
        var optimizer: [String: [String: Tensor]]
        var edgeCases: [String: EdgeCase]
        var deviceCase: [String: Tensor]

        enum CodingKeys: String, CodingKey {
            case scalars
            case optimizerNames = "optimizer_index_to_name"
            case parameterGroups = "optimizer_param_groups"
            case model = "model_state_dict"
            case optimizer = "optimizer_state"
            case edgeCases = "pt_edge_cases"
            case deviceCase = "pt_cuda_location"
        }
    }

    struct Scalars: Decodable {
        var global_step: Int
        var epoch: Int
        var best_wer: Double
        var config: [String: Int]
    }

    struct Group: Decodable {
        var lr: Double
        var params: [Int]
    }

    struct Tensor: Decodable {
        var dtype: String
        var shape: [Int]
        var sha256_16: String
        var first: [Double]

        /// Whether a tensor is this one, bit for bit.
        func matches(_ tensor: StoredTensor) -> Bool {
            let beginning = tensor.floats().prefix(first.count)
            return tensor.elementType.rawValue == dtype && tensor.shape == shape
                && tensor.sha256.prefix(16) == sha256_16
                && Array(beginning) == first.map { Float($0) }
        }
    }

    /// A tensor, or something else.
    enum EdgeCase: Decodable {
        case tensor(Tensor)
        case other

        init(from decoder: any Decoder) throws {
            self = (try? Tensor(from: decoder)).map { .tensor($0) } ?? .other
        }
    }
}
