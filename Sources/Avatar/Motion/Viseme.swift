/// What one sound asks of the mouth, and how strongly it insists.
///
/// The targets are those of the Preston Blair set as Rhubarb Lip Sync uses it, refined per vowel; the strengths
/// follow Cohen and Massaro, "Modeling coarticulation in synthetic visual speech", 1993: a sound that needs the
/// lips (m, f, u) holds on to them, one that is made with the tongue lets its neighbours shape the mouth.
struct Viseme: Sendable {
    /// What must be seen whatever the neighbours want.
    enum Obligation: Sendable {
        case none
        /// Both lips meet: m, b, p.
        case lipsClosed
        /// The lower lip meets the upper teeth: f, v.
        case lipOnTeeth
    }

    var target: MouthShape
    /// The strength of each parameter, in the layout of ``MouthShape/values``.
    var dominance: SIMD16<Float>
    /// How long before its middle the sound is felt, in seconds.
    var leadSeconds: Float
    /// How long after its middle the sound is felt, in seconds.
    var trailSeconds: Float
    var obligation = Obligation.none

    /// Strengths by group of parameters.
    static func strength(
        opening: Float,
        lips: Float,
        rounding: Float,
        inside: Float,
        press: Float
    ) -> SIMD16<Float> {
        var values = SIMD16<Float>(repeating: 0.0001)
        values[MouthShape.Index.opening] = opening
        values[MouthShape.Index.width] = rounding
        values[MouthShape.Index.rounding] = rounding
        values[MouthShape.Index.upperRaise] = lips
        values[MouthShape.Index.lowerDrop] = lips
        values[MouthShape.Index.upperTeeth] = inside
        values[MouthShape.Index.lowerTeeth] = inside
        values[MouthShape.Index.tongue] = inside
        values[MouthShape.Index.press] = press
        return values
    }

    private static func vowel(_ target: MouthShape) -> Viseme {
        Viseme(
            target: target,
            dominance: strength(
                opening: 0.7,
                lips: 0.5,
                rounding: target.rounding > 0.3 ? 1 : 0.45,
                inside: 0.5,
                press: 0.5
            ),
            leadSeconds: target.rounding > 0.3 ? 0.13 : 0.09,
            trailSeconds: 0.09
        )
    }

    private static func consonant(
        _ target: MouthShape,
        opening: Float,
        lips: Float = 0.25,
        rounding: Float = 0.1,
        inside: Float = 0.5
    ) -> Viseme {
        Viseme(
            target: target,
            dominance: strength(
                opening: opening,
                lips: lips,
                rounding: rounding,
                inside: inside,
                press: 0.5
            ),
            leadSeconds: 0.05,
            trailSeconds: 0.05
        )
    }

    /// Silence.
    static let rest = Viseme(
        target: .rest,
        dominance: strength(opening: 0.8, lips: 0.8, rounding: 0.6, inside: 0.5, press: 0.5),
        leadSeconds: 0.05,
        trailSeconds: 0.07
    )
    /// m, b, p.
    static let closed = Viseme(
        target: MouthShape(width: -0.04, press: 1),
        dominance: strength(opening: 1, lips: 0.8, rounding: 0.1, inside: 0.1, press: 1),
        leadSeconds: 0.04,
        trailSeconds: 0.04,
        obligation: .lipsClosed
    )
    /// f, v.
    static let labiodental = Viseme(
        target: MouthShape(opening: 0.1, width: 0.06, upperRaise: 0.35, lowerDrop: -0.8, upperTeeth: 1),
        dominance: strength(opening: 1, lips: 1, rounding: 0.15, inside: 0.8, press: 0.8),
        leadSeconds: 0.04,
        trailSeconds: 0.04,
        obligation: .lipOnTeeth
    )
    /// s, z, t, d, n: teeth nearly together.
    static let alveolar = consonant(
        MouthShape(
            opening: 0.13,
            width: 0.2,
            upperRaise: 0.25,
            lowerDrop: 0.3,
            upperTeeth: 1,
            lowerTeeth: 0.8
        ),
        opening: 0.45
    )
    /// k, g, ng, x: made far back, so the lips are free.
    static let velar = consonant(
        MouthShape(
            opening: 0.2,
            width: 0.12,
            upperRaise: 0.22,
            lowerDrop: 0.3,
            upperTeeth: 0.9,
            lowerTeeth: 0.3
        ),
        opening: 0.3,
        lips: 0.15
    )
    /// h and the glottal stop: no shape of their own.
    static let breath = consonant(
        MouthShape(
            opening: 0.26,
            width: 0.05,
            upperRaise: 0.25,
            lowerDrop: 0.3,
            upperTeeth: 0.8,
            tongue: 0.1
        ),
        opening: 0.12,
        lips: 0.1,
        inside: 0.1
    )
    /// l: the tip of the tongue behind the upper teeth.
    static let lateral = consonant(
        MouthShape(
            opening: 0.36,
            width: 0.08,
            upperRaise: 0.3,
            lowerDrop: 0.35,
            upperTeeth: 1,
            lowerTeeth: 0.1,
            tongue: 1
        ),
        opening: 0.4,
        inside: 1
    )
    /// th: the tip of the tongue between the teeth.
    static let dental = consonant(
        MouthShape(opening: 0.22, width: 0.08, upperRaise: 0.3, lowerDrop: 0.3, upperTeeth: 1, tongue: 1),
        opening: 0.55,
        inside: 1
    )
    /// sh, zh: teeth together, lips forward.
    static let postalveolar = consonant(
        MouthShape(
            opening: 0.18,
            width: -0.3,
            rounding: 0.6,
            upperRaise: 0.35,
            lowerDrop: 0.4,
            upperTeeth: 1,
            lowerTeeth: 0.7
        ),
        opening: 0.6,
        lips: 0.6,
        rounding: 0.7,
        inside: 0.8
    )
    /// The English r.
    static let approximant = consonant(
        MouthShape(
            opening: 0.22,
            width: -0.22,
            rounding: 0.5,
            upperRaise: 0.15,
            lowerDrop: 0.2,
            upperTeeth: 0.4
        ),
        opening: 0.35,
        rounding: 0.5
    )
    /// w.
    static let labiovelar = Viseme(
        target: MouthShape(opening: 0.1, width: -0.68, rounding: 1, upperRaise: 0.05),
        dominance: strength(opening: 0.8, lips: 0.6, rounding: 1, inside: 0.4, press: 0.5),
        leadSeconds: 0.11,
        trailSeconds: 0.07
    )

