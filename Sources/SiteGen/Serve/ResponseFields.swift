import HTTPTypes

extension HTTPField.Name {
    static let referrerPolicy = known("Referrer-Policy")
    static let crossOriginOpenerPolicy = known("Cross-Origin-Opener-Policy")
    static let permissionsPolicy = known("Permissions-Policy")
    static let accelBuffering = known("X-Accel-Buffering")
    static let lastEventID = known("Last-Event-ID")

    private static func known(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else {
            preconditionFailure("\(name) is not the name of a field")
        }
        return field
    }
}

/// The header fields that answers have in common.
enum ResponseFields {
    /// What every answer carries, whatever it is.
    ///
    /// - The content policy lets a page load only what its own server sends: no inline script or style, no
    ///   frame, no plug-in, no other host. `data:` pictures are for icons inside the style sheet.
    /// - No answer is ever taken for another type than it says, embedded elsewhere, or read by another origin.
    /// - No page learns from a `Referer` which run was looked at.
    static let security: HTTPFields = [
        .contentSecurityPolicy: [
            "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
            "media-src 'self'", "font-src 'self'", "connect-src 'self'", "manifest-src 'self'",
            "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
        ].joined(separator: "; "),
        .xContentTypeOptions: "nosniff",
        .referrerPolicy: "no-referrer",
        .crossOriginOpenerPolicy: "same-origin",
        .crossOriginResourcePolicy: "same-origin",
        .permissionsPolicy: "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ]

    /// The fields of a short answer of the server's own, never to be kept by anyone.
    static func unstored(_ type: String) -> HTTPFields {
        var fields = security
        fields[.contentType] = type
        fields[.cacheControl] = "no-store"
        return fields
    }

    /// The fields of a file of the site.
    ///
    /// - Parameters:
    ///   - type: its `Content-Type`.
    ///   - validators: its entity tag and modification time.
    ///   - policy: how long clients may use their copies.
    /// - Returns: the header of a 200, but for its length.
    static func file(
        type: String,
        validators: ConditionalRequest.Validators,
        policy: ServerConfiguration.CacheControl
    ) -> HTTPFields {
        var fields = security
        fields[.contentType] = type
        fields[.eTag] = validators.entityTag.text
        if let lastModified = validators.lastModified { fields[.lastModified] = lastModified.fixdate }
        fields[.acceptRanges] = "bytes"
        let isChecked =
            type.hasPrefix("text/html") || type.hasPrefix("application/json") || type.hasPrefix("text/csv")
        fields[.cacheControl] =
            switch policy {
            case .watch: "no-cache"
            case .static: isChecked ? "no-cache" : "max-age=300"
            }
        if MediaTypes.isCompressible(type) { fields[.vary] = "Accept-Encoding" }
        return fields
    }
}
