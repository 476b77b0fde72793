import Synchronization
import Testing

@testable import TensorCore

private final class Counter: Sendable {
    private let value = Atomic(0)
    func add() { value.add(1, ordering: .relaxed) }
    var count: Int { value.load(ordering: .relaxed) }
}

@Suite struct ThreadPoolTests {
    @Test(arguments: [0, 1, 2, 7, 1000])
    func everyIndexRunsOnce(_ count: Int) {
        let seen = Mutex([Int](repeating: 0, count: count))
        ThreadPool.run(count) { index in seen.withLock { $0[index] += 1 } }
        #expect(seen.withLock { $0 }.allSatisfy { $0 == 1 })
    }

    @Test func tasksMayStartTasks() {
        let total = Counter()
        ThreadPool.run(8) { _ in ThreadPool.run(8) { _ in total.add() } }
        #expect(total.count == 64)
    }

    @Test func manyCallersShareTheThreads() async {
        let total = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<200 { ThreadPool.run(5) { _ in total.add() } }
                }
            }
        }
        #expect(total.count == 8000)
    }

    @Test func rangesCoverEverythingOnce() {
        let seen = Mutex([Int](repeating: 0, count: 1003))
        ThreadPool.ranges(1003, grain: 10) { range in seen.withLock { for index in range { $0[index] += 1 } }
        }
        #expect(seen.withLock { $0 }.allSatisfy { $0 == 1 })
    }

    @Test func whatIsKeptIsBoundedHoweverSizesChange() throws {
        let pool = MemoryPool()
        for step in 1...200 {
            let block = try pool.allocate(step << 20)
            pool.give(back: block, step << 20)
            let usage = pool.usage
            // One more block than the bound: it comes back after the look.
            #expect(
                usage.kept <= MemoryPool.smallestReserve + usage.peak / 2
                    + MemoryPool.blockSize(for: step << 20)
            )
            #expect(usage.live == 0)
        }
        pool.trim()
        #expect(pool.usage.kept == 0)
    }

    @Test func aBlockComesBackForTheNextOfItsSize() throws {
        let pool = MemoryPool()
        let first = try pool.allocate(100_000)
        pool.give(back: first, 100_000)
        let second = try pool.allocate(99_999)
        #expect(first == second)
        pool.give(back: second, 99_999)
        pool.trim()
    }

    @Test func tooMuchMemoryIsAnError() {
        #expect(throws: TensorError.outOfMemory(byteCount: 1 << 55)) { try MemoryPool().allocate(1 << 55) }
    }

    @Test func blocksWasteAnEighthAtMost() {
        for count in [1, 256, 257, 1000, 4096, 1_000_001, 1 << 30] {
            let size = MemoryPool.blockSize(for: count)
            #expect(size >= count && size % 64 == 0)
            #expect(count < 512 || Double(size) <= Double(count) * 1.126)
        }
    }
}
