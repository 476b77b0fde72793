import CCairo

/// A picture being drawn with cairo, in pixels.
///
/// Used by one thread at a time; it draws into memory that its owner keeps alive.
final class Canvas {
    private let surface: OpaquePointer
    private let context: OpaquePointer
    /// How far a drawn curve may be from the true one, in pixels.
    private static let tolerance = 0.25

    /// Draws into memory of 4 bytes a pixel: blue, green, red, alpha.
    ///
    /// - Parameters:
    ///   - pixels: `4 * width * height` bytes that live as long as the canvas.
    ///   - width: in pixels; rows follow each other without a gap.
    ///   - height: in pixels.
    init(_ pixels: UnsafeMutablePointer<UInt8>, width: Int, height: Int) {
        surface = cairo_image_surface_create_for_data(
            pixels,
            CAIRO_FORMAT_ARGB32,
            Int32(width),
            Int32(height),
            Int32(width * 4)
        )
        context = cairo_create(surface)
        cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
        cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
        cairo_set_tolerance(context, Self.tolerance)
    }

    deinit {
        cairo_destroy(context)
        cairo_surface_flush(surface)
        cairo_surface_destroy(surface)
    }

    func fill(_ outline: Outline, _ paint: Paint) {
        trace(outline)
        setSource(paint)
        cairo_fill(context)
    }

    /// Fills what lies in one form and not in the other.
    func fillDifference(_ outline: Outline, _ other: Outline, _ paint: Paint) {
        trace(outline)
        append(other)
        setSource(paint)
        cairo_set_fill_rule(context, CAIRO_FILL_RULE_EVEN_ODD)
        cairo_fill(context)
        cairo_set_fill_rule(context, CAIRO_FILL_RULE_WINDING)
    }

    func stroke(_ outline: Outline, width: Double, _ color: Color) {
        trace(outline)
        setSource(.solid(color))
        cairo_set_line_width(context, width)
        cairo_stroke(context)
    }

    /// Strokes a line that is soft anyway, so that it may be computed coarsely.
    func strokeCoarsely(_ outline: Outline, width: Double, _ color: Color) {
        cairo_set_tolerance(context, 1)
        cairo_set_antialias(context, CAIRO_ANTIALIAS_FAST)
        stroke(outline, width: width, color)
        cairo_set_antialias(context, CAIRO_ANTIALIAS_DEFAULT)
        cairo_set_tolerance(context, Self.tolerance)
    }

    /// Draws what `body` draws, but only inside of a form.
    ///
    /// `body` draws on a sheet of its own that the form is then cut from: cairo's own clipping would intersect every
    /// path with the form, which takes several times as long.
    func clipped(to outline: Outline, _ body: () -> Void) {
        let box = outline.bounds
        let (left, top) = (box.low.x.rounded(.down) - 1, box.low.y.rounded(.down) - 1)
        cairo_save(context)
        cairo_rectangle(
            context,
            left,
            top,
            (box.high.x - left).rounded(.up) + 1,
            (box.high.y - top).rounded(.up) + 1
        )
        cairo_clip(context)
        cairo_push_group(context)
        body()
        cairo_pop_group_to_source(context)
        trace(outline)
        cairo_fill(context)
        cairo_restore(context)
    }

    /// Fills the whole picture, or what is clipped of it.
    func fillAll(_ paint: Paint) {
        setSource(paint)
        cairo_paint(context)
    }

    /// Puts a finished picture over this one.
    func draw(_ image: RasterImage, at origin: Point = Point(0, 0)) {
        image.withSurface { draw($0, at: origin) }
    }

    /// Puts a part of a larger or smaller picture over this one.
    ///
    /// - Parameters:
    ///   - image: what to draw.
    ///   - origin: the place in it that comes to the top left.
    ///   - scale: pixels here for each pixel there.
    func draw(_ image: RasterImage, from origin: Point, scale: Double) {
        image.withSurface { other in
            cairo_save(context)
            cairo_scale(context, scale, scale)
            cairo_set_source_surface(context, other, -origin.x, -origin.y)
            cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_BEST)
            cairo_pattern_set_extend(cairo_get_source(context), CAIRO_EXTEND_PAD)
            cairo_paint(context)
            cairo_restore(context)
        }
    }

    /// Puts a surface of cairo's over this picture.
    func draw(_ other: OpaquePointer?, at origin: Point = Point(0, 0)) {
        cairo_set_source_surface(context, other, origin.x, origin.y)
        cairo_paint(context)
    }

    private func trace(_ outline: Outline) {
        cairo_new_path(context)
        append(outline)
    }

    private func append(_ outline: Outline) {
        let points = outline.points
        guard let start = points.first else { return }
        cairo_move_to(context, start.x, start.y)
        var index = 1
        while index + 2 < points.count {
            let (first, second, end) = (points[index], points[index + 1], points[index + 2])
            cairo_curve_to(context, first.x, first.y, second.x, second.y, end.x, end.y)
            index += 3
        }
        if outline.isClosed { cairo_close_path(context) }
    }

    private func setSource(_ paint: Paint) {
        switch paint {
        case .solid(let color):
            cairo_set_source_rgba(context, color.red, color.green, color.blue, color.alpha)
        case .linear(let from, let to, let stops):
            setSource(cairo_pattern_create_linear(from.x, from.y, to.x, to.y), stops)
        case .radial(let center, let radius, let stops):
            setSource(cairo_pattern_create_radial(center.x, center.y, 0, center.x, center.y, radius), stops)
        }
    }

    private func setSource(_ pattern: OpaquePointer?, _ stops: [Paint.Stop]) {
        for stop in stops {
            let color = stop.color
            cairo_pattern_add_color_stop_rgba(
                pattern,
                stop.offset,
                color.red,
                color.green,
                color.blue,
                color.alpha
            )
        }
        cairo_set_source(context, pattern)
        cairo_pattern_destroy(pattern)
    }
}
