import TestSupport
import Testing

@testable import TensorCore

/// The files that PyTorch wrote hold what PyTorch says, bit for bit (checkpoint_expected.json).
@Suite struct GoldenCheckpointTests {
    private let expected: CheckpointFixtures.Expected

    init() throws { expected = try CheckpointFixtures.expected() }

    @Test func `a trainer's checkpoint gives the model's tensors under their names`() throws {
        let checkpoint = try Checkpoint(CheckpointFixtures.path("checkpoint_tiny.pt"))
        #expect(checkpoint.format == .pytorchArchive)
        #expect(Set(checkpoint.tensors.map(\.name)) == Set(expected.model.keys))
        for entry in checkpoint.tensors {
            #expect(expected.model[entry.name]?.matches(entry.tensor) == true, "\(entry.name)")
        }
        #expect(try checkpoint.verifyChecksums())
    }

    @Test func `a trainer's checkpoint gives the state of its training`() throws {
        let state = PickleValue.dictionary(
            try Checkpoint(CheckpointFixtures.path("checkpoint_tiny.pt")).state
        )
        #expect(state["epoch"]?.integer == expected.scalars.epoch)
        #expect(state["global_step"]?.integer == expected.scalars.global_step)
        #expect(state["best_wer"]?.number == expected.scalars.best_wer)
        for (key, value) in expected.scalars.config { #expect(state["config"]?[key]?.integer == value) }
        #expect(state["scaler_state_dict"]?["scale"]?.number == 65_536)
        #expect(state["model_state_dict"] == nil, "nothing of it is left over")
        let lambdas = try #require(state["scheduler_state_dict"]?["lr_lambdas"]?.elements)
        #expect(lambdas.count == 2)
    }

    @Test func `the optimiser's moments are found by the parameters' numbers`() throws {
        let state = PickleValue.dictionary(
            try Checkpoint(CheckpointFixtures.path("checkpoint_tiny.pt")).state
        )
        let optimizer = try #require(state["optimizer_state_dict"])
        for (number, tensors) in expected.optimizer {
            for (name, tensor) in tensors {
                let index = try #require(Int(number))
                let found = try #require(optimizer["state"]?[index]?[name]?.tensor)
                #expect(tensor.matches(found), "\(number).\(name)")
            }
        }
        let groups = try #require(optimizer["param_groups"]?.elements)
        #expect(groups.count == expected.parameterGroups.count)
        for (group, wanted) in zip(groups, expected.parameterGroups) {
            #expect(group["lr"]?.number == wanted.lr)
            #expect(group["params"]?.elements?.compactMap(\.integer) == wanted.params)
        }
        #expect(groups.flatMap { $0["params"]?.elements ?? [] }.count == expected.optimizerNames.count)
    }

    @Test func `all ten types, views and odd shapes come out as PyTorch sees them`() throws {
        let checkpoint = try Checkpoint(CheckpointFixtures.path("pt_edge_cases.pt"))
        var count = 0
        for (name, edgeCase) in expected.edgeCases {
            guard case .tensor(let wanted) = edgeCase else { continue }
            count += 1
            let tensor = try #require(checkpoint[name], "\(name)")
            #expect(wanted.matches(tensor), "\(name)")
        }
        #expect(count == checkpoint.tensors.count)
        #expect(Set(checkpoint.tensors.map(\.tensor.elementType)) == Set(ElementType.allCases))
        // Views of one storage stay views of it.
        let whole = try #require(checkpoint["shared_whole"]?.contiguousBytes)
        let slice = try #require(checkpoint["offset_slice"]?.contiguousBytes)
        #expect(whole.owner === slice.owner && whole.range.contains(slice.range.lowerBound))
        #expect(checkpoint["transposed_view"]?.isContiguous == false)
        #expect(checkpoint["expanded"]?.strides == [0])
    }

    @Test func `plain values of every kind come out as they were saved`() throws {
        let state = PickleValue.dictionary(try Checkpoint(CheckpointFixtures.path("pt_edge_cases.pt")).state)
        let nested = try #require(state["nested"])
        let list = try #require(nested["list"]?.elements)
        #expect(list.count == 6)
        #expect(list[0].integer == 1 && list[1].number == 2.5 && list[2].string == "text é你")
        #expect(list[4].bool == true && list[5].bool == false)
        guard case .none = list[3] else {
            Issue.record("None is \(list[3])")
            return
        }
        #expect(nested["tuple"]?[1]?[1]?.integer == 3)
        #expect(nested["big"]?.integer == 1 << 40)
        #expect(nested["neg"]?.integer == -7)
        #expect(nested["inf"]?.number == .infinity)
        #expect(nested["bytes_len300"]?.string == String(repeating: "x", count: 300))
        #expect(nested["empty_list"]?.elements?.isEmpty == true)
        #expect(nested["empty_dict"]?.dictionary?.entries.isEmpty == true)
        guard case .bigInteger("1180591620717411303424")? = nested["huge"] else {
            Issue.record("2^70 is \(String(describing: nested["huge"]))")
            return
        }
        #expect(state["int_keys"]?[0]?.string == "zero")
        #expect(state["int_keys"]?[1]?["step"]?.number == 3)
    }

    @Test func `tensors that were saved on a GPU are read without one`() throws {
        let checkpoint = try Checkpoint(CheckpointFixtures.path("pt_cuda_location.pt"))
        #expect(checkpoint.tensors.count == expected.deviceCase.count)
        for entry in checkpoint.tensors {
            #expect(expected.deviceCase[entry.name]?.matches(entry.tensor) == true)
        }
        #expect(checkpoint.state["best_wer"]?.number == .infinity)
    }

    @Test func `a pickle that asks for a function is refused by name`() throws {
        let path = CheckpointFixtures.path("pt_malicious.pt")
        let error = #expect(throws: CheckpointFileError.self) { try Checkpoint(path) }
        guard case .refused(path, .byte, "posix.getcwd") = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.description.contains("nothing was executed") == true)
    }

