/// A ring that fills with a share, with text inside.
enum ProgressRing {
    /// The drawing as UTF-8.
    ///
    /// - Parameters:
    ///   - fraction: 0…1, kept inside it; nil where nobody knows, which leaves the ring empty.
    ///   - value: The text inside: `42 %`, `2/5`.
    ///   - label: What the ring measures, for screen readers: `Epoch`.
    /// - Returns: An `<svg>` that scales to the size the style sheet gives it.
    static func svg(fraction: Double?, value: String, label: String) -> [UInt8] {
        let known = fraction.flatMap { $0.isFinite ? min(1, max(0, $0)) : nil }
        var output: [UInt8] = []
        output.write("<svg class=\"ring\" viewBox=\"0 0 100 100\" role=\"img\" aria-label=\"")
        output.writeEscaped("\(label): \(value)")
        output.write("\"><circle class=\"ring-track\" cx=\"50\" cy=\"50\" r=\"44\"/>")
        // A stroke of no length with round caps would still be a dot.
        if let known, known > 0 {
            let perMille = max(1, Int((known * 1000).rounded()))
            output.write("<circle class=\"ring-value\" cx=\"50\" cy=\"50\" r=\"44\" pathLength=\"1000\" ")
            output.write("stroke-dasharray=\"")
            output.write(perMille)
            output.write(" 1000\" transform=\"rotate(-90 50 50)\"/>")
        }
        output.write("<text class=\"ring-text\" x=\"50\" y=\"50\">")
        output.writeEscaped(value)
        output.write("</text></svg>")
        return output
    }
}
