import TestSupport
import Testing

@testable import Trainer

/// Every problem of a file is reported, with the line, the key and what to write instead.
@Suite struct ConfigurationProblemTests {
    private func message(_ yaml: String, overrides: [String] = []) -> String {
        do {
            _ = try TrainingConfiguration(yaml: yaml, source: "configs/a.yaml", overrides: overrides)
            return "no problem"
        } catch {
            return "\(error)"
        }
    }

    @Test func allProblemsOfAFileAreListed() {
        let text = """
            model:
              d_modle: 512
              dropout: 1
              kernel_size: wide
              vocab_size: 2000.5
              freeze_wavlm: yes
            training:
              learning_rate: -1e-4
              batch_size: 0
              learning_rat: 1e-4
              dropout: 0.1
              num_epochs: "20"
              warmup_steps: 99999999999999999999
              max_grad_norm: .nan
              max_steps: [1]
              wandb_project: voxformer
              save_interval: null
            data:
              data_format: librespeech
              train_data: [a, 5]
              max_audio_len: null
              quite_another_thing: 1
            loss:
              ctc_weight: -0.3
              label_smoothing: 1.0
            tokenizer:
              pad_id: 3
              vocab_size: 2000
            augmentation:
              noise: true
            optimiser:
              type: sgd
            evaluation: fast
            "bad\\tkey": 1
            """
        assertSnapshot(message(text) + "\n", as: "all.txt")
    }

    @Test func whatDoesNotGoTogetherIsTold() {
        let text = """
            model:
              d_model: 100
              kernel_size: 30
              ctc_weight: 0.5
              unfreeze_top_k: 3
            data:
              sample_rate: 8000
              max_batch_seconds: 10
              feature_cache: cache
            loss:
              ctc_weight: 0.3
              annealing_steps: 100
              ctc_weight_start: 2
            evaluation:
              use_ctc_decoding: false
              use_ar_decoding: false
            """
        assertSnapshot(message(text) + "\n", as: "conflicts.txt")
    }

    @Test(arguments: [
        (
            "training:\n  batch_size: [\n",
            "configs/a.yaml:3: it is not YAML: did not find expected node content"
        ),
        ("a: 1\nb: *c\n", "configs/a.yaml:2: it is not YAML: found undefined alias"),
        (
            "training:\n  batch_size: 1\n  batch_size: 2\n",
            "configs/a.yaml:2: batch_size is written twice; leave one out"
        ),
        ("- model\n", "configs/a.yaml:1: a list is not a configuration; begin with a section: model:"),
        (
            "loss:\n  warmup_ctc_weight: 0.4\n",
            "configs/a.yaml:2: loss.warmup_ctc_weight: it says nothing without warmup_steps; write that, too"
        ),
        (
            "batch_size: 4\n",
            "configs/a.yaml:1: batch_size: it belongs into the section training"
        ),
    ])
    func whatIsNoConfigurationIsTold(yaml: String, expected: String) {
        #expect(message(yaml) == expected)
    }

    /// Aliases of aliases stand for 10⁹ values in a few lines.
    @Test(.timeLimit(.minutes(1))) func nestedAliasesAreNotExpanded() {
        var text = "data:\n  max_text_len: &a0 [1]\n"
        for level in 1...9 {
            let aliases = [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "  unknown_\(level): &a\(level) [\(aliases)]\n"
        }
        text += "  train_data: *a9\n"
        #expect(
            message(text).contains("configs/a.yaml:12: data.train_data: a list in the list is not a text")
        )
    }

    @Test func aMissingFileIsTold() {
        #expect(throws: TrainerError.self) { try TrainingConfiguration.read("/nowhere/a.yaml") }
        do {
            _ = try TrainingConfiguration.read("/nowhere/a.yaml")
        } catch {
            let expected =
                "/nowhere/a.yaml: cannot open: No such file or directory; check the spelling, or create it first"
            #expect("\(error)" == expected)
        }
    }

    @Test func overridesCountAfterTheFile() throws {
        let configuration = try TrainingConfiguration(
            yaml: "training:\n  batch_size: 8\n",
            source: "a.yaml",
            overrides: [
                "training.batch_size=4", "training.max_steps=10", "training.warmup_steps=0",
                "data.train_data=[a, b]",
                "training.max_steps=", "tokenizer.model_path=x=y",
            ]
        )
        #expect(configuration.training.batchSize == 4)
        #expect(configuration.training.maximumSteps == nil)
        #expect(configuration.data.trainingPaths == ["a", "b"])
        #expect(configuration.tokenizer.modelPath == "x=y")
    }

    @Test func errorsNameTheOverride() {
        let message = message(
            "",
            overrides: [
                "training.batch_size", "batch_size=4", "training.batch_sise=4", "trainin.batch_size=4",
                "training.batch_size=0", "training.batch_size=[", "=", "",
            ]
        )
        assertSnapshot(message + "\n", as: "overrides.txt")
    }

    @Test func misspeltWordsFindTheRightOne() {
        let words = ["learning_rate", "batch_size", "num_epochs"]
        #expect(EditDistance.nearest(to: "learnign_rate", among: words) == "learning_rate")
        #expect(EditDistance.nearest(to: "batchsize", among: words) == "batch_size")
        #expect(EditDistance.nearest(to: "nothing_like_it", among: words) == nil)
        #expect(EditDistance.between("", "abc") == 3)
        #expect(EditDistance.between("abc", "") == 3)
        #expect(EditDistance.between("ab", "ba") == 1)
        #expect(EditDistance.between("kitten", "sitting") == 3)
    }
}
