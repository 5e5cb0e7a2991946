import Foundation
import ModelCore
import Testing

@testable import Reporting

@Suite struct PlotScaleTests {
  @Test func linearAxesPickTheirUnit() {
    let scale = PlotScale(
      Plot.Axis("dirty rate", .bytesPerSecond), values: [0x1p20, 120 * 0x1p20],
      includesZero: false)
    #expect(scale.label == "dirty rate (MiB/s)")
    #expect(scale.ticks.map(\.label) == ["20", "40", "60", "80", "100", "120"])
    #expect(scale.ticks.first?.value == 20 * 0x1p20)
    #expect(scale.lower == 0x1p20 && scale.upper == 120 * 0x1p20)
  }

  @Test func heightsStartAtZeroUnlessTheyAreClose() {
    let apart = PlotScale(Plot.Axis("t", .seconds), values: [0.02, 0.9], includesZero: true)
    #expect(apart.lower == 0 && apart.label == "t (ms)" && apart.ticks.last?.label == "1000")
    let close = PlotScale(Plot.Axis("t", .seconds), values: [90, 99], includesZero: true)
    #expect(close.lower == 90 && close.label == "t (s)" && close.ticks.first?.label == "90")
  }

  @Test func oneValueStillHasARange() {
    for value in [0.0, 5, -3] {
      let scale = PlotScale(Plot.Axis("n"), values: [value], includesZero: true)
      #expect(scale.lower < scale.upper && scale.ticks.count >= 3, "\(value)")
      #expect(scale.lower <= value && value <= scale.upper)
    }
  }

  @Test func logarithmicTicksCarryTheirUnits() {
    let times = PlotScale(
      Plot.Axis("t", .seconds, scale: .logarithmic), values: [0.001, 100], includesZero: true)
    #expect(times.ticks.map(\.label) == ["1 ms", "10 ms", "100 ms", "1 s", "10 s", "100 s"])
    let sizes = PlotScale(
      Plot.Axis("m", .bytes, scale: .logarithmic), values: [0x1p20, 0x1p36], includesZero: true)
    #expect(
      sizes.ticks.map(\.label) == [
        "1 MiB", "4 MiB", "16 MiB", "64 MiB", "256 MiB", "1 GiB", "4 GiB", "16 GiB", "64 GiB",
      ])
    let shares = PlotScale(
      Plot.Axis("u", .percent, scale: .logarithmic), values: [0.01, 1], includesZero: true)
    #expect(shares.ticks.map(\.label) == ["1 %", "2 %", "5 %", "10 %", "20 %", "50 %", "100 %"])
  }
}

@Suite struct PlotRendererTests {
  static let rates = (0...60).map { Double($0) * 2 * 0x1p20 }

  static let plot = Plot(
    title: "Downtime & 'traffic' <of> `one` \\ machine\\",
    subtitle: "memory 8 GiB, bandwidth 120 MiB/s",
    panels: [
      Plot.Panel(
        x: Plot.Axis("dirty rate", .bytesPerSecond), y: Plot.Axis("downtime", .seconds),
        series: [
          Plot.Series(
            "range", .band, x: rates, y: rates.map { 0.1 + $0 * 1e-9 },
            upper: rates.map { 0.2 + $0 * 2e-9 }),
          Plot.Series(
            "saw", .line, x: rates,
            y: rates.map { 0.1 + $0.truncatingRemainder(dividingBy: 3e7) * 1e-8 }),
          Plot.Series(
            "gap", .line, x: rates, y: rates.enumerated().map { $0.offset == 30 ? nil : 0.3 }),
        ], references: [Plot.ReferenceLine("limit 300 ms", at: .y(0.35))]),
      Plot.Panel(
        x: Plot.Axis("dirty rate", .bytesPerSecond), y: Plot.Axis("rounds"),
        series: [
          Plot.Series("", .steps, x: rates, y: rates.map { ($0 / 1e7).rounded() }),
          Plot.Series("measured", .points, x: rates, y: rates.map { ($0 / 1.1e7).rounded() }),
        ], references: [Plot.ReferenceLine("here", at: .x(5e7))]),
    ])

  @Test func sameFigureSameBytes() throws {
    let first = try PlotRenderer().svg(Self.plot)
    #expect(try PlotRenderer().svg(Self.plot) == first)
    #expect(first.contains("<title>Downtime &amp; 'traffic' &lt;of&gt; `one` \\ machine\\</title>"))
    #expect(!first.contains("GNUPLOT"))
    if let path = ProcessInfo.processInfo.environment["PLOT_TO_LOOK_AT"] {
      try Data(first.utf8).write(to: URL(filePath: path))
    }
  }

  /// What is typed into a title is text, never a command.
  @Test func textIsOnlyText() throws {
    for text in [
      "a\\", "'; exit 3; '", "`touch /nowhere/x`", "x\nquit", "{/*9 big} a_b^c", "\u{7}", "''",
    ] {
      let plot = Plot(
        title: text,
        panels: [
          Plot.Panel(
            x: Plot.Axis(text), y: Plot.Axis(text),
            series: [
              Plot.Series(text, .line, x: [1, 2], y: [1, 2]),
              Plot.Series("b", .line, x: [1, 2], y: [2, 2]),
            ])
        ])
      let svg = try PlotRenderer().svg(plot)
      #expect(svg.contains("</svg>"), "\(text)")
    }
    #expect(quoted("it's a\\ `b`") == "'it\u{2019}s a\\ `b`'")
    #expect(quoted("a\nb") == "'a b'")
  }

  @Test func nothingToDrawIsSaid() {
    let empty = Plot(
      title: "t",
      panels: [
        Plot.Panel(
          x: Plot.Axis("x"), y: Plot.Axis("time", .seconds, scale: .logarithmic),
          series: [Plot.Series("s", .line, x: [1, 2, nil], y: [0, nil, 3])])
      ])
    #expect(throws: PlotError.nothingToDraw("time")) { try PlotRenderer().svg(empty) }
    #expect(throws: PlotError.nothingToDraw("t")) {
      try PlotRenderer().svg(Plot(title: "t", panels: []))
    }
  }

  @Test func withoutGnuplotTheErrorSaysWhatToInstall() {
    #expect(throws: PlotError.noGnuplot) {
      try PlotRenderer(searchPath: "/nowhere").svg(Self.plot)
    }
    #expect(PlotError.noGnuplot.description.contains("apt-get install gnuplot-nox"))
    #expect(PlotError.noGnuplot.category.exitCode == 73)
  }

  @Test func onlySVGIsWritten() throws {
    try PlotRenderer.check(path: "a/b.SVG")
    #expect(throws: PlotError.notSVG(path: "b.png")) { try PlotRenderer.check(path: "b.png") }
  }
}
