internal import ModelCore

/// A figure as gnuplot's commands, data included.
///
/// Positions, ranges, ticks and colours are all computed here, so that the picture does not
/// depend on gnuplot's automatic choices.
struct PlotScript {
  static let width = 760
  private static let headHeight = 64
  private static let panelHeight = 300
  /// Between a panel's axes and its neighbours or the edge: room for ticks, label and legend.
  private static let above = 40
  private static let below = 62
  private static let leftEdge = 86.0
  private static let rightEdge = 26.0

  /// Distinguishable with any of the usual colour deficiencies (after Paul Tol's "muted" set).
  private static let palette = [
    "#3b6ea5", "#c4605a", "#2f7d4f", "#d19a2a", "#7b3f74", "#3f9e96", "#8a8a33", "#7fb2d9",
    "#a8557d", "#5b5b5b",
  ]
  private static let ink = "#333333"
  private static let quiet = "#6b6b6b"
  private static let grid = "#e4e4e4"

  let plot: Plot
  private let scales: [(x: PlotScale, y: PlotScale)]

  /// - Throws: `PlotError.nothingToDraw` when a panel has no point.
  init(_ plot: Plot) throws(PlotError) {
    self.plot = plot
    guard !plot.panels.isEmpty else { throw .nothingToDraw(plot.title) }
    var scales: [(PlotScale, PlotScale)] = []
    for panel in plot.panels {
      var (xs, ys) = (panel.xValues, panel.yValues)
      guard !xs.isEmpty, !ys.isEmpty else { throw .nothingToDraw(panel.y.label) }
      for line in panel.references {
        switch line.position {
        case .x(let value): if panel.x.shows(value) { xs.append(value) }
        case .y(let value): if panel.y.shows(value) { ys.append(value) }
        }
      }
      scales.append(
        (
          PlotScale(panel.x, values: xs, includesZero: false),
          PlotScale(panel.y, values: ys, includesZero: true)
        ))
    }
    self.scales = scales
  }

  private var height: Int {
    Self.headHeight + plot.panels.count * (Self.above + Self.panelHeight + Self.below)
  }

  var text: String {
    var lines = [
      "set encoding utf8",
      "set terminal svg size \(Self.width),\(height) dynamic noenhanced background '#ffffff' "
        + "font 'sans-serif,13' linewidth 1 dashlength 0.6",
      "set datafile missing '?'",
      "set style fill transparent solid 0.18 noborder",
      "set multiplot",
    ]
    for (index, panel) in plot.panels.enumerated() {
      lines += data(of: panel, index)
    }
    for (index, panel) in plot.panels.enumerated() {
      lines += commands(of: panel, index)
    }
    lines.append("unset multiplot")
    return lines.joined(separator: "\n") + "\n"
  }

  private func data(of panel: Plot.Panel, _ index: Int) -> [String] {
    panel.series.enumerated().flatMap { (position, series) -> [String] in
      var rows = ["$d\(index)_\(position) << EOD"]
      for point in panel.drawn(series) {
        // An empty line breaks the curve.
        rows.append(point.map { $0.map(shortestDecimal).joined(separator: " ") } ?? "")
      }
      rows.append("EOD")
      return rows
    }
  }

  private func commands(of panel: Plot.Panel, _ index: Int) -> [String] {
    let (x, y) = scales[index]
    let top = Self.headHeight + index * (Self.above + Self.panelHeight + Self.below) + Self.above
    let heights = Double(height)
    func screen(_ pixels: Double) -> String { shortestDecimal((pixels * 1e6).rounded() / 1e6) }
    var lines = [
      "unset title", "unset label",
      "set lmargin at screen \(screen(Self.leftEdge / Double(Self.width)))",
      "set rmargin at screen \(screen(1 - Self.rightEdge / Double(Self.width)))",
      "set tmargin at screen \(screen(1 - Double(top) / heights))",
      "set bmargin at screen \(screen(1 - Double(top + Self.panelHeight) / heights))",
    ]
    if index == 0 { lines += heading(heights) }
    lines += [
      "set border 1 linecolor rgb '#9a9a9a' linewidth 1",
      "set grid xtics ytics linetype 1 linecolor rgb '\(Self.grid)' linewidth 1, "
        + "linetype 1 linecolor rgb '\(Self.grid)' linewidth 1 back",
      "unset logscale", "unset arrow",
      "set tics nomirror textcolor rgb '\(Self.ink)' font ',12'",
      "set xtics scale 0.5 (\(ticks(x)))",
      "set ytics scale 0 (\(ticks(y)))",
      "set xlabel \(quoted(x.label)) textcolor rgb '\(Self.ink)' font ',13' offset 0,0.2",
      "set ylabel \(quoted(y.label)) textcolor rgb '\(Self.ink)' font ',13'",
      "set xrange [\(shortestDecimal(x.lower)):\(shortestDecimal(x.upper))] noextend",
      "set yrange [\(shortestDecimal(y.lower)):\(shortestDecimal(y.upper))] noextend",
    ]
    if x.isLogarithmic { lines.append("set logscale x") }
    if y.isLogarithmic { lines.append("set logscale y") }
    let named = panel.series.count + panel.references.count
    lines.append(
      named > 1
        ? "set key at graph 0,1.03 left bottom horizontal Left reverse samplen 1.8 width 1 "
          + "textcolor rgb '\(Self.ink)' font ',12' maxrows 2" : "unset key")
    let items = references(panel, x, y) + panel.series.enumerated().map { item($1, $0, index) }
    lines.append("plot " + items.joined(separator: ", \\\n  "))
    return lines
  }

