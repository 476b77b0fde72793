/// Metrics the site gives a place of their own, by all the names trainers log them under.
///
/// This is the only table of spellings. Names are compared in lower case with every run of other bytes than
/// letters and digits taken as one separator, so `train/loss`, `Train_Loss` and `train.loss` are one spelling.
enum KnownMetric: String, Sendable, CaseIterable {
    case loss, ctcLoss, ceLoss, learningRate, gradientNorm, stepsPerSecond
    case gpuUtilisation, gpuMemory, wordErrorRate, characterErrorRate, validationLoss

    /// The spellings, likeliest first: where a run has several, the earliest here is the metric.
    var spellings: [String] {
        switch self {
        case .loss:
            [
                "train/loss", "loss", "train_loss", "training_loss", "loss/train", "train/total_loss",
                "total_loss",
                "train/avg_loss", "avg_loss", "loss/total", "tot_loss", "train/loss_step", "loss_step",
                "train/epoch_loss",
                "train_step/loss", "train_inner/loss", "tr_loss", "trl", "batch_loss", "objective",
            ]
        case .ctcLoss:
            [
                "train/ctc_loss", "ctc_loss", "train/loss_ctc", "loss_ctc", "train/ctc", "ctc",
                "train_ctc_loss",
                "loss/ctc", "loss/train_ctc", "train/losses/ctc",
            ]
        case .ceLoss:
            [
                "train/ce_loss", "ce_loss", "train/loss_ce", "loss_ce", "train/ce", "ce", "train_ce_loss",
                "loss/ce",
                "train/att_loss", "att_loss", "train/loss_att", "loss_att", "train/attention_loss",
                "cross_entropy",
                "train/cross_entropy", "train/nll_loss", "nll_loss",
            ]
        case .learningRate:
            [
                "train/learning_rate", "learning_rate", "train/lr", "lr", "train_lr", "optimizer/lr",
                "lr/group0",
                "optim/lr", "optim0_lr0", "train/learning_rate/0", "learning_rate/0", "lr_0", "lr-adamw",
                "lr-adam",
                "lr-sgd", "lr/pg0",
            ]
        case .gradientNorm:
            [
                "train/grad_norm", "grad_norm", "gradient_norm", "train/gradient_norm", "gnorm",
                "train/gnorm", "norm",
                "total_norm", "grad/norm", "train/total_norm", "global_norm",
            ]
        case .stepsPerSecond:
            [
                "train/steps_per_second", "steps_per_second", "train/steps_per_sec", "steps_per_sec", "it/s",
                "its",
                "iterations_per_second", "train/train_steps_per_second", "train_steps_per_second", "speed",
                "ups", "train/ups",
                "steps/s", "train/it_per_sec",
            ]
        case .gpuUtilisation:
            [
                "system/gpu_util", "gpu_util", "system/gpu/0/gpu", "system/gpu/gpu", "system/gpu_utilization",
                "gpu_utilization", "gpu_utilisation", "gpu/util", "system/gpu_0_utilization_percentage",
                "system/gpu/0/util",
                "gpu_usage",
            ]
        case .gpuMemory:
            [
                "system/gpu_memory_gb", "gpu_memory_gb", "system/gpu_mem_gb", "gpu_mem_gb",
                "system/gpu_memory",
                "gpu_memory", "gpu_mem", "system/gpu_memory_used_gb", "gpu_memory_used",
            ]
        case .wordErrorRate:
            [
                "eval/wer", "wer", "eval_wer", "val/wer", "val_wer", "valid/wer", "valid_wer",
                "validation/wer", "dev/wer",
                "dev_wer", "test/wer", "test_wer", "valid wer", "word_error_rate", "eval/word_error_rate",
            ]
        case .characterErrorRate:
            [
                "eval/cer", "cer", "eval_cer", "val/cer", "val_cer", "valid/cer", "valid_cer",
                "validation/cer", "dev/cer",
                "dev_cer", "test/cer", "test_cer", "character_error_rate", "eval/character_error_rate",
            ]
        case .validationLoss:
            [
                "eval/loss", "eval_loss", "val/loss", "val_loss", "valid/loss", "valid_loss",
                "validation/loss",
                "validation_loss", "loss/val", "loss/valid", "loss/validation", "dev/loss", "dev_loss",
                "test/loss",
                "test_loss", "tel",
            ]
        }
    }

    /// The metric a logged name stands for.
    static func named(_ name: String) -> KnownMetric? { byFoldedSpelling[fold(name)]?.metric }

    /// The series of a run that is this metric.
    func series(in report: RunReport) -> SeriesReport? {
        var best: (rank: Int, series: SeriesReport)?
        for series in report.series {
            guard let entry = Self.byFoldedSpelling[Self.fold(series.name)], entry.metric == self,
                entry.rank < best?.rank ?? .max
            else { continue }
            best = (entry.rank, series)
        }
        return best?.series
    }

    private static let byFoldedSpelling: [String: (metric: KnownMetric, rank: Int)] = {
        var table: [String: (metric: KnownMetric, rank: Int)] = [:]
        for metric in allCases {
            for (rank, spelling) in metric.spellings.enumerated() {
                let folded = fold(spelling)
                if table[folded] == nil { table[folded] = (metric, rank) }
            }
        }
        return table
    }()

    /// Lower case, and `_` for every run of what is neither letter nor digit.
    static func fold(_ name: String) -> String {
        // A name longer than any spelling matches none; hostile ones are not worth reading to their end.
        var folded: [UInt8] = []
        for byte in name.utf8.prefix(64) {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                folded.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): folded.append(byte | 0x20)
            case 0x80...: return ""
            default: if folded.last != UInt8(ascii: "_") { folded.append(UInt8(ascii: "_")) }
            }
        }
        return String(decoding: folded, as: UTF8.self)
    }
}
