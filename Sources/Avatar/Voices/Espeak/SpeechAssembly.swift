import Audio

/// A word of a text and when it is spoken.
struct SpokenWord: Equatable, Sendable {
    /// Its place in the text, in Unicode scalars.
    var scalars: Range<Int>
    /// When its first sound begins.
    var startSeconds: Double
}

/// Speech, and where the words of its text are in it.
struct SpeechRendering: Sendable {
    var speech: Speech
    /// In order of time.
    var words: [SpokenWord]
}

/// Makes speech of the helper's frames.
///
/// Its sounds follow each other without gaps and cover the audio. espeak-ng lets sounds that melt into each other begin
/// at the same moment: they share the time until the next one begins.
struct SpeechAssembly {
    private struct Onset {
        var position: Int
        var symbol: String
        var isStressed: Bool
    }

    private(set) var rateHz = 0
    private(set) var samples: [Float] = []
    private(set) var isEnded = false
    private var onsets: [Onset] = []
    private var words: [(position: Int, scalars: Range<Int>)] = []
    private var transcript = Transcript()

    /// Takes the next frame.
    ///
    /// - Throws: ``SpeechFrameParser/Failure`` where it cannot come now.
    mutating func take(_ frame: SpeechFrame) throws(SpeechFrameParser.Failure) {
        guard !isEnded else { throw .init(reason: "something came behind the end") }
        if case .rate(let hertz) = frame {
            guard rateHz == 0 else { throw .init(reason: "the sample rate came twice") }
            rateHz = hertz
            return
        }
        guard rateHz > 0 else { throw .init(reason: "the sample rate did not come first") }
        switch frame {
        case .rate: break
        case .transcript(let text): transcript = Transcript(text)
        case .word(let position, let first, let count):
            words.append((position, first..<first + count))
        case .phoneme(let position, let symbol):
            let isStressed = transcript.isStressed(next: symbol)
            switch EspeakSymbol(symbol) {
            case .sound(let sound):
                onsets.append(Onset(position: position, symbol: sound, isStressed: isStressed))
            case .silence: onsets.append(Onset(position: position, symbol: "", isStressed: false))
            case .nothing: break
            }
        case .audio(let block): samples += block
        case .end(let count):
            guard count == samples.count else {
                throw .init(reason: "\(samples.count) of \(count) samples came")
            }
            isEnded = true
        }
    }

    /// The speech, once the end has come.
    consuming func finish() -> SpeechRendering {
        let sounds = phonemes()
        let spoken = words.map { word in
            SpokenWord(scalars: word.scalars, startSeconds: seconds(min(word.position, samples.count)))
        }
        let audio = AudioSignal(samples: samples, sampleRateHz: rateHz)
        return SpeechRendering(speech: Speech(audio: audio, phonemes: sounds), words: spoken)
    }

    private func seconds(_ position: Int) -> Double { Double(position) / Double(rateHz) }

    /// The onsets as sounds: in order, within the audio, each as long as until the next one begins.
    private func phonemes() -> [TimedPhoneme] {
        var position = 0
        let ordered = onsets.map { onset in
            position = max(position, min(onset.position, samples.count))
            return Onset(position: position, symbol: onset.symbol, isStressed: onset.isStressed)
        }
        var result: [TimedPhoneme] = []
        var index = 0
        while index < ordered.count {
            let start = ordered[index].position
            let end = ordered[index...].firstIndex { $0.position > start } ?? ordered.count
            let limit = end < ordered.count ? ordered[end].position : samples.count
            let heard = ordered[index..<end].filter { !$0.symbol.isEmpty }
            let step = (seconds(limit) - seconds(start)) / Double(max(1, heard.count))
            for (number, onset) in heard.enumerated() {
                let phoneme = TimedPhoneme(
                    symbol: onset.symbol,
                    startSeconds: seconds(start) + step * Double(number),
                    endSeconds: number + 1 < heard.count
                        ? seconds(start) + step * Double(number + 1) : seconds(limit),
                    isStressed: onset.isStressed
                )
                result.append(phoneme)
            }
            index = end
        }
        // Where only silence begins, a gap is left, which becomes silence here.
        return PhonemeTrack.covering(
            result,
            durationSeconds: seconds(samples.count),
            shortestSilenceSeconds: 0
        )
    }
}

/// The sounds of a clause as espeak-ng writes them, which tells what its events leave out: the stress.
private struct Transcript {
    private var sounds: [(symbol: String, isStressed: Bool)] = []
    private var next = 0
    /// Sounds may be left out or added between writing and speaking; so many are looked through for the next one.
    private static let window = 4

    init() {}

    init(_ text: String) {
        sounds = text.split { $0 == "_" || $0.isWhitespace }
            .map { (EspeakSymbol.plain(String($0)), $0.unicodeScalars.contains("ˈ")) }
    }

    /// Whether the next sound, of that symbol, has the main stress.
    mutating func isStressed(next symbol: String) -> Bool {
        let plain = EspeakSymbol.plain(symbol)
        guard !plain.isEmpty else { return false }
        for index in next..<min(next + Self.window, sounds.count)
        where sounds[index].symbol == plain
            || (symbol.utf8.count >= 7 && sounds[index].symbol.hasPrefix(plain))
        {
            next = index + 1
            return sounds[index].isStressed
        }
        return false
    }
}
