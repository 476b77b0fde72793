@testable import Collector
import Testing

@Suite struct SyncArgumentsTests {
    private func parse(
        _ arguments: String...,
        file: [UInt8] = []
    ) throws(CollectorError) -> SyncOptions {
        let request = try SyncArguments.parse(arguments) { (_) throws(CollectorError) in file }
        guard case .sync(let options) = request else { throw .usage("help") }
        return options
    }

    private func refusal(_ arguments: String...) -> String? {
        do throws(CollectorError) {
            _ = try SyncArguments.parse(arguments) { (_) throws(CollectorError) in [] }
            return nil
        } catch {
            return error.exitStatus == 1 ? error.description : "not a usage error"
        }
    }

    @Test func shortOptionsMayBeJoined() throws {
        let options = try parse("-avznP", "gpu:runs/", "runs")
        #expect(options.isRecursive && options.keepsTimes && options.keepsPermissions && options.isDryRun)
        #expect(options.compresses && options.output.showsProgress && options.output.verbosity == 1)
        #expect(options.sources.map(\.description) == ["gpu:runs/"])
        #expect(options.destination.path == "runs")
    }

    @Test func optionsMayStandAnywhereAndEndAtTwoDashes() throws {
        let options = try parse("a", "-r", "--", "-odd", "to")
        #expect(options.sources.map(\.path) == ["a", "-odd"])
    }

    @Test func theOrderOfFiltersCounts() throws {
        let one = try parse("--include=*.pt", "--exclude", "*", "a", "b").rules
        let other = try parse("--exclude", "*", "--include=*.pt", "a", "b").rules
        #expect(one != other)
        #expect(one.rules.map(\.includes) == [true, false])
        let file = try parse("--exclude-from=x", "a", "b", file: Array("; no\n# no\n\n*.tmp\n+ keep\n".utf8))
            .rules
        #expect(file.rules.map(\.includes) == [false, true])
    }

    @Test(arguments: [
        "-u", "-l", "-H", "-e", "-b", "-R", "-p", "--inplace", "--append", "--links", "--perms", "--rsh=ssh",
        "--delete-excluded", "--remove-source-files", "--filter=x", "--update", "--no-such", "-Q",
        "--info=progress2",
    ])
    func whatIsNotSupportedIsRefusedByName(option: String) throws {
        let words = try #require(refusal(option, "a", "b"))
        let name = option.prefix { $0 != "=" }
        #expect(words.hasPrefix("\(name): "))
    }

    @Test(arguments: [
        ["--delete", "a", "b"], ["-r", "--delete", "--files-from=x", "a", "b"], ["a"], ["-a"],
        ["--bwlimit", "x", "a", "b"],
        ["--bwlimit=100b", "a", "b"], ["--timeout=-1", "a", "b"], ["--max-delete=x", "a", "b"],
        ["--exclude="],
        ["--backup-dir=/abs", "a", "b"], ["--backup-dir=../x", "a", "b"], ["--partial-dir=a/b", "a", "b"],
        ["--chmod=q", "a", "b"], ["--out-format=%Z", "a", "b"], ["--archive=1", "a", "b"],
        ["a", "b", "--include"],
        ["-a", "--follow", "--delete", "a", "b"], ["-an", "--follow", "a", "b"], ["sftp://u:p@h/x", "b"],
    ])
    func wrongUsageIsStatus1(arguments: [String]) {
        #expect(throws: CollectorError.self) {
            _ = try SyncArguments.parse(arguments) { (_) throws(CollectorError) in [] }
        }
    }

    @Test func helpIsAskedForByHAlone() throws {
        for arguments in [["-h"], ["--help"], ["-a", "--help"], []] {
            guard
                case .help = try SyncArguments.parse(
                    arguments,
                    readFile: { (_) throws(CollectorError) in [] }
                )
            else {
                Issue.record("\(arguments)")
                continue
            }
        }
        #expect(try parse("-ah", "a", "b").output.usesUnits)
    }

    /// rsync(1), --bwlimit and --max-size.
    @Test(arguments: [
        ("1", 1_024), ("1.5m", 1_572_864), ("2KB", 2_000), ("1000b", 1_000), ("1K+1", 1_025), ("0.5", 512),
        ("1GiB", 1 << 30),
    ])
    func ratesAreReadAsRsyncReadsThem(text: String, bytes: Int) throws {
        #expect(try ByteCount.parseRate(text) == bytes)
    }

    @Test func aRateOfZeroIsNone() throws { #expect(try ByteCount.parseRate("0") == nil) }

    @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1.00K"), (1_234_567, "1.23M")])
    func numbersInUnits(count: Int, text: String) { #expect(ByteCount.text(count, inUnits: true) == text) }

    @Test func numbersInGroups() { #expect(ByteCount.text(1_234_567, inUnits: false) == "1,234,567") }

    /// rsync(1), --chmod; chmod(1).
    @Test(arguments: [
        ("D755,F644", 0o600, false, 0o644), ("D755,F644", 0o600, true, 0o755),
        ("go-rwx", 0o755, false, 0o700),
        ("u=rwX,go=rX", 0o640, false, 0o644), ("a+X", 0o700, false, 0o711), ("a+X", 0o600, false, 0o600),
        ("a+X", 0o600, true, 0o711), ("g=u", 0o640, false, 0o660), ("Fo-r,Do+x", 0o644, false, 0o640),
        ("+w", 0o444, false, 0o644), ("Dg+s", 0o755, true, 0o2755), ("u+s", 0o755, false, 0o4755),
    ])
    func permissionsChangeAsChmodSays(text: String, mode: Int, isFolder: Bool, expected: Int) throws {
        let changes = try PermissionChanges(parsing: text)
        let result = changes.apply(to: UInt32(mode), isFolder: isFolder)
        #expect(String(result, radix: 8) == String(expected, radix: 8))
    }
}
