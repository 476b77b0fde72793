import CNVML

/// NVIDIA's graphics cards, as far as their driver tells.
enum GraphicsCards {
    /// What the cards are called; empty where there is no driver or no card.
    static var names: [String] {
        (0..<vs_card_count()).map { index in
            var name = [CChar](repeating: 0, count: 128)
            vs_card_name(index, &name, name.count)
            return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// What can be told now: of the first card as `system/gpu_…`, of further ones as `system/gpu1_…` and so on.
    ///
    /// - Returns: utilisation in percent, memory in 10⁹ bytes, power in watts, temperature in degrees Celsius.
    static func sample() -> [(String, Double)] {
        (0..<vs_card_count()).flatMap { index in
            let card = vs_card_sample(index)
            let prefix = index == 0 ? "system/gpu" : "system/gpu\(index)"
            return [
                ("util", card.utilization_percent), ("memory_gb", card.memory_used_bytes / 1e9),
                ("memory_total_gb", card.memory_total_bytes / 1e9), ("power_watts", card.power_watts),
                ("temperature_celsius", card.temperature_celsius),
            ]
            .filter { $0.1 >= 0 }.map { ("\(prefix)_\($0)", $1) }
        }
    }
}
