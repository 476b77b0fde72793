/// A colour, each part 0 to 1.
struct Color: Sendable, Hashable {
    var red: Double
    var green: Double
    var blue: Double
    var alpha: Double = 1

    init(_ red: Double, _ green: Double, _ blue: Double, _ alpha: Double = 1) {
        self.red = red
        self.green = green
        self.blue = blue
        self.alpha = alpha
    }

    /// `#RRGGBB` or `#RRGGBBAA`; nil for anything else.
    init?(hex text: String) {
        let digits = Array(text.utf8)
        guard digits.first == UInt8(ascii: "#"), digits.count == 7 || digits.count == 9 else { return nil }
        guard let value = UInt32(text.dropFirst(), radix: 16), text.dropFirst().allSatisfy(\.isHexDigit)
        else {
            return nil
        }
        let full = digits.count == 7 ? value << 8 | 0xff : value
        func part(_ shift: UInt32) -> Double { Double(full >> shift & 0xff) / 255 }
        self.init(part(24), part(16), part(8), part(0))
    }

    func opacity(_ factor: Double) -> Color { Color(red, green, blue, alpha * factor) }

    /// The colour a share of the way to another.
    func mixed(with other: Color, _ share: Double) -> Color {
        Color(
            red + (other.red - red) * share,
            green + (other.green - green) * share,
            blue + (other.blue - blue) * share,
            alpha + (other.alpha - alpha) * share
        )
    }

    static let white = Color(1, 1, 1)
    static let black = Color(0, 0, 0)
}

/// What a form is filled with, in picture coordinates.
enum Paint: Sendable {
    /// A colour at a place of a gradient, 0 to 1.
    struct Stop: Sendable {
        var offset: Double
        var color: Color

        init(_ offset: Double, _ color: Color) {
            self.offset = offset
            self.color = color
        }
    }

    case solid(Color)
    case linear(from: Point, to: Point, [Stop])
    case radial(center: Point, radius: Double, [Stop])

    /// A soft spot that fades to nothing.
    static func spot(_ center: Point, _ radius: Double, _ color: Color) -> Paint {
        .radial(
            center: center,
            radius: radius,
            [Stop(0, color), Stop(0.5, color.opacity(0.5)), Stop(1, color.opacity(0))]
        )
    }
}
