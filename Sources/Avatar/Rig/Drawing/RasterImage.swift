import CCairo
import Files

/// A picture in memory: rows from the top, 4 bytes a pixel in the order blue, green, red, alpha.
public struct RasterImage: Sendable, Equatable {
    /// In pixels.
    public let width: Int
    /// In pixels.
    public let height: Int
    /// Shape `[height, width, 4]`; colours are multiplied by alpha.
    public var pixels: [UInt8]

    /// A picture drawn from nothing.
    init(width: Int, height: Int, _ draw: (Canvas) -> Void) {
        self.width = width
        self.height = height
        pixels = [UInt8](repeating: 0, count: 4 * width * height)
        self.draw(draw)
    }

    /// Draws over the picture.
    mutating func draw(_ body: (Canvas) -> Void) {
        let (width, height) = (width, height)
        pixels.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            body(Canvas(base, width: width, height: height))
        }
    }

    init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(pixels.count == 4 * width * height, "4 bytes a pixel")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// The picture as a PNG file.
    ///
    /// - Returns: the bytes of the file.
    public func png() -> [UInt8] {
        var bytes: [UInt8] = []
        withUnsafeMutablePointer(to: &bytes) { target in
            withSurface { surface in
                _ = cairo_surface_write_to_png_stream(
                    surface,
                    { closure, data, length in
                        guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
                        closure.assumingMemoryBound(to: [UInt8].self).pointee
                            .append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
                        return CAIRO_STATUS_SUCCESS
                    },
                    target
                )
            }
        }
        return bytes
    }

    /// Writes the picture as a PNG file; a reader sees the old file or the new.
    ///
    /// - Parameter path: the file; its folder must exist.
    /// - Throws: ``AvatarError/file(_:)``.
    public func writePNG(to path: String) throws(AvatarError) {
        do {
            try AtomicFile.write(png(), to: path, synchronizing: false)
        } catch {
            throw .file(error)
        }
    }

    /// Lends the pixels to cairo for reading.
    func withSurface(_ body: (OpaquePointer?) -> Void) {
        pixels.withUnsafeBufferPointer { buffer in
            let surface = cairo_image_surface_create_for_data(
                UnsafeMutablePointer(mutating: buffer.baseAddress),
                CAIRO_FORMAT_ARGB32,
                Int32(width),
                Int32(height),
                Int32(width * 4)
            )
            body(surface)
            cairo_surface_destroy(surface)
        }
    }
}
