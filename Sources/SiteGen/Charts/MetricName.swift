/// What can be told about a metric from its name alone, whatever trainer wrote it: `train/ctc_loss`,
/// `eval_wer`, `gradNorm`, `optim.lr.group0`.
struct MetricName: Sendable, Equatable {
    /// Lower-case words: `train/ctc_loss` is `train`, `ctc`, `loss`.
    let words: [String]
    /// The words without those that name a part of the data, such as `train` or `eval`.
    let family: [String]
    /// Everything before the last `/`; empty without one.
    let prefix: String
    let isValidation: Bool

    private static let trainingWords: Set<String> = ["train", "training", "tr"]
    private static let validationWords: Set<String> = [
        "val", "valid", "validation", "eval", "evaluation", "test", "dev", "te",
    ]

    init(_ name: String) {
        words = Self.words(of: name)
        let family = words.filter { !Self.trainingWords.contains($0) && !Self.validationWords.contains($0) }
        self.family = family.isEmpty ? words : family
        isValidation = words.contains { Self.validationWords.contains($0) }
        prefix = name.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(name[..<$0]) } ?? ""
    }

    private func has(_ candidates: String...) -> Bool { candidates.contains { words.contains($0) } }

    // MARK: Kinds

    /// Columns that count or date the lines themselves; they are axes, not measurements.
    var isBookkeeping: Bool { Self.bookkeeping.contains(family.joined(separator: "_")) }

    private static let bookkeeping: Set<String> = [
        "step", "steps", "global_step", "current_step", "current_steps", "total_steps", "max_steps",
        "num_steps",
        "steps_per_epoch", "iteration", "iterations", "iter", "iters", "total_iterations", "max_iters",
        "update", "updates", "num_updates", "timestep", "timesteps", "total_timesteps",
        "epoch", "epochs", "current_epoch", "total_epochs", "num_epochs", "num_train_epochs",
        "time", "timestamp", "time_ms", "wall_time", "walltime", "wall_clock", "datetime", "date",
        "percentage", "progress", "elapsed", "elapsed_time", "remaining_time", "eta", "runtime",
    ]

    var isLearningRate: Bool {
        has("lr", "lrs", "learningrate") || (has("learning") && has("rate"))
    }

    var isGradientNorm: Bool {
        has("gnorm", "gradnorm") || (has("grad", "grads", "gradient", "gradients") && has("norm"))
    }

    var isErrorRate: Bool {
        has("wer", "cer", "mer") || ["per", "ser"].contains(words.last)
            || (has("error") && has("rate") && has("word", "character", "char", "phone", "phoneme"))
    }

    private var isGPU: Bool { has("gpu", "gpus", "cuda", "vram") }

    var isGPUMemory: Bool { isGPU && has("memory", "mem", "vram") }

    var isGPUUtilisation: Bool {
        isGPU && !isGPUMemory && has("util", "utilization", "utilisation", "usage", "load")
    }

    /// Any loss, main or not.
    var isLoss: Bool { has("loss", "losses") || family == ["nll"] }

    /// Losses of other kinds, named as such: `vae/kl_loss`, but not `frac_loss_zero`.
    var isOtherLoss: Bool { !isMainLoss && ["loss", "losses"].contains(family.last) }

    /// The losses that belong side by side: total, CTC and cross-entropy, of training and validation.
    var isMainLoss: Bool {
        isLoss && family.allSatisfy { Self.mainLossWords.contains($0) }
    }

    private static let mainLossWords: Set<String> = [
        "loss", "losses", "total", "tot", "avg", "average", "mean", "ctc", "ce", "cross", "entropy", "xent",
        "att",
        "attention", "nll", "epoch", "step", "running",
    ]

    /// Rates of work: steps, samples or tokens a second.
    var isSpeed: Bool {
        isPerSecond || has("throughput", "fps", "ips") || (has("speed") && family.count <= 2)
    }

    private var isPerSecond: Bool {
        guard let per = words.firstIndex(of: "per"), per + 1 < words.count else { return false }
        return ["second", "sec", "s"].contains(words[per + 1])
    }

    /// Colours that total, CTC and cross-entropy loss have in every chart.
    var fixedColour: Int? {
        guard isMainLoss else { return nil }
        if family.contains("ctc") { return isValidation ? 4 : 1 }
        if family.contains("ce") || family.contains("cross") || family.contains("xent") {
            return isValidation ? 5 : 2
        }
        return isValidation ? 3 : 0
    }

    var unit: ValueUnit {
        if isLearningRate { return .learningRate }
        if isPerSecond { return .perSecond }
        if isGPUUtilisation || has("percent", "pct") { return .percent }
        switch words.last {
        case "gb", "gib": return .suffix(" GB")
        case "mb", "mib": return .suffix(" MB")
        case "bytes": return .bytes
        case "seconds", "secs", "sec": return .suffix(" s")
        case "ms": return .suffix(" ms")
        default: return .plain
        }
    }

    // MARK: Words

    /// Runs of letters and digits, split where a capital follows a small letter.
    ///
    /// Names are hostile: only the first kilobyte is looked at.
    private static func words(of name: String) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var wasSmall = false
        func finish() {
            if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
            word.removeAll()
        }
        for byte in name.utf8.prefix(1024) {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                if wasSmall { finish() }
                word.append(byte | 0x20)
                wasSmall = false
            case UInt8(ascii: "a")...UInt8(ascii: "z"):
                word.append(byte)
                wasSmall = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
                word.append(byte)
                wasSmall = false
            default:
                finish()
                wasSmall = false
            }
        }
        finish()
        return words
    }
}

/// How values of a metric are written.
enum ValueUnit: Sendable, Equatable {
    case plain, learningRate, percent, perSecond, bytes
    case suffix(String)

    /// What a script needs to write values alike: the text behind the number, or `bytes`; nil for plain ones.
    var mark: String? {
        switch self {
        case .plain, .learningRate: nil
        case .percent: " %"
        case .perSecond: "/s"
        case .bytes: "bytes"
        case .suffix(let suffix): suffix
        }
    }

    func text(_ value: Double) -> String {
        guard value.isFinite else { return NumberFormat.value(value) }
        return switch self {
        case .plain: NumberFormat.value(value)
        case .learningRate: NumberFormat.learningRate(value)
        case .percent: NumberFormat.text(value, significantDigits: 3) + " %"
        case .perSecond: NumberFormat.text(value, significantDigits: 3) + "/s"
        case .bytes: NumberFormat.bytes(value)
        case .suffix(let suffix): NumberFormat.value(value) + suffix
        }
    }
}
