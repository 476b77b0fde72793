import Testing

@testable import SiteGen

/// RFC 9110 §13, §8.8.3 and §5.6.7.
@Suite struct ConditionalRequestTests {
    private static let modified = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let earlier = "Sun, 06 Nov 1994 08:49:36 GMT"
    private static let later = "Sun, 06 Nov 1994 08:49:38 GMT"
    private static let now = HTTPDate(secondsSince1970: 1_795_490_000)
    private static let validators = ConditionalRequest.Validators(
        entityTag: EntityTag(strong: "abc"),
        lastModified: HTTPDate(secondsSince1970: 784_111_777)
    )

    private static func request(_ fill: (inout ConditionalRequest) -> Void) -> ConditionalRequest {
        var request = ConditionalRequest()
        fill(&request)
        return request
    }

    @Test(arguments: [
        // §13.1.1: strong comparison, lists, *
        (request { $0.ifMatch = "\"abc\"" }, ConditionalRequest.Outcome.proceed),
        (request { $0.ifMatch = "\"x\", \"abc\"" }, .proceed),
        (request { $0.ifMatch = "*" }, .proceed),
        (request { $0.ifMatch = "\"x\"" }, .preconditionFailed),
        (request { $0.ifMatch = "W/\"abc\"" }, .preconditionFailed),
        // §13.1.2: weak comparison, lists, *
        (request { $0.ifNoneMatch = "\"abc\"" }, .notModified),
        (request { $0.ifNoneMatch = "W/\"abc\"" }, .notModified),
        (request { $0.ifNoneMatch = "\"x\" ,, W/\"y\",\"abc\"" }, .notModified),
        (request { $0.ifNoneMatch = "*" }, .notModified),
        (request { $0.ifNoneMatch = "\"x\"" }, .proceed),
        (request { $0.ifNoneMatch = "\"ABC\"" }, .proceed),
        (request { $0.ifNoneMatch = "abc" }, .proceed),
        // §13.1.3: not later than the copy
        (request { $0.ifModifiedSince = modified }, .notModified),
        (request { $0.ifModifiedSince = later }, .notModified),
        (request { $0.ifModifiedSince = earlier }, .proceed),
        (request { $0.ifModifiedSince = "yesterday" }, .proceed),
        // §13.1.4
        (request { $0.ifUnmodifiedSince = modified }, .proceed),
        (request { $0.ifUnmodifiedSince = earlier }, .preconditionFailed),
        (request { $0.ifUnmodifiedSince = "yesterday" }, .proceed),
        // §13.2.2: precedence
        (
            request {
                $0.ifMatch = "\"abc\""
                $0.ifUnmodifiedSince = earlier
            }, .proceed
        ),
        (
            request {
                $0.ifNoneMatch = "\"x\""
                $0.ifModifiedSince = later
            }, .proceed
        ),
        (
            request {
                $0.ifMatch = "\"x\""
                $0.ifNoneMatch = "\"abc\""
            }, .preconditionFailed
        ),
        (
            request {
                $0.ifMatch = "\"abc\""
                $0.ifNoneMatch = "\"abc\""
            }, .notModified
        ),
    ])
    func `preconditions are evaluated in order`(
        request: ConditionalRequest,
        outcome: ConditionalRequest.Outcome
    ) {
        #expect(request.outcome(for: Self.validators, now: Self.now) == outcome)
    }

    /// §13.1.5.
    @Test(arguments: [
        ("\"abc\"", true), ("W/\"abc\"", false), ("\"x\"", false), ("\"abc\", \"abc\"", false), ("*", false),
        (modified, true), (earlier, false), (later, false), ("", false),
    ])
    func `a range is honoured only for the very same version`(header: String, isPermitted: Bool) {
        let request = Self.request { $0.ifRange = header }
        #expect(request.permitsRange(of: Self.validators, now: Self.now) == isPermitted)
    }

    /// §8.8.2.2: within its second a date cannot tell versions apart.
    @Test func `a modification time of this second is too weak for a range`() {
        let request = Self.request { $0.ifRange = Self.modified }
        let now = HTTPDate(secondsSince1970: 784_111_777)
        #expect(!request.permitsRange(of: Self.validators, now: now))
    }

    /// §5.6.7: the three forms of one moment.
    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ])
    func `all three forms of a date are read`(text: String) {
        #expect(HTTPDate(text, now: Self.now)?.secondsSince1970 == 784_111_777)
    }

    @Test func `a two-digit year lies at most fifty years ahead`() {
        let ahead = HTTPDate("Friday, 06-Nov-76 00:00:00 GMT", now: Self.now)
        #expect(ahead?.fixdate == "Fri, 06 Nov 2076 00:00:00 GMT")
        let behind = HTTPDate("Saturday, 06-Nov-77 00:00:00 GMT", now: Self.now)
        #expect(behind?.fixdate == "Sun, 06 Nov 1977 00:00:00 GMT")
    }

    @Test(arguments: [
        "", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 PST",
        "Sun, 00 Nov 1994 08:49:37 GMT", "06 Nov 1994 08:49:37 GMT", "Sun, 06 Noo 1994 08:49:37 GMT",
        "Sun, 06 Nov 19949 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, ０6 Nov 1994 08:49:37 GMT",
    ])
    func `what is not a date is not read as one`(text: String) {
        #expect(HTTPDate(text, now: Self.now) == nil)
    }

    @Test func `writing and reading a date are inverse`() {
        var random = Seeded(seed: 3)
        for _ in 0..<5_000 {
            let date = HTTPDate(
                secondsSince1970: Int.random(in: -2_000_000_000...20_000_000_000, using: &random)
            )
            #expect(HTTPDate(date.fixdate, now: Self.now) == date, "\(date.fixdate)")
        }
        #expect(HTTPDate(secondsSince1970: 0).fixdate == "Thu, 01 Jan 1970 00:00:00 GMT")
    }

    /// §8.8.3: commas and weak-looking text may stand between the quotes.
    @Test func `lists of tags are split outside the quotes only`() {
        let tags = EntityTag.list("\"a,b\" , W/\"W/c\",\"\"")
        #expect(tags.map(\.text) == ["\"a,b\"", "W/\"W/c\"", "\"\""])
        #expect(EntityTag.list("\"open").isEmpty)
        #expect(EntityTag.list("w/\"a\"").isEmpty)
        #expect(EntityTag.list("\"a\"\"b\"").isEmpty)
    }

    /// §12.5.3, §12.4.2.
    @Test(arguments: [
        ("gzip", true), ("GZIP;q=0.5", true), ("deflate, gzip;q=1.0, *;q=0.5", true), ("*", true),
        ("x-gzip", true), ("br, *;q=0.1", true),
        ("gzip;q=0", false), ("gzip; q=0.000", false), ("identity", false), ("", false), ("br", false),
        ("*;q=0", false), ("gzip;q=0, *", false), ("gzip;q=0.5, identity", false), ("gzip;q=x", false),
        ("gzip;q=2", false), ("gzipped", false),
    ])
    func `gzip is sent where it is wanted`(header: String, isAllowed: Bool) {
        #expect(ContentCoding.allowsGzip(header) == isAllowed)
        #expect(!ContentCoding.allowsGzip(nil))
    }
}
