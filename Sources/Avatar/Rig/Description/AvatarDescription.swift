/// A drawn person: colours, proportions and the forms of hair and clothes, as read from an avatar's file.
///
/// The unit of length is half the width of a head; the origin lies between the eyes and the mouth, y downwards.
public struct AvatarDescription: Sendable, Hashable {
    /// How forms are shaded.
    enum Style: String, Sendable, CaseIterable {
        /// Soft gradients without lines.
        case soft
        /// Flat colours with one hard shadow and dark contours.
        case cel
        /// Pen lines and hatching on paper.
        case ink
        /// Layers of cut paper that cast shadows on each other.
        case paper
    }

    /// One material under light.
    struct Ramp: Sendable, Hashable {
        var base: Color
        var light: Color
        var shadow: Color
    }

    struct Skin: Sendable, Hashable {
        var ramp: Ramp
        var blush: Color
        var line: Color
    }

    struct Head: Sendable, Hashable {
        var cheekWidth: Double
        var jawWidth: Double
        var chinWidth: Double
        var chinHeight: Double
        var neckWidth: Double
        var earSize: Double
    }

    struct Eyes: Sendable, Hashable {
        var width: Double
        var height: Double
        var spacing: Double
        var level: Double
        var tilt: Double
        var irisSize: Double
        var iris: Color
        var lashes: Double
        var lashColor: Color
    }

    struct Brows: Sendable, Hashable {
        var level: Double
        var length: Double
        var thickness: Double
        var tilt: Double
        var arch: Double
        var color: Color
    }

    struct Nose: Sendable, Hashable {
        var width: Double
        var length: Double
    }

    struct Mouth: Sendable, Hashable {
        var width: Double
        var fullness: Double
        var level: Double
        var smile: Double
        var upper: Color
        var lower: Color
    }

    /// A form that the file itself draws.
    struct Shape: Sendable, Hashable {
        /// Where in the order of drawing.
        enum Layer: String, Sendable, CaseIterable {
            case backHair
            case body
            /// On the skin, under eyes and mouth: beards, freckles. It follows the jaw.
            case skin
            case face
            case frontHair
            case front
        }

        var layer: Layer
        var outline: Outline
        var isMirrored: Bool
        var fill: Ramp?
        var stroke: Color?
        var strokeWidth: Double
        /// How far the fill's edge fades out, for hair and beards; 0 for a sharp edge.
        var feather: Double
    }

    /// What it is asked for by.
    public var id: String
    /// What people call it.
    public var name: String
    /// A sentence about it.
    public var about: String
    var style: Style
    var background: Ramp
    var skin: Skin
    var head: Head
    var eyes: Eyes
    var brows: Brows
    var nose: Nose
    var mouth: Mouth
    var shapes: [Shape]
}
