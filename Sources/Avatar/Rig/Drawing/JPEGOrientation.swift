/// How a camera was held, from the Exif part of a JPEG file: 1 upright, up to 8.
///
/// Source: JEITA CP-3451, "Exchangeable image file format 2.2", tag 0x0112. Whatever is odd counts as upright.
enum JPEGOrientation {
    /// The orientation that a file notes.
    static func read(_ bytes: [UInt8]) -> Int {
        var position = 2
        while position + 10 < bytes.count, bytes[position] == 0xFF {
            let marker = bytes[position + 1]
            // Padding before a marker (T.81, B.1.1.2).
            if marker == 0xFF {
                position += 1
                continue
            }
            let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
            let isExif = marker == 0xE1 && Array(bytes[position + 4..<position + 8]) == Array("Exif".utf8)
            if isExif {
                return tag(in: bytes, from: position + 10, to: min(position + 2 + length, bytes.count))
            }
            guard marker != 0xDA, length >= 2 else { return 1 }
            position += 2 + length
        }
        return 1
    }

    private static func tag(in bytes: [UInt8], from start: Int, to end: Int) -> Int {
        guard end - start >= 14 else { return 1 }
        let isLittle = bytes[start] == UInt8(ascii: "I")
        func number(_ offset: Int, _ count: Int) -> Int? {
            guard offset >= 0, offset <= end - start - count else { return nil }
            let part = bytes[start + offset..<start + offset + count]
            return (isLittle ? Array(part.reversed()) : Array(part)).reduce(0) { $0 << 8 | Int($1) }
        }
        guard let directory = number(4, 4), let entries = number(directory, 2) else { return 1 }
        for index in 0..<min(entries, 256) {
            let entry = directory + 2 + 12 * index
            guard let name = number(entry, 2) else { return 1 }
            guard name == 0x0112 else { continue }
            return number(entry + 8, 2).flatMap { (1...8).contains($0) ? $0 : nil } ?? 1
        }
        return 1
    }

    /// The picture as it was seen.
    static func upright(_ image: RasterImage, orientation: Int) -> RasterImage {
        guard orientation > 1 else { return image }
        let isTurned = orientation > 4
        let (width, height) = isTurned ? (image.height, image.width) : (image.width, image.height)
        var pixels = [UInt8](repeating: 0, count: image.pixels.count)
        for y in 0..<height {
            for x in 0..<width {
                let (right, bottom) = (image.width - 1, image.height - 1)
                let from: (x: Int, y: Int) =
                    switch orientation {
                    case 2: (right - x, y)
                    case 3: (right - x, bottom - y)
                    case 4: (x, bottom - y)
                    case 5: (y, x)
                    case 6: (y, bottom - x)
                    case 7: (right - y, bottom - x)
                    default: (right - y, x)
                    }
                let source = 4 * (from.y * image.width + from.x)
                let target = 4 * (y * width + x)
                for channel in 0..<4 { pixels[target + channel] = image.pixels[source + channel] }
            }
        }
        return RasterImage(width: width, height: height, pixels: pixels)
    }
}
