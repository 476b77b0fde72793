/// The colour and dash of one line, as an index into the six hues of the style sheet.
struct PaletteSlot: Sendable, Equatable, Hashable {
    /// 0…5.
    let colour: Int
    /// 0 is a solid line.
    let dash: Int

    /// `c2`, or `c2 d1` for a dashed line.
    var classes: String { dash == 0 ? "c\(colour)" : "c\(colour) d\(dash)" }
}

/// Gives lines their colours, by who they are and never by rank, so a reload or a new run moves none.
enum Palette {
    static let colourCount = 6
    /// Dash patterns of the style sheet: d1…d4.
    static let dashCount = 4

    /// The slots of a chart's lines, in its order.
    ///
    /// A line asks for its fixed colour, or the one its name hashes to, and takes the next free one where
    /// an earlier line has it; once six are taken, the same again with dashes. Lines with a fixed colour
    /// come first; adding a line at the end never changes those before it.
    ///
    /// - Parameters:
    ///   - names: Names of series, or ids of runs.
    ///   - fixed: Colours that some names always have.
    /// - Returns: One slot for each name, no two alike up to thirty.
    static func slots(for names: [String], fixed: (String) -> Int? = { _ in nil }) -> [PaletteSlot] {
        var slots: [PaletteSlot?] = Array(repeating: nil, count: names.count)
        var taken: Set<PaletteSlot> = []
        func place(_ index: Int, preferring colour: Int) {
            for dash in 0...dashCount {
                for offset in 0..<colourCount {
                    let slot = PaletteSlot(colour: (colour + offset) % colourCount, dash: dash)
                    if taken.insert(slot).inserted {
                        slots[index] = slot
                        return
                    }
                }
            }
            slots[index] = PaletteSlot(colour: colour, dash: index % (dashCount + 1))
        }
        for (index, name) in names.enumerated() {
            if let colour = fixed(name) { place(index, preferring: colour) }
        }
        for (index, name) in names.enumerated() where slots[index] == nil {
            place(index, preferring: Int(StableHash.fnv1a(name) % UInt32(colourCount)))
        }
        return slots.compactMap(\.self)
    }
}
