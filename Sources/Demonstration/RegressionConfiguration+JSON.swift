import RunRecords

extension RegressionConfiguration {
    /// The settings as `run.json` shows them.
    var members: [JSONMember] {
        [
            JSONMember(key: "problem", value: .string("y = sin(3a) cos(2b) + 0.5 c d + 0.3 b + noise")),
            JSONMember(key: "seed", value: .string(String(seed))),
            JSONMember(key: "data", value: .object(dataMembers)),
            JSONMember(key: "model", value: .object(modelMembers)),
            JSONMember(key: "optimizer", value: .object(optimizerMembers)),
            JSONMember(key: "pace_steps_per_second", value: pace.map(JSONValue.number) ?? .null),
        ]
    }

    private var dataMembers: [JSONMember] {
        [
            member("training_examples", trainingExamples), member("validation_examples", validationExamples),
            member("batch_size", batchSize), JSONMember(key: "noise", value: .number(noise)),
        ]
    }

    private var modelMembers: [JSONMember] {
        [
            JSONMember(key: "kind", value: .string("one hidden layer, tanh")),
            member("inputs", RegressionProblem.inputs), member("hidden_units", hiddenUnits),
        ]
    }

    private var optimizerMembers: [JSONMember] {
        [
            JSONMember(key: "kind", value: .string("SGD with momentum")),
            JSONMember(key: "peak_learning_rate", value: .number(peakLearningRate)),
            JSONMember(key: "schedule", value: .string("linear warm-up, then cosine")),
            member("warmup_steps", warmupSteps), JSONMember(key: "momentum", value: .number(momentum)),
            JSONMember(key: "weight_decay", value: .number(weightDecay)),
        ]
    }

    private func member(_ key: String, _ value: Int) -> JSONMember {
        JSONMember(key: key, value: .number(Double(value)))
    }
}