    @Test(arguments: ["wavlm_tiny_group.pytorch_model.bin", "wavlm_tiny_group.pytorch_model.legacy.bin"])
    func `published weights are the same in all three formats`(name: String) throws {
        let published = try Checkpoint(CheckpointFixtures.path(name))
        let safetensors = try Checkpoint(CheckpointFixtures.path("wavlm_tiny_group.weights.safetensors"))
        #expect(published.tensors.count == 77 && safetensors.tensors.count == 77)
        for entry in published.tensors {
            let other = try #require(safetensors[entry.name])
            #expect(entry.tensor.shape == other.shape && entry.tensor.sha256 == other.sha256, "\(entry.name)")
        }
        #expect(CheckpointDifference(published, safetensors).isEmpty)
        #expect(published.state.entries.isEmpty)
    }

    @Test func `both spellings of weight normalisation lead to the same tensor`() throws {
        let checkpoint = try Checkpoint(CheckpointFixtures.path("wavlm_tiny_group.weights.safetensors"))
        let stem = "encoder.pos_conv_embed.conv"
        let published = try #require(checkpoint["\(stem).weight_g"])
        let current = try #require(checkpoint["\(stem).parametrizations.weight.original0"])
        #expect(published.sha256 == current.sha256 && published.shape == [1, 1, 16])
        #expect(checkpoint["\(stem).parametrizations.weight.original1"]?.shape == [32, 8, 16])

        let both = try SafetensorsFile(CheckpointFixtures.path("wavlm_weight_norm.safetensors"))
        for (old, new) in [("weight_g", "original0"), ("weight_v", "original1")] {
            let name = both.tensors.map(\.name).first { $0.hasSuffix(old) }
            let alias = Checkpoint.aliases(of: try #require(name))
            #expect(alias.count == 1 && alias[0].hasSuffix("parametrizations.weight.\(new)"))
            #expect(both[alias[0]]?.sha256 == both[try #require(name)]?.sha256)
            #expect(Checkpoint.aliases(of: alias[0]) == [name])
        }
        #expect(Checkpoint.aliases(of: "encoder.weight") == [])
        #expect(Checkpoint.aliases(of: "myweight_g") == [])
    }
}
