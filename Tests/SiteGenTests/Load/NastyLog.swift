import TestSupport

/// Logs with everything at once that makes reading in pieces hard.
struct NastyLog {
    enum Kind: CaseIterable {
        case restarted, countedByEpoch, interleaved, outOfOrder, lateKeys, manyKeys, eventsFirst, timesAlone
    }

    let kind: Kind
    private var random: SeededRandom
    private var step = 0
    private var epoch = 0
    private var number = 0
    private var time = 1_765_000_000.0

    init(_ kind: Kind, _ random: SeededRandom) {
        self.kind = kind
        self.random = random
    }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    mutating func line() -> String {
        number += 1
        // Whole seconds, several lines in each; now and then a pause, or a clock that is set back.
        if chance(4) { time += chance(30) ? Double(Int.random(in: -50...500, using: &random)) : 1 }
        advance()
        if kind == .eventsFirst, number < 25 { return event() }
        return switch Int.random(in: 0..<24, using: &random) {
        case 0: "broken \(number)\n"
        case 1: "{\"step\":\(step),\"nested\":{\"a\":[1,{\"b\":2}],\"c\":\(number % 7)},}\n"
        case 2, 3: event()
        case 4: "{\"val\":\(number),\"mode\":\"val \(number % 3)\"}\n"
        case 5: "{\"step\":\(epoch),\"epoch\":\(epoch + 1),\"epoch_loss\":\(number)}\n"
        case 6: "{\(place()),\"eval\":{\"wer\":0.\(number % 10)},\"eval\\/cer\":\"0.5\",\"eval/cer\":1}\n"
        case 7: "{\(place()),\"time\":0.25,\"text\(number % 90)\":\"word\",\"late\":\"\(number)\"}\n"
        case 8: "{\(place()),\"b\(number % 5)\":NaN,\"a\(number % 3)\":null,\"hist\":[1,2,[3,4]]}\n"
        case 9: "{\(place()),\"loss\":\"nan\",\"nested\":{\"a\":[1,{\"b\":2}]}}\n"
        case 10 where kind == .manyKeys: "{\(place()),\(manyMembers())}\n"
        default: "{\(place()),\"time\":\(Int(time)),\"loss\":\(Double.random(in: 0...4, using: &random))}\n"
        }
    }

    private mutating func advance() {
        switch kind {
        case .outOfOrder: step = number + (number % 2 == 0 ? 0 : 5)
        case .interleaved: step = chance(30) ? max(0, number - 3) : number
        case .countedByEpoch:
            step += 1
            if step > 20 {
                epoch += 1
                step = 0
            }
            if chance(150) {
                epoch = max(0, epoch - 2)
                step = 0
            }
        default:
            step += Int.random(in: 0...2, using: &random)
            epoch = step / 40
            if chance(200) { step = Int.random(in: 0...step, using: &random) }
        }
    }

    private mutating func place() -> String {
        switch kind {
        case .lateKeys where number < 120: return "\"iter\":\(step)"
        case .lateKeys: return "\"step\":\(step * 2),\"iter\":\(step),\"trainer/global_step\":\(step * 3)"
        case .timesAlone: return chance(3) ? "\"time\":\(Int(time))" : "\"x\":1"
        case .countedByEpoch: return "\"epoch\":\(epoch),\"iter\":\(step)"
        default: return chance(9) ? "\"step\":\(step)" : "\"step\":\(step),\"epoch\":\(epoch)"
        }
    }

    private mutating func manyMembers() -> String {
        (0..<60).map { "\"key\(($0 * 31 + number * 7) % 1400)\":\($0)" }.joined(separator: ",")
    }

    private mutating func event() -> String {
        let place = chance(3) ? "" : ",\"step\":\(step),\"epoch\":\(epoch)"
        let time = chance(3) ? "" : ",\"time\":\(Int(time))"
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return "{\"event\":\"eval\"\(place)\(time),\"wer\":\"0.\(number % 9)\",\"z\":1,\"cer\":0.5}\n"
        case 1: return "{\"event\":\"eval\"\(time),\"wer\":0.25}\n"
        case 2:
            let word = chance(2) ? "completed" : "running"
            return "{\"event\":\"status\",\"status\":\"\(word)\"\(time)}\n"
        case 3: return "{\"event\":\"epoch\"\(place)\(time),\"avg_loss\":\(number)}\n"
        case 4: return "{\"event\":\"checkpoint\"\(place)\(time),\"path\":\"p\(number)\",\"b1\":1,\"a1\":2}\n"
        default: return "{\"event\":\"note\"\(place)\(time),\"title\":\"\(number)\"}\n"
        }
    }
}
