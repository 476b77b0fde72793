/// `loss`: what is made small: CTC of the encoder and cross-entropy of the decoder, each with a weight.
///
/// Weights are fixed (`ctc_weight`, `ce_weight`), other ones for the first updates (`warmup_…`), or go in a line from
/// one to another (`…_start`, `…_end`, `annealing_steps`).
public struct LossSettings: Sendable, Hashable {
    /// `ctc_weight`: nil for `model.ctc_weight`, or 0.3.
    public var ctcWeight: Double?
    /// `ce_weight`: nil for 1 less the weight of CTC.
    public var crossEntropyWeight: Double?
    /// `label_smoothing`: the part of the target that is spread over all tokens.
    public var labelSmoothing = 0.1
    /// `warmup_steps`: for how many updates the weights of the warm-up hold.
    public var warmUpSteps = 0
    /// `warmup_ctc_weight`: nil for the later one.
    public var warmUpCTCWeight: Double?
    /// `warmup_ce_weight`: nil for 1 less the weight of CTC.
    public var warmUpCrossEntropyWeight: Double?
    /// `annealing_steps`: in how many updates the weights go from start to end; nil for fixed weights.
    public var annealingSteps: Int?
    /// `ctc_weight_start`.
    public var ctcWeightStart: Double?
    /// `ctc_weight_end`.
    public var ctcWeightEnd: Double?
    /// `ce_weight_start`: nil for 1 less the weight of CTC.
    public var crossEntropyWeightStart: Double?
    /// `ce_weight_end`: nil for 1 less the weight of CTC.
    public var crossEntropyWeightEnd: Double?

    /// The defaults: 0.3 and 0.7 throughout.
    public init() {}
}

extension LossSettings: SettingSection {
    private static let weight = SettingKind<Double>.number(.from(0, to: 1000))

    static let keys: [SettingKey<LossSettings>] = [
        .optional("ctc_weight", \.ctcWeight, weight),
        .optional("ce_weight", \.crossEntropyWeight, weight),
        .required("label_smoothing", \.labelSmoothing, .number(.from(0, below: 1))),
        .required("warmup_steps", \.warmUpSteps, .integer(0...1_000_000_000)),
        .optional("warmup_ctc_weight", \.warmUpCTCWeight, weight),
        .optional("warmup_ce_weight", \.warmUpCrossEntropyWeight, weight),
        .optional("annealing_steps", \.annealingSteps, .integer(1...1_000_000_000)),
        .optional("ctc_weight_start", \.ctcWeightStart, weight),
        .optional("ctc_weight_end", \.ctcWeightEnd, weight),
        .optional("ce_weight_start", \.crossEntropyWeightStart, weight),
        .optional("ce_weight_end", \.crossEntropyWeightEnd, weight),
    ]

    func conflicts() -> [SettingConflict] { warmUpConflicts() + annealingConflicts() + pairConflicts() }

    private func warmUpConflicts() -> [SettingConflict] {
        guard warmUpSteps == 0 else { return [] }
        let weights = [
            ("warmup_ctc_weight", warmUpCTCWeight), ("warmup_ce_weight", warmUpCrossEntropyWeight),
        ]
        return weights.filter { $0.1 != nil }.map {
            SettingConflict(key: $0.0, reason: "it says nothing without warmup_steps; write that, too")
        }
    }

    /// Fixed weights, a warm-up and a line from start to end each exclude another.
    private func annealingConflicts() -> [SettingConflict] {
        let ends = [
            ("ctc_weight_start", ctcWeightStart), ("ctc_weight_end", ctcWeightEnd),
            ("ce_weight_start", crossEntropyWeightStart), ("ce_weight_end", crossEntropyWeightEnd),
        ]
        guard annealingSteps != nil else {
            return ends.filter { $0.1 != nil }.map {
                SettingConflict(key: $0.0, reason: "it says nothing without annealing_steps; write that, too")
            }
        }
        var conflicts = ends.prefix(2).filter { $0.1 == nil }.map {
            SettingConflict(key: $0.0, reason: "annealing_steps needs it; write the weight")
        }
        let others = [
            ("ctc_weight", ctcWeight), ("ce_weight", crossEntropyWeight),
            ("warmup_ctc_weight", warmUpCTCWeight), ("warmup_ce_weight", warmUpCrossEntropyWeight),
        ]
        conflicts += others.filter { $0.1 != nil }.map {
            SettingConflict(
                key: $0.0,
                reason: "annealing_steps has the weights go from start to end; leave one of them out"
            )
        }
        return conflicts
    }

    /// A weight of cross-entropy that is left out is what CTC leaves of 1, so something must be left.
    ///
    /// And something has to be learnt.
    private func pairConflicts() -> [SettingConflict] {
        let pairs = [
            ("ctc_weight", ctcWeight, "ce_weight", crossEntropyWeight),
            ("warmup_ctc_weight", warmUpCTCWeight, "warmup_ce_weight", warmUpCrossEntropyWeight),
            ("ctc_weight_start", ctcWeightStart, "ce_weight_start", crossEntropyWeightStart),
            ("ctc_weight_end", ctcWeightEnd, "ce_weight_end", crossEntropyWeightEnd),
        ]
        var conflicts: [SettingConflict] = []
        for (ctcKey, ctc, crossEntropyKey, crossEntropy) in pairs {
            if let ctc, ctc > 1, crossEntropy == nil {
                conflicts.append(
                    SettingConflict(
                        key: ctcKey,
                        reason: "\(ctc) is more than 1; write \(crossEntropyKey), too"
                    )
                )
            }
            if let ctc, let crossEntropy, ctc == 0, crossEntropy == 0 {
                conflicts.append(
                    SettingConflict(
                        key: ctcKey,
                        reason: "\(crossEntropyKey) is 0, too, so nothing would be learnt"
                    )
                )
            }
        }
        return conflicts
    }
}
