import Files
import Glibc

extension RasterImage {
    /// A longer file is no picture that is read, in bytes: 64 MiB.
    public static let longestFile = 1 << 26

    /// Reads a picture: PNG or JPEG by its first bytes, since many a PNG is called `.jpg`.
    ///
    /// - Parameter path: ends in `.png`, `.jpg` or `.jpeg`.
    /// - Throws: ``AvatarError``.
    public init(contentsOf path: String) throws(AvatarError) {
        guard PhotoRig.stem(ofImage: path) != nil else {
            throw .picture(path: path, reason: "its name ends in neither .png nor .jpg")
        }
        let bytes = try Self.bytes(of: path)
        let limit = PictureHeader.largestPixelCount
        switch try PictureHeader(bytes, path: path, limitPixelCount: limit).format {
        case .png: try self.init(png: bytes, path: path, limitPixelCount: limit)
        case .jpeg: try self.init(jpeg: bytes, path: path, limitPixelCount: limit)
        }
    }

    /// Refuses a file that is no whole picture, as far as its head and its length show: nothing is decoded.
    ///
    /// - Parameter path: the picture.
    /// - Throws: ``AvatarError/picture(path:reason:)``, ``AvatarError/file(_:)``.
    static func check(_ path: String) throws(AvatarError) {
        let file = try open(path)
        _ = try PictureHeader(path: path) { (offset, count) throws(AvatarError) in
            var problem: FilesError?
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
                do throws(FilesError) {
                    done = try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
                } catch {
                    problem = error
                    done = 0
                }
            }
            if let problem { throw .file(problem) }
            return bytes
        }
    }

    /// A picture's file; a pipe or device is refused, never waited for.
    static func bytes(of path: String) throws(AvatarError) -> [UInt8] {
        do { return try OpenFile.reading(path).readAll(limit: longestFile) } catch {
            throw refusal(error, path)
        }
    }

    private static func open(_ path: String) throws(AvatarError) -> OpenFile {
        do throws(FilesError) {
            let file = try OpenFile.reading(path)
            if try file.identity().size > longestFile {
                throw FilesError.system(operation: "read", path: path, code: EFBIG)
            }
            return file
        } catch {
            throw refusal(error, path)
        }
    }

    private static func refusal(_ error: FilesError, _ path: String) -> AvatarError {
        switch error.code {
        case ENXIO: .picture(path: path, reason: "it is a pipe, a socket or a device")
        case EFBIG: .picture(path: path, reason: "it is larger than 64 MiB; make it smaller")
        default: .file(error)
        }
    }
}
