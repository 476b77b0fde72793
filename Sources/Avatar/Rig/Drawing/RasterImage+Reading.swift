import Files
import Glibc

extension RasterImage {
    /// A longer file is no picture that is read, in bytes: 64 MiB.
    public static let longestFile = 1 << 26

    /// Reads a picture by the ending of its name.
    ///
    /// - Parameter path: ends in `.png`, `.jpg` or `.jpeg`.
    /// - Throws: ``AvatarError``.
    public init(contentsOf path: String) throws(AvatarError) {
        switch path.split(separator: ".").last.map({ $0.lowercased() }) {
        case "png": try self.init(png: path)
        case "jpg", "jpeg": try self.init(jpeg: path)
        default: throw .picture(path: path, reason: "its name ends in neither .png nor .jpg")
        }
    }

    /// A picture's file; a pipe or device is refused, never waited for.
    static func bytes(of path: String) throws(AvatarError) -> [UInt8] {
        do {
            return try OpenFile.reading(path).readAll(limit: longestFile)
        } catch {
            switch error.code {
            case ENXIO: throw .picture(path: path, reason: "it is a pipe, a socket or a device")
            case EFBIG: throw .picture(path: path, reason: "it is larger than 64 MiB; make it smaller")
            default: throw .file(error)
            }
        }
    }
}
