/// Everything that can go wrong in training and recognition, and is not about tensors themselves.
public enum TrainerError: Error, Equatable, Sendable {
    /// The configuration asks for something that does not exist or does not go together.
    case configuration(key: String, reason: String)
    /// A configuration file, or a change of the command line, that cannot be used: every problem of it.
    case invalidConfiguration(source: String, problems: [ConfigurationProblem])
    /// A training or evaluation set that cannot be used.
    case corpus(path: String, reason: String)
    /// A folder of features that cannot be used.
    case featureCache(path: String, reason: String)
    /// The scores of a model cannot be read as tokens.
    case scores(reason: String)
    /// A tokenizer's file cannot be read, or is not one; or a text or ids do not fit the tokenizer.
    case tokenizer(path: String, reason: String)
    /// No tokenizer can be trained so, or the corpus cannot be read.
    case tokenizerTraining(reason: String)
    /// A published model that a run is to begin with cannot be found or used.
    case pretrained(name: String, reason: String)
    /// A checkpoint cannot be gone on from, or used.
    case checkpoint(path: String, reason: String)
    /// A run cannot be begun, or went wrong.
    case training(run: String, reason: String)
}

extension TrainerError: CustomStringConvertible {
    /// What failed, where, and what to do next.
    public var description: String {
        switch self {
        case .configuration(let key, let reason): "\(key): \(reason)"
        case .invalidConfiguration(let source, let problems): Self.text(source: source, problems: problems)
        case .corpus(let path, let reason), .featureCache(let path, let reason): "\(path): \(reason)"
        case .scores(let reason): "scores: \(reason)"
        case .tokenizer(let path, let reason): "\(path): \(reason)"
        case .tokenizerTraining(let reason): "tokenizer training: \(reason)"
        case .pretrained(let name, let reason): "\(name): \(reason)"
        case .checkpoint(let path, let reason), .training(let path, let reason): "\(path): \(reason)"
        }
    }
}
