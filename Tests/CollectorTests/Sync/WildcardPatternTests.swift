@testable import Collector
import Files
import Testing

/// Rows of rsync's own wildtest.txt and of rsync(1), "PATTERN MATCHING RULES".
@Suite struct WildcardPatternTests {
    @Test(arguments: [
        ("foo", "foo"), ("???", "foo"), ("*", "foo"), ("f*", "foo"), ("*foo*", "foo"), ("*ob*a*r*", "foobar"),
        ("*ab", "aaaaaaabababab"), ("foo\\*", "foo*"), ("f\\\\oo", "f\\oo"), ("*[al]?", "ball"),
        ("[ten]", "t"),
        ("**[!te]", "ten"), ("t[a-g]n", "ten"), ("t[!a-g]n", "ton"), ("a[]]b", "a]b"), ("a[]-]b", "a-b"),
        ("a[]a-]b", "aab"), ("]", "]"), ("foo**bar", "foo/baz/bar"),
        ("[[:alpha:]][[:digit:]][[:upper:]]", "a1B"),
        ("[[:xdigit:]]", "f"), ("[a-c]b*", "bb"), ("[^a-c]*", "d"), ("**/b", "a/b"), ("a/**", "a/b/c"),
        ("-*-*-*-*-*-*-12-*-*-*-m-*-*-*", "-adobe-courier-bold-o-normal--12-120-75-75-m-70-iso8859-1"),
        ("[\\]]", "]"), ("[!]a-]", "b"), ("[,-.]", "-"),
    ])
    func fits(pattern: String, text: String) {
        #expect(WildcardPattern(pattern.utf8).matches(text.utf8))
    }

    @Test(arguments: [
        ("bar", "foo"), ("??", "foo"), ("*f", "foo"), ("foo\\*bar", "foobar"), ("[ten]", "ten"),
        ("t[!a-g]n", "ten"),
        ("a[]-]b", "aab"), ("foo*bar", "foo/baz/bar"), ("foo?bar", "foo/bar"), ("foo[/]bar", "foo/bar"),
        ("[[:alpha:]", "a"), ("[[:digit:]]", "a"), ("[a", "a"), ("[[:bogus:]]", "a"), ("*", "a/b"),
        ("[!]a-]", "]"),
        ("-*-*-*-*-*-*-12-*-*-*-m-*-*-*", "-adobe-courier-bold-o-normal--12-120-75-75-X-70-iso8859-1"),
        ("", "a"), ("a", ""), ("[^a-c]*", "bb"),
    ])
    func doesNotFit(pattern: String, text: String) {
        #expect(!WildcardPattern(pattern.utf8).matches(text.utf8))
    }

    @Test func manyStarsDoNotTakeForEver() {
        let pattern = String(repeating: "*a", count: 30) + "b"
        #expect(!WildcardPattern(pattern.utf8).matches(String(repeating: "a", count: 60).utf8))
    }

    /// rsync(1): with "/foo" only the top is meant, with "foo/" folders alone, with "a/b" the end of the path.
    @Test(arguments: [
        ("/foo", "foo", false, true), ("/foo", "d/foo", false, false), ("foo", "d/foo", false, true),
        ("foo/", "foo", false, false), ("foo/", "foo", true, true), ("a/b", "x/a/b", false, true),
        ("a/b", "xa/b", false, false), ("a/*", "x/a/b", false, true), ("a/*", "a/b/c", false, false),
        ("a/**", "x/a/b/c", false, true), ("a/***", "a", true, true), ("a/**", "a", true, false),
        ("**/b", "b", false, true), ("/a/*/c", "a/b/c", false, true), ("/a/*/c", "x/a/b/c", false, false),
    ])
    func patternsAreAnchoredAsTheyAreWritten(pattern: String, name: String, isFolder: Bool, fits: Bool) throws
    {
        var rules = FilterRules()
        try rules.add(pattern, includes: false)
        #expect(try rules.excludes(RelativePath(validating: name), isFolder: isFolder) == fits)
    }

    @Test func theFirstThatFitsDecides() throws {
        var rules = FilterRules()
        try rules.add("*.pt", includes: true)
        try rules.add("- best*", includes: true)
        try rules.add("+ *.txt", includes: false)
        try rules.add("*", includes: false)
        func excludes(_ name: String) throws -> Bool {
            try rules.excludes(RelativePath(validating: name), isFolder: false)
        }
        #expect(try excludes("best.pt") == false)
        #expect(try excludes("best.txt") == true)
        #expect(try excludes("a.txt") == false)
        #expect(try excludes("a.bin") == true)
        var folders = FilterRules()
        try folders.add("tmp/", includes: false)
        #expect(try folders.leavesOut(RelativePath(validating: "a/tmp/b/c")))
        #expect(try !folders.leavesOut(RelativePath(validating: "a/b/tmp")))
        try rules.add("!", includes: true)
        #expect(rules.isEmpty)
    }
}
