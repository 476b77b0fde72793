import CTensorKernels
import Glibc
import Synchronization

extension CPUBackend {
    /// Row by row; the losses are added in order.
    public func crossEntropy(
        _ logits: Tensor,
        targets: [Int32],
        ignoring ignored: Int32?,
        targetWeight: Float,
        otherWeight: Float,
        into derivative: Tensor?
    ) throws(TensorError) -> Float {
        let classes = logits.shape.last
        let counted = targets.reduce(0) { $0 + ($1 == ignored ? 0 : 1) }
        guard counted > 0, classes > 0 else {
            if let derivative { try fill(derivative, 0) }
            return 0
        }
        let total = Double(targetWeight) + Double(otherWeight) * Double(classes - 1)
        let scale = 1 / Float(counted)
        let losses = try Tensor.zeros([targets.count], on: self)
        ThreadPool.ranges(targets.count, grain: max(1, Self.grain / classes)) { rows in
            for row in rows {
                let output = unsafe derivative.map { unsafe $0.pointer + row * classes }
                guard targets[row] != ignored else {
                    unsafe output?.update(repeating: 0, count: classes)
                    continue
                }
                let input = unsafe logits.pointer + row * classes
                let logSum =
                    if let output = unsafe output {
                        unsafe Double(tk_softmax_row(input, output, classes))
                    } else {
                        unsafe Double(tk_log_sum_exp(input, classes))
                    }
                let target = Int(targets[row])
                // -Σ w·(x - ln Σ eˣ)
                // Where nothing is expected of the others, one that is ruled out must not make 0 · ∞.
                let sum = otherWeight == 0 ? 0 : unsafe Double(tk_sum(input, classes))
                let right = unsafe Double(input[target])
                let expected = Double(otherWeight) * sum + Double(targetWeight - otherWeight) * right
                unsafe losses.pointer[row] = Float(logSum * total - expected)
                guard let output = unsafe output else { continue }
                unsafe tk_affine(output, output, classes, Float(total) * scale, -otherWeight * scale)
                unsafe output[target] -= (targetWeight - otherWeight) * scale
            }
        }
        let values = try download(losses)
        return Float(values.reduce(0.0) { $0 + Double($1) } / Double(counted))
    }
}
