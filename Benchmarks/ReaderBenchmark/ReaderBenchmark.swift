import RunRecords

/// Reads a log with one and with two readers at once, sums every number and prints the rates.
///
/// `ReaderBenchmark FILE` prints `voxsite THREADS RATE MB/s numbers=… bad=… sum=…` per line, the best of five
/// rounds each; MB are 10^6 bytes.
@main
enum ReaderBenchmark {
    private static let rounds = 5

    static func main() async throws {
        guard CommandLine.arguments.count == 2 else {
            print("usage: ReaderBenchmark FILE")
            return
        }
        let path = CommandLine.arguments[1]
        for readers in 1...2 {
            var best = Result(seconds: .infinity)
            for _ in 0..<rounds {
                let result = try await measure(path, readers)
                if result.seconds < best.seconds { best = result }
            }
            let rate = Int((Double(best.bytes) / 1e6 / best.seconds).rounded())
            print(
                "voxsite \(readers) \(rate) MB/s numbers=\(best.numbers) bad=\(best.badLines) sum=\(best.sum)"
            )
        }
    }

    private struct Result {
        var seconds: Double
        var bytes = 0
        var numbers = 0
        var badLines = 0
        var sum = 0.0
    }

    private static func measure(_ path: String, _ readers: Int) async throws -> Result {
        let clock = ContinuousClock()
        let start = clock.now
        var result = Result(seconds: 0)
        let cursor = try await LogReader(path: path, parallelism: readers).read(from: nil) { segment in
            result.badLines += segment.badLineCount
            for column in segment.columns {
                result.numbers += column.count
                column.forEach { _, value in result.sum += value }
            }
        }
        let duration = clock.now - start
        result.seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        result.bytes = cursor.offset
        return result
    }
}