    /// The vowels by letter.
    private static let vowels: [Unicode.Scalar: Viseme] = {
        func spread(_ opening: Float, _ width: Float, lower: Float = 0.3, teeth: Float = 0.3) -> Viseme {
            vowel(
                MouthShape(
                    opening: opening,
                    width: width,
                    upperRaise: 0.28,
                    lowerDrop: lower,
                    upperTeeth: 1,
                    lowerTeeth: teeth,
                    tongue: 0.25
                )
            )
        }
        func round(_ opening: Float, _ width: Float, _ rounding: Float) -> Viseme {
            vowel(
                MouthShape(
                    opening: opening,
                    width: width,
                    rounding: rounding,
                    upperRaise: 0.15,
                    lowerDrop: 0.12,
                    upperTeeth: 0.4 * (1 - rounding) + 0.1,
                    tongue: 0.1
                )
            )
        }
        let wide = vowel(
            MouthShape(
                opening: 0.82,
                width: 0.02,
                rounding: 0.08,
                upperRaise: 0.35,
                lowerDrop: 0.5,
                upperTeeth: 1,
                lowerTeeth: 0.15,
                tongue: 0.35
            )
        )
        return [
            "i": spread(0.16, 0.36, teeth: 0.6), "ɪ": spread(0.24, 0.24, teeth: 0.4), "ɨ": spread(0.2, 0.15),
            "e": spread(0.32, 0.26), "ɛ": spread(0.46, 0.18), "æ": spread(0.62, 0.2, lower: 0.4),
            "a": wide, "ɑ": wide, "ɐ": spread(0.5, 0.06, lower: 0.4), "ʌ": spread(0.5, 0.05, lower: 0.4),
            "ə": spread(0.3, 0.05), "ɘ": spread(0.3, 0.05), "ɤ": spread(0.35, -0.05), "ɯ": spread(0.2, 0.1),
            "ɜ": round(0.36, -0.16, 0.35), "ɚ": round(0.3, -0.16, 0.4), "ɝ": round(0.34, -0.16, 0.4),
            "ɒ": round(0.66, -0.2, 0.4), "ɔ": round(0.5, -0.3, 0.6), "o": round(0.34, -0.48, 0.85),
            "ʊ": round(0.22, -0.42, 0.75), "u": round(0.16, -0.62, 1), "ʉ": round(0.16, -0.55, 0.95),
            "y": round(0.15, -0.5, 0.95), "ʏ": round(0.2, -0.42, 0.8), "ø": round(0.28, -0.42, 0.8),
            "œ": round(0.42, -0.3, 0.65), "ɵ": round(0.28, -0.38, 0.75), "ɶ": round(0.6, -0.2, 0.5),
        ]
    }()

    private static let consonants: [Unicode.Scalar: Viseme] = {
        var table: [Unicode.Scalar: Viseme] = [:]
        func set(_ letters: String, _ viseme: Viseme) {
            for letter in letters.unicodeScalars { table[letter] = viseme }
        }
        set("mbpɓʙ", closed)
        set("fvɱʋⱱɸβ", labiodental)
        set("szntdɾrɲcɟʈɖɳjʝçɕʑɬɮ", alveolar)
        set("kgɡŋxɣqɢχʁʀɴʎ", velar)
        set("hɦʔʕħ", breath)
        set("lɫɭʟ", lateral)
        set("θð", dental)
        set("ʃʒʂʐ", postalveolar)
        set("ɹɻɽɺ", approximant)
        set("wʍɥɰ", labiovelar)
        return table
    }()

    /// The visemes of a symbol of the International Phonetic Alphabet: two for a diphthong or an affricate.
    ///
    /// Length, stress and tie marks and whatever is no letter are passed over; an unknown letter moves the mouth a
    /// little. No letter at all is silence.
    static func sequence(of symbol: String) -> [Viseme] {
        var found: [Viseme] = []
        for scalar in symbol.unicodeScalars.prefix(8) {
            if let known = vowels[scalar] ?? consonants[scalar] {
                found.append(known)
            } else if scalar.properties.generalCategory == .lowercaseLetter {
                found.append(breath)
            }
        }
        return found.isEmpty ? [rest] : Array(found.prefix(3))
    }
}
