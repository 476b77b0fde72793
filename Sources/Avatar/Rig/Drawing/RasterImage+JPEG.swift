import CTurboJPEG

extension RasterImage {
    /// Reads a JPEG file, upright as the camera was held.
    ///
    /// - Parameters:
    ///   - path: the file, of at most ``longestFile`` bytes.
    ///   - limitPixelCount: a larger picture is refused before it is decoded.
    /// - Throws: ``AvatarError/picture(path:reason:)``, ``AvatarError/file(_:)``.
    public init(jpeg path: String, limitPixelCount: Int = 1 << 26) throws(AvatarError) {
        try self.init(jpeg: try Self.bytes(of: path), path: path, limitPixelCount: limitPixelCount)
    }

    /// Decodes a JPEG file in memory.
    init(jpeg bytes: [UInt8], path: String, limitPixelCount: Int) throws(AvatarError) {
        let header = try PictureHeader(bytes, path: path, limitPixelCount: limitPixelCount)
        guard header.format == .jpeg else { throw .picture(path: path, reason: "it is no JPEG but a PNG") }
        guard let decoder = tjInitDecompress() else { throw .picture(path: path, reason: "no memory") }
        defer { tjDestroy(decoder) }
        func failure() -> AvatarError {
            .picture(path: path, reason: String(cString: tjGetErrorStr2(decoder)))
        }
        var (width, height, sampling, colors): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
        let status = tjDecompressHeader3(
            decoder,
            bytes,
            UInt(bytes.count),
            &width,
            &height,
            &sampling,
            &colors
        )
        guard status == 0 else { throw failure() }
        guard width == header.width, height == header.height else {
            throw .picture(path: path, reason: "it is damaged; copy it again from where it came from")
        }
        var pixels = [UInt8](repeating: 0, count: 4 * Int(width) * Int(height))
        let decoded = tjDecompress2(
            decoder,
            bytes,
            UInt(bytes.count),
            &pixels,
            width,
            0,
            height,
            Int32(TJPF_BGRA.rawValue),
            0
        )
        if decoded != 0 {
            // The decoder fills what is missing of a file that is cut off with grey, and only warns. Other warnings,
            // of stray bytes and the like, come of pictures that look right.
            guard !String(cString: tjGetErrorStr2(decoder)).contains("Premature end of JPEG file") else {
                throw .picture(path: path, reason: PictureHeader.cutOff)
            }
            guard tjGetErrorCode(decoder) == Int32(TJERR_WARNING.rawValue) else { throw failure() }
        }
        let stored = RasterImage(width: Int(width), height: Int(height), pixels: pixels)
        self = JPEGOrientation.upright(stored, orientation: JPEGOrientation.read(bytes))
    }
}
