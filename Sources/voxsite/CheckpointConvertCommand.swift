import ArgumentParser
import TensorCore

/// `voxsite checkpoint convert`.
struct CheckpointConvertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write the tensors of a checkpoint as safetensors."
    )

    /// What floating-point elements can become.
    enum Target: String, ExpressibleByArgument, CaseIterable {
        case bfloat16, float16, float32

        var elementType: ElementType {
            switch self {
            case .bfloat16: .bfloat16
            case .float16: .float16
            case .float32: .float32
            }
        }
    }

    @Argument(help: "A .safetensors, .pt or .bin file, or the folder of a published model.")
    var input: String

    @Argument(help: "The file to write; replaced whole where it exists.")
    var output: String

    @Option(name: .customLong("to"), help: "What floating-point elements become. Others stay as they are.")
    var target: Target?

    @Option(help: ArgumentHelp("Only tensors whose names begin so.", valueName: "prefix"))
    var only = ""

    func validate() throws {
        guard output.hasSuffix(".safetensors") else {
            throw ValidationError(
                "\(output): only safetensors is written; give a name that ends in .safetensors"
            )
        }
    }

    func run() async throws {
        let conversion = CheckpointConversion(floatType: target?.elementType, prefix: only)
        let outcome = try conversion.run(Checkpoint(input), to: output)
        let noun = outcome.tensorCount == 1 ? "tensor" : "tensors"
        Console.error("\(output): \(outcome.tensorCount) \(noun), \(outcome.byteCount) bytes")
        if outcome.overflowCount > 0, let target {
            Console.error(
                "\(output): \(outcome.overflowCount) numbers are beyond \(target.rawValue) and became infinite"
            )
        }
        if !outcome.leftOut.isEmpty {
            Console.error("\(output): without \(outcome.leftOut.joined(separator: ", "))")
        }
    }
}
