/// Where things are on the pages, as CSS selectors and JavaScript expressions.
enum Page {
    /// The run page's chart that has a series.
    static func chart(_ series: String) -> String { "figure.chart:has(li[data-series=\"\(series)\"])" }
    static func plot(_ series: String) -> String { chart(series) + " svg.plot" }
    static func legend(_ series: String) -> String { "figure.chart li[data-series=\"\(series)\"]" }

    static func element(_ selector: String) -> String { "document.querySelector(\(quoted(selector)))" }

    /// The number that a series' legend shows.
    static func shownValue(_ series: String) -> String {
        "parseFloat(\(element(legend(series) + " output")).textContent)"
    }

    /// The path data of a series' line.
    static func line(_ series: String, _ kind: String = "raw") -> String {
        "\(element("g.series[data-series=\"\(series)\"] path.\(kind)")).getAttribute('d')"
    }

    /// The texts of the labels below or left of a series' chart.
    static func labels(_ series: String, axis: String) -> String {
        "[...document.querySelectorAll(\(quoted(chart(series) + " svg.axis-\(axis) text")))].map(t => t.textContent)"
    }

    static let readouts =
        "[...document.querySelectorAll('figure.chart output.readout')].filter(r => r.style.display !== 'none').map(r => r.textContent)"
    static let chartCount = "document.querySelectorAll('figure.chart').length"
    static let isZoomed =
        "[...document.querySelectorAll('figure.chart')].every(f => f.classList.contains('zoomed'))"
    /// The script has taken the page over.
    static let isReady = "\(element("figure.chart svg.plot")).getAttribute('tabindex') === '0'"
}

extension Browser {
    /// Opens a page and waits until its script has started.
    func openReady(_ url: String) async throws {
        try await open(url)
        try await wait(for: "the page's script", until: Page.isReady)
    }

    /// The numbers on an axis of a series' chart: `1.2k` is 1200.
    func axisNumbers(_ series: String, _ axis: String) async throws -> [Double] {
        let texts = try await value(Page.labels(series, axis: axis), as: [String].self)
        return texts.compactMap { text in
            let unit = text.last == "k" ? 1000.0 : text.last == "M" ? 1e6 : 1
            return Double(unit == 1 ? text : String(text.dropLast())).map { $0 * unit }
        }
    }
}
