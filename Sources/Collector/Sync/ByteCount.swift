import Glibc

/// Numbers of bytes as rsync's options take them.
enum ByteCount {
    /// Reads `SIZE`: a number, which may have a decimal part, and a unit.
    ///
    /// `K`, `M`, `G`, `T`, `P` and their `KiB` forms count in 1024s, `KB`, `MB` … in 1000s, `B` in ones; `+1`
    /// or `-1` may follow. Source: rsync(1), --max-size; options.c, `parse_size_arg`.
    ///
    /// - Parameters:
    ///   - text: as written.
    ///   - option: for messages.
    ///   - defaultUnit: the unit of a bare number, in bytes.
    /// - Returns: bytes.
    /// - Throws: ``CollectorError/usage(_:)``.
    static func parse(
        _ text: String,
        option: String,
        defaultUnit: Double = 1
    ) throws(CollectorError) -> Int {
        let invalid = CollectorError.usage(
            "\(option): \(text) is not a number of bytes; write for example 500, 1.5m or 2G"
        )
        var rest = text.utf8[...]
        let number = rest.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        guard let value = Double(String(Substring(number))), value.isFinite else { throw invalid }
        rest = rest.dropFirst(number.count)
        var offset = 0.0
        let suffix = String(Substring(rest)).lowercased()
        var unitText = suffix[...]
        if unitText.hasSuffix("+1") || unitText.hasSuffix("-1") {
            offset = unitText.hasSuffix("+1") ? 1 : -1
            unitText = unitText.dropLast(2)
        }
        guard let unit = unit(unitText, bare: defaultUnit) else { throw invalid }
        let bytes = (value * unit + offset).rounded(.towardZero)
        guard bytes >= 0, bytes < 9e18 else { throw invalid }
        return Int(bytes)
    }

    private static func unit(_ text: Substring, bare: Double) -> Double? {
        if text.isEmpty { return bare }
        if text == "b" { return 1 }
        guard let first = text.first, let power = "kmgtp".firstIndex(of: first) else { return nil }
        let exponent = Double("kmgtp".distance(from: "kmgtp".startIndex, to: power) + 1)
        switch text.dropFirst() {
        case "", "ib": return pow(1024, exponent)
        case "b": return pow(1000, exponent)
        default: return nil
        }
    }

    /// A rate of `--bwlimit`: KiB per second unless a unit is given; 0 is no limit.
    ///
    /// rsync also takes 512 bytes per second as the least it can do.
    ///
    /// - Returns: bytes per second; nil for no limit.
    /// - Throws: ``CollectorError/usage(_:)``.
    static func parseRate(_ text: String) throws(CollectorError) -> Int? {
        let rate = try parse(text, option: "--bwlimit", defaultUnit: 1024)
        guard rate > 0 else { return nil }
        guard rate >= 512 else {
            throw .usage("--bwlimit: \(text) is below the least rate, 512 bytes a second")
        }
        return rate
    }

    /// A number for people: `1,234` or, in units, `1.21K`.
    static func text(_ count: Int, inUnits: Bool) -> String {
        guard inUnits, count >= 1000 else { return grouped(count) }
        var (value, unit) = (Double(count), 0)
        while value >= 1000, unit < 5 { (value, unit) = (value / 1000, unit + 1) }
        let hundredths = Int((value * 100).rounded())
        let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
        return "\(whole).\(rest < 10 ? "0" : "")\(rest)" + ["", "K", "M", "G", "T", "P"][unit]
    }

    private static func grouped(_ count: Int) -> String {
        var text = ""
        for (index, digit) in String(count.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text = "," + text }
            text = String(digit) + text
        }
        return count < 0 ? "-" + text : text
    }
}
