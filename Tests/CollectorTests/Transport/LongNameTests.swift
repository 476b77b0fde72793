import Files
import TestSupport
import Testing

@testable import Collector

@Suite struct LongNameTests {
    @Test(
        "a line of ls -l is read",
        arguments: [
            (
                "-rw-r--r--    1 root     root         5120 Nov 25 02:01 metrics.jsonl\n", "metrics.jsonl",
                FileIdentity.Kind.file, 5120, UInt32(0o644)
            ),
            ("drwxr-xr-x 2 1000 1000 4096 Jan  1  2024 a b  c", "a b  c", .directory, 4096, 0o755),
            ("-rwsr-Sr-t+   1 domain users  staff  7 Feb 29 2024  x", " x", .file, 7, 0o7745),
            ("lrwxrwxrwx    1 root root 9 Nov 25 02:01 link -> ../target", "link", .symbolicLink, 9, 0o777),
            ("prw------- 1 0 0 0 Dec 31 23:59 pipe", "pipe", .other, 0, 0o600),
            ("-rw------- 1 u g 1 Mar 3 04:05 1 Apr 5 06:07 x", "1 Apr 5 06:07 x", .file, 1, 0o600),
            ("-rw------- 1 u g 1 Mar 3 04:05 a -> b", "a -> b", .file, 1, 0o600),
            ("-rw------- 1 u g 9223372036854775807 Mar 3 04:05 -rf", "-rf", .file, Int.max, 0o600),
        ]
    )
    func reads(line: String, name: String, kind: FileIdentity.Kind, size: Int, mode: UInt32) {
        let entry = LongName(line.utf8)
        #expect(entry?.name == name)
        #expect(entry?.status == FileStatus(kind: kind, size: size, mode: mode))
    }

    @Test(
        "what is no such line, or could mean two names, is refused",
        arguments: [
            "", "\n", "total 12", "-rw-r--r-- 1 root root 5 Nov 25 02:01 ", "-rw-r--r-- 1 root root 5 Nov 25 02:01",
            "-rw-r--r-- 1 root root -5 Nov 25 02:01 x", "-rw-r--r-- 1 root root 9223372036854775808 Nov 25 02:01 x",
            "?rw-r--r-- 1 root root 5 Nov 25 02:01 x", "-rw-r--r-- 1 root root 5 Nov 32 02:01 x",
            "-rw-r--r-- 1 root root 5 Nov 25 02:01 x\n-rw-r--r-- 1 root root 5 Nov 25 02:01 y\n",
            "lrwxrwxrwx 1 root root 9 Nov 25 02:01 a -> b -> c", "lrwxrwxrwx 1 root root 9 Nov 25 02:01 a",
            "lrwxrwxrwx 1 root root 9 Nov 25 02:01  -> c",
        ]
    )
    func refuses(line: String) { #expect(LongName(line.utf8) == nil) }

    @Test("a name that is not UTF-8 is refused")
    func notUTF8() {
        #expect(LongName(Array("-rw-r--r-- 1 root root 5 Nov 25 02:01 a".utf8) + [0xFF]) == nil)
    }

    @Test("no bytes make it trap")
    func anyBytes() {
        var random = SeededRandom.fresh()
        let pieces = [
            "-rw-r--r--", "lrwxrwxrwx", " ", "  ", "1", "root", "5120", "Nov", "25", "02:01", "2024", "x", "\n", " -> ",
            "é", "\0", "99999999999999999999", "-",
        ]
        for _ in 0..<5000 {
            let line = random.text(0...14, of: pieces)
            if let entry = LongName(line.utf8) {
                #expect(!entry.name.isEmpty && entry.status.size >= 0, "\(line) \(random)")
                #expect(line.utf8.contains(sequence: entry.name.utf8), "\(line) \(random)")
            }
        }
    }
}

extension Collection where Element: Equatable {
    fileprivate func contains(sequence: some Collection<Element>) -> Bool {
        indices.contains { self[$0...].starts(with: sequence) }
    }
}
