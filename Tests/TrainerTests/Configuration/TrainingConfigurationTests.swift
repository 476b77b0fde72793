import Foundation
import RunRecords
import TestSupport
import Testing

@testable import Trainer

@Suite struct TrainingConfigurationTests {
    /// The `configs/` of the checkout.
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "configs")

    static func stage(_ number: Int, overrides: [String] = []) throws -> TrainingConfiguration {
        try TrainingConfiguration.read(
            folder.appending(path: "stage\(number).yaml").path,
            overrides: overrides
        )
    }

    /// The table of the four stages as they were run.
    @Test(arguments: [
        (1, 1e-4, 5000, 20, 0, 0.1, 5000, 2500, 100),
        (2, 1e-5, 1000, 5, 3, 0.1, 2000, 1000, 50),
        (3, 2e-5, 500, 10, 3, 0.1, 2000, 500, 50),
        (4, 1e-4, 2000, 10, 3, 0, 500, 500, 50),
    ])
    func stagesHaveTheirValues(
        number: Int,
        rate: Double,
        warmUp: Int,
        epochs: Int,
        unfrozen: Int,
        smoothing: Double,
        save: Int,
        evaluate: Int,
        log: Int
    ) throws {
        let stage = try Self.stage(number)
        #expect(stage.training.learningRate == rate)
        #expect(stage.training.warmUpSteps == warmUp)
        #expect(stage.training.epochCount == epochs)
        #expect(stage.model.trainedFrontEnd == (unfrozen == 0 ? .nothing : .topLayers(unfrozen)))
        #expect(stage.loss.labelSmoothing == smoothing)
        #expect(stage.training.saveInterval == save)
        #expect(stage.training.evaluationInterval == evaluate)
        #expect(stage.training.logInterval == log)
        #expect(stage.training.batchSize * stage.training.gradientAccumulationSteps == 32)
        #expect(
            stage.model
                == {
                    var model = ModelSettings(); model.unfrozenLayerCount = unfrozen; return model
                }()
        )
    }

    @Test func laterStagesBeginWithTheWeightsOfEarlierOnes() throws {
        let resumed = try (1...4).map { try Self.stage($0).training.resumePath }
        #expect(
            resumed == [
                nil, "checkpoints/stage1/best.safetensors", "checkpoints/stage2/best.safetensors",
                "checkpoints/stage2/best.safetensors",
            ]
        )
        #expect(try (1...4).map { try Self.stage($0).training.keptCheckpointCount } == [3, 3, 2, 5])
    }

    @Test func stageFourMasksAndSearches() throws {
        let stage = try Self.stage(4)
        #expect(stage.data.usesSpecAugment)
        #expect((stage.data.featureMaskWidth, stage.data.featureMaskCount) == (27, 2))
        #expect((stage.data.timeMaskWidth, stage.data.timeMaskCount) == (100, 2))
        #expect(stage.evaluation.usesCTC && stage.evaluation.usesDecoder)
        #expect((stage.evaluation.beamSize, stage.evaluation.repetitionPenalty) == (5, 1.2))
        #expect(stage.evaluation.unrepeatedLength == 3)
    }

    @Test func whatIsLeftOutHasItsDefault() throws {
        #expect(try TrainingConfiguration(yaml: "", source: "a.yaml") == TrainingConfiguration())
        #expect(try TrainingConfiguration(yaml: "model:\n", source: "a.yaml") == TrainingConfiguration())
    }

    @Test func numbersAreReadInEveryForm() throws {
        let text = "training: {learning_rate: 1e-4, warmup_steps: 10_000, batch_size: 2.0, max_grad_norm: 1}"
        let training = try TrainingConfiguration(yaml: text, source: "a.yaml").training
        #expect(training.learningRate == 1e-4)
        #expect(training.warmUpSteps == 10_000)
        #expect(training.batchSize == 2)
        #expect(training.maximumGradientNorm == 1)
    }

    @Test func severalRootsAreAList() throws {
        let one = try TrainingConfiguration(yaml: "data: {train_data: a/b}", source: "a.yaml")
        #expect(one.data.trainingPaths == ["a/b"])
        let two = try TrainingConfiguration(
            yaml: "data:\n  train_data:\n    - a\n    - 'b c'\n",
            source: "a.yaml"
        )
        #expect(two.data.trainingPaths == ["a", "b c"])
    }

    @Test func theRunFileHasEveryKey() throws {
        let members = try Self.stage(1).members
        #expect(members.map(\.key) == ["model", "training", "data", "loss", "evaluation", "tokenizer"])
        #expect(members[1].value["learning_rate"]?.number == 1e-4)
        #expect(members[1].value["max_steps"] == .null)
    }

    @Test func thePrintedFormIsStable() throws {
        assertSnapshot(try Self.stage(4).yaml, as: "stage4.yaml")
    }

    /// Every key with its default is in the documentation, and no other.
    @Test func everyKeyIsDocumented() throws {
        let page = Self.folder.deletingLastPathComponent().appending(path: "docs/training-configuration.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let documented = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map {
            $0.split(separator: "|").prefix(2).map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let keys = TrainingConfiguration().yaml.split(separator: "\n").filter { $0.hasPrefix("  ") }.map {
            $0.split(separator: ": ", maxSplits: 1).map { "`\($0.trimmingCharacters(in: .whitespaces))`" }
        }
        #expect(documented == keys)
    }

    /// `--print-config` shows what would be trained: reading it again gives the same.
    @Test func whatIsPrintedReadsAsTheSame() throws {
        var random = SeededRandom.fresh()
        for _ in 0..<60 {
            let configuration = Self.configuration(&random)
            let read = try TrainingConfiguration(yaml: configuration.yaml, source: "printed.yaml")
            #expect(read == configuration, "\(random)")
            #expect(read.yaml == configuration.yaml, "\(random)")
        }
    }

    /// A file may be cut somewhere, or be no configuration at all: an error at worst.
    @Test func noTextTraps() throws {
        let text = try String(contentsOf: Self.folder.appending(path: "stage4.yaml"), encoding: .utf8)
        for length in stride(from: 0, through: text.count, by: 13) {
            _ = try? TrainingConfiguration(yaml: String(text.prefix(length)), source: "cut.yaml")
        }
        var random = SeededRandom.fresh()
        let pieces = [
            "model:", "\n  ", "d_model", ": ", "[", "]", "{", "}", "&a", "*a", "\u{0}", "- ", "null", "\"",
            "'", "!!int",
            "1e999", "\t", "#", "<<", "? ", "|", "---\n", "%YAML 9", "…",
        ]
        for _ in 0..<500 {
            _ = try? TrainingConfiguration(yaml: random.text(0...20, of: pieces), source: "noise.yaml")
        }
    }

    /// Values that suit, drawn at random for random keys.
    static func configuration(_ random: inout SeededRandom) -> TrainingConfiguration {
        let values: [SettingValue] = [
            .null, .flag(true), .flag(false), .integer(1), .integer(3), .integer(64), .integer(1 << 19),
            .number(0.1 + 0.2), .number(1e-7), .number(0.5), .number(1), .number(123_456.75),
            .text("a"), .text("null"), .text("1e5"), .text("yes: # no"), .text("\"quoted\"\n\u{7}"),
            .text("ä/ö 😀"),
            .text(" ends with a space "), .text("manifest"), .text(String(repeating: "long ", count: 60)),
            .list([.text("a"), .text("b, c"), .text("- d")]), .list([]),
        ]
        var configuration = TrainingConfiguration()
        for section in TrainingConfiguration.sections {
            for key in section.keyNames where Bool.random(using: &random) {
                var changed = configuration
                guard let value = values.randomElement(using: &random) else { continue }
                guard (try? section.assign(key, value, &changed)) != nil else { continue }
                if changed.conflicts().isEmpty { configuration = changed }
            }
        }
        return configuration
    }
}
