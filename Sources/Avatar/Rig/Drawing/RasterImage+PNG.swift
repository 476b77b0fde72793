import CCairo

extension RasterImage {
    /// Reads a PNG file.
    ///
    /// - Parameters:
    ///   - path: the file, of at most ``longestFile`` bytes.
    ///   - limitPixelCount: a larger picture is refused.
    /// - Throws: ``AvatarError/picture(path:reason:)``, ``AvatarError/file(_:)``.
    public init(png path: String, limitPixelCount: Int = 1 << 26) throws(AvatarError) {
        try self.init(png: try Self.bytes(of: path), path: path, limitPixelCount: limitPixelCount)
    }

    /// Decodes a PNG file in memory: cairo would open a path itself, and wait for ever where a pipe stands.
    init(png bytes: [UInt8], path: String, limitPixelCount: Int) throws(AvatarError) {
        let header = try PictureHeader(bytes, path: path, limitPixelCount: limitPixelCount)
        guard header.format == .png else { throw .picture(path: path, reason: "it is no PNG but a JPEG") }
        var source = PNGSource(rest: bytes[...])
        let decoded = withUnsafeMutablePointer(to: &source) { source in
            cairo_image_surface_create_from_png_stream(
                { closure, target, length in
                    guard let closure, let target else { return CAIRO_STATUS_READ_ERROR }
                    return closure.assumingMemoryBound(to: PNGSource.self).pointee.read(
                        UnsafeMutableBufferPointer(start: target, count: Int(length))
                    )
                },
                source
            )
        }
        guard let surface = decoded else { throw .picture(path: path, reason: "no memory") }
        defer { cairo_surface_destroy(surface) }
        let status = cairo_surface_status(surface)
        guard status == CAIRO_STATUS_SUCCESS else {
            // What libpng complains of is "out of memory" to cairo, or an error of the input at its end.
            throw .picture(path: path, reason: "it is damaged; copy it again from where it came from")
        }
        let width = Int(cairo_image_surface_get_width(surface))
        let height = Int(cairo_image_surface_get_height(surface))
        guard width == header.width, height == header.height else {
            throw .picture(path: path, reason: "it is damaged; copy it again from where it came from")
        }
        self.init(width: width, height: height) { $0.draw(surface) }
    }
}

/// The bytes that cairo has not asked for yet.
private struct PNGSource {
    var rest: ArraySlice<UInt8>

    mutating func read(_ target: UnsafeMutableBufferPointer<UInt8>) -> cairo_status_t {
        guard rest.count >= target.count else { return CAIRO_STATUS_READ_ERROR }
        _ = target.update(fromContentsOf: rest.prefix(target.count))
        rest = rest.dropFirst(target.count)
        return CAIRO_STATUS_SUCCESS
    }
}
