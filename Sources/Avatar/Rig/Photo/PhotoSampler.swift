/// Fetches the pixels of a warped photograph: displacements on a coarse grid, samples between four pixels.
struct PhotoSampler {
    private let photo: RasterImage
    private let warp: PhotoWarp
    private let cell: Int
    private let columns: Int
    /// Sources of grid points for the upper lip's side and for the lower lip's, as x and y in turn.
    private var upper: [SIMD2<Float>] = []
    private var lower: [SIMD2<Float>] = []
    /// The unposed places of the grid points.
    private var plain: [SIMD2<Float>] = []

    init(_ photo: RasterImage, _ warp: PhotoWarp, cell: Int) {
        self.photo = photo
        self.warp = warp
        self.cell = cell
        columns = photo.width / cell + 2
        let rows = photo.height / cell + 2
        for row in 0..<rows {
            for column in 0..<columns {
                let point = Point(Double(column * cell), Double(row * cell))
                var still = point
                for _ in 0..<2 { still = point - warp.pose(at: still) }
                plain.append(SIMD2(Float(still.x), Float(still.y)))
                let (above, below) = (
                    warp.source(of: still, lower: false), warp.source(of: still, lower: true)
                )
                upper.append(SIMD2(Float(above.x), Float(above.y)))
                lower.append(SIMD2(Float(below.x), Float(below.y)))
            }
        }
    }

    /// The warped picture, in the layout of ``RasterImage/pixels``.
    func pixels() -> [UInt8] {
        let (width, height) = (photo.width, photo.height)
        let (lids, mouth) = regions()
        return [UInt8](unsafeUninitializedCapacity: 4 * width * height) { output, count in
            count = 4 * width * height
            photo.pixels.withUnsafeBufferPointer { source in
                for y in 0..<height {
                    let row = y / cell
                    let dy = Float(y % cell) / Float(cell)
                    for x in 0..<width {
                        let index = row * columns + x / cell
                        let dx = Float(x % cell) / Float(cell)
                        var from: SIMD2<Float>
                        if y > mouth.high || x < mouth.left || x > mouth.right {
                            from = interpolate(y > mouth.high ? lower : upper, index, dx, dy)
                        } else if y < mouth.low {
                            from = interpolate(upper, index, dx, dy)
                            if lids.contains(y) { from = lidSource(from, interpolate(plain, index, dx, dy)) }
                        } else {
                            let place = interpolate(plain, index, dx, dy)
                            let isLower = warp.isBelowSeam(Point(Double(place.x), Double(place.y)))
                            from = interpolate(isLower ? lower : upper, index, dx, dy)
                        }
                        sample(source, width, height, from, output, 4 * (y * width + x))
                    }
                }
            }
        }
    }

    /// The rows where lids move, and the box in which the seam has to be looked at.
    private func regions() -> (lids: Range<Int>, mouth: (low: Int, high: Int, left: Int, right: Int)) {
        let face = warp.face
        let isBlinking = warp.blink.contains { $0 > 0.01 }
        let top = Int((face.eyes.map(\.browY).min() ?? 0) - 20)
        let bottom = Int((face.eyes.map(\.bottom).max() ?? 0) + 20)
        let half = face.mouthHalfWidth
        let low = Int(face.seamY - half * 0.9)
        return (
            isBlinking ? min(top, bottom)..<bottom : 0..<0,
            (low, Int(face.seamY + warp.gap + half * 0.5), -1, photo.width)
        )
    }

    private func lidSource(_ from: SIMD2<Float>, _ place: SIMD2<Float>) -> SIMD2<Float> {
        let point = Point(Double(place.x), Double(place.y))
        let lid = warp.lidSource(of: point)
        return from + SIMD2(0, Float(lid.y - point.y))
    }

    @inline(__always)
    private func interpolate(_ grid: [SIMD2<Float>], _ index: Int, _ dx: Float, _ dy: Float) -> SIMD2<Float> {
        grid.withUnsafeBufferPointer { grid in
            let top = grid[index] + (grid[index + 1] - grid[index]) * dx
            let under = index + columns
            let bottom = grid[under] + (grid[under + 1] - grid[under]) * dx
            return top + (bottom - top) * dy
        }
    }

    /// Bilinear; beyond the edge the edge's pixels go on.
    @inline(__always)
    private func sample(
        _ source: UnsafeBufferPointer<UInt8>,
        _ width: Int,
        _ height: Int,
        _ from: SIMD2<Float>,
        _ output: UnsafeMutableBufferPointer<UInt8>,
        _ target: Int
    ) {
        let x = min(max(from.x, 0), Float(width - 1) - 0.001)
        let y = min(max(from.y, 0), Float(height - 1) - 0.001)
        let (column, row) = (Int(x), Int(y))
        let (dx, dy) = (x - Float(column), y - Float(row))
        let first = 4 * (row * width + column)
        let second = first + 4 * width
        func pixel(_ index: Int) -> SIMD4<Float> {
            SIMD4(
                Float(source[index]),
                Float(source[index + 1]),
                Float(source[index + 2]),
                Float(source[index + 3])
            )
        }
        let top = pixel(first) + (pixel(first + 4) - pixel(first)) * dx
        let bottom = pixel(second) + (pixel(second + 4) - pixel(second)) * dx
        let value = top + (bottom - top) * dy + 0.5
        output[target] = UInt8(value.x)
        output[target + 1] = UInt8(value.y)
        output[target + 2] = UInt8(value.z)
        output[target + 3] = 255
    }
}
