import HTTPTypes

/// The preconditions of a GET or HEAD request, and what becomes of it.
///
/// Source: RFC 9110 §13.
struct ConditionalRequest: Sendable, Equatable {
    var ifMatch: String?
    var ifNoneMatch: String?
    var ifModifiedSince: String?
    var ifUnmodifiedSince: String?
    var ifRange: String?

    /// What the request is to be answered with.
    enum Outcome: Sendable, Equatable {
        /// As if it had no preconditions.
        case proceed
        /// 304: the client's copy is good.
        case notModified
        /// 412: what the client insisted on is not the case.
        case preconditionFailed
    }

    /// What distinguishes the selected representation from others and from its earlier self.
    struct Validators: Sendable, Equatable {
        let entityTag: EntityTag
        /// Absent for a page that is made while it is sent.
        let lastModified: HTTPDate?
    }

    init() {}

    init(_ fields: HTTPFields) {
        ifMatch = fields[.ifMatch]
        ifNoneMatch = fields[.ifNoneMatch]
        ifModifiedSince = fields[.ifModifiedSince]
        ifUnmodifiedSince = fields[.ifUnmodifiedSince]
        ifRange = fields[.ifRange]
    }

    /// Evaluates the preconditions in the order of §13.2.2, steps 1 to 4.
    ///
    /// A date that is not one is ignored (§13.1.3, §13.1.4), and so is a date beside the tag it would stand
    /// in for.
    ///
    /// - Parameters:
    ///   - validators: of the representation that would be sent.
    ///   - now: for two-digit years.
    /// - Returns: the status the request leads to.
    func outcome(for validators: Validators, now: HTTPDate) -> Outcome {
        if let ifMatch {  // §13.1.1
            let matches =
                Self.isAny(ifMatch)
                || EntityTag.list(ifMatch).contains { $0.matchesStrongly(validators.entityTag) }
            if !matches { return .preconditionFailed }
        } else if let ifUnmodifiedSince, let lastModified = validators.lastModified,
            let limit = HTTPDate(ifUnmodifiedSince, now: now), lastModified > limit  // §13.1.4
        {
            return .preconditionFailed
        }
        if let ifNoneMatch {  // §13.1.2
            let matches =
                Self.isAny(ifNoneMatch)
                || EntityTag.list(ifNoneMatch).contains { $0.matchesWeakly(validators.entityTag) }
            return matches ? .notModified : .proceed
        }
        if let ifModifiedSince, let lastModified = validators.lastModified,
            let limit = HTTPDate(ifModifiedSince, now: now), lastModified <= limit  // §13.1.3
        {
            return .notModified
        }
        return .proceed
    }

    /// Whether a `Range` may be honoured: §13.1.5.
    ///
    /// Parts of different versions must never be glued together, so a tag is compared strongly, and a date
    /// counts only where it is exactly the modification time and that time is a strong validator (§8.8.2.2:
    /// at least a second in the past).
    ///
    /// - Parameters:
    ///   - validators: of the representation that would be sent.
    ///   - now: the time of the answer.
    /// - Returns: whether the client's part is of this very version.
    func permitsRange(of validators: Validators, now: HTTPDate) -> Bool {
        guard let ifRange else { return true }
        if let tag = EntityTag(exactly: ifRange) { return tag.matchesStrongly(validators.entityTag) }
        guard let date = HTTPDate(ifRange, now: now), let lastModified = validators.lastModified else {
            return false
        }
        return date == lastModified && lastModified.secondsSince1970 < now.secondsSince1970
    }

    private static func isAny(_ text: String) -> Bool { text.utf8.elementsEqual("*".utf8) }
}
