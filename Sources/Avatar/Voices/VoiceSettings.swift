/// How text is spoken.
public struct VoiceSettings: Sendable, Hashable {
    /// From lively and different each time (0) to even (1).
    ///
    /// espeak-ng takes it for the range of its melody.
    public var stability: Double
    /// How near to the original a copied voice stays, 0 to 1.
    ///
    /// espeak-ng copies nobody.
    public var similarityBoost: Double
    /// How fast, as a factor of the voice's own speed, 0.5 to 2.
    ///
    /// ElevenLabs does 0.7 to 1.2; what is beyond becomes the nearest of these.
    public var speed: Double
    /// From low (0) over the voice's own (0.5) to high (1); espeak-ng alone.
    public var pitch: Double

    /// The range of stability, similarity and pitch.
    public static let fractions = 0.0...1.0
    /// The range of the speed.
    public static let speeds = 0.5...2.0

    /// - Parameters:
    ///   - stability: 0 to 1.
    ///   - similarityBoost: 0 to 1.
    ///   - speed: 0.5 to 2.
    ///   - pitch: 0 to 1.
    public init(
        stability: Double = 0.5,
        similarityBoost: Double = 0.75,
        speed: Double = 1,
        pitch: Double = 0.5
    ) {
        self.stability = stability
        self.similarityBoost = similarityBoost
        self.speed = speed
        self.pitch = pitch
    }

    /// Checks every setting.
    ///
    /// - Throws: ``AvatarError/setting(name:value:range:)`` for the first one outside its range, or no number.
    public func validate() throws(AvatarError) {
        let all = [
            ("stability", stability, Self.fractions), ("similarity_boost", similarityBoost, Self.fractions),
            ("speed", speed, Self.speeds), ("pitch", pitch, Self.fractions),
        ]
        for (name, value, range) in all where !range.contains(value) {
            throw .setting(name: name, value: value, range: range)
        }
    }
}