  private func heading(_ height: Double) -> [String] {
    func label(_ number: Int, _ text: String, _ pixels: Double, _ style: String) -> String {
      let y = ((1 - pixels / height) * 1e6).rounded() / 1e6
      return
        "set label \(number) \(quoted(text)) at screen 0.02,\(shortestDecimal(y)) left \(style)"
    }
    var lines = [label(1, plot.title, 26, "font ',17' textcolor rgb '\(Self.ink)'")]
    if let subtitle = plot.subtitle {
      lines.append(label(2, subtitle, 50, "font ',12' textcolor rgb '\(Self.quiet)'"))
    }
    return lines
  }

  private func ticks(_ scale: PlotScale) -> String {
    scale.ticks.map { "\(quoted($0.label)) \(shortestDecimal($0.value))" }.joined(separator: ", ")
  }

  private func item(_ series: Plot.Series, _ position: Int, _ panel: Int) -> String {
    let place = series.colour ?? position
    let colour = Self.palette[place % Self.palette.count]
    // Beyond the palette colours come again, with another dash.
    let dash = 1 + place / Self.palette.count % 4
    let style =
      switch series.style {
      case .line: "with lines linewidth 2 dashtype \(dash) linecolor rgb '\(colour)'"
      case .steps: "with steps linewidth 2 dashtype \(dash) linecolor rgb '\(colour)'"
      case .points: "with points pointtype 7 pointsize 0.45 linecolor rgb '\(colour)'"
      case .band: "with filledcurves linecolor rgb '\(colour)'"
      }
    let columns = series.style == .band ? "1:2:3" : "1:2"
    let title = series.name.isEmpty ? "notitle" : "title \(quoted(series.name))"
    return "$d\(panel)_\(position) using \(columns) \(style) \(title)"
  }

  private func references(_ panel: Plot.Panel, _ x: PlotScale, _ y: PlotScale) -> [String] {
    panel.references.compactMap { line in
      let (from, to): ((Double, Double), (Double, Double))
      switch line.position {
      case .x(let value):
        guard panel.x.shows(value) else { return nil }
        (from, to) = ((value, y.lower), (value, y.upper))
      case .y(let value):
        guard panel.y.shows(value) else { return nil }
        (from, to) = ((x.lower, value), (x.upper, value))
      }
      let numbers = [from.0, from.1, to.0 - from.0, to.1 - from.1].map(shortestDecimal)
      return
        "'+' every ::::0 using (\(numbers[0])):(\(numbers[1])):(\(numbers[2])):(\(numbers[3])) "
        + "with vectors nohead dashtype 2 linewidth 1.5 linecolor rgb '\(Self.quiet)' "
        + "title \(quoted(line.name))"
    }
  }
}

/// A text as gnuplot's string in single quotes, where neither backslash nor back-quote means
/// anything. A single quote itself becomes the typographic one: gnuplot cuts its commands at a
/// semicolon behind a doubled quote.
func quoted(_ text: String) -> String {
  let clean = text.unicodeScalars.map { scalar in
    switch scalar {
    case "'": "\u{2019}"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F: " "
    default: String(scalar)
    }
  }.joined()
  return "'\(clean)'"
}

extension Plot.Axis {
  /// Whether a value has a place on the axis.
  func shows(_ value: Double) -> Bool {
    value.isFinite && (scale == .linear || value > 0)
  }
}

extension Plot.Panel {
  /// The points of a series as they are drawn, `nil` for a gap.
  func drawn(_ series: Plot.Series) -> [[Double]?] {
    zip(series.x, series.y).enumerated().map { (index, point) in
      guard let x = point.0, let y = point.1, self.x.shows(x), self.y.shows(y) else { return nil }
      guard series.style == .band else { return [x, y] }
      guard index < series.upper.count, let top = series.upper[index], self.y.shows(top) else {
        return nil
      }
      return [x, y, top]
    }
  }

  fileprivate var xValues: [Double] {
    series.flatMap { drawn($0).compactMap { $0?.first } }
  }

  fileprivate var yValues: [Double] {
    series.flatMap { drawn($0).flatMap { $0?.dropFirst() ?? [] } }
  }
}
