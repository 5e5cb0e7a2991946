import Calibration
import Foundation
import MigrationModels
import ModelCore
import Quantities
import Reporting

/// Samples and fits in one figure: u(t), and for a history the CDF of per-page frequencies.
struct DirtyLawPlot {
  let samples: DirtySampleFile.Samples
  let fits: [DirtyProcessFit]
  let laws: [FrequencyLawFit]?

  /// Fits drawn: more would hide each other.
  private static let drawnFits = 3
  private static let points = 120

  func plot() -> Plot {
    var panels = [curvePanel()]
    if let laws, let counts = samples.counts { panels.insert(cdfPanel(laws, counts), at: 0) }
    return Plot(
      title: "How the machine dirties its memory",
      subtitle: samples.curve.measurement.description, panels: panels)
  }

  private func curvePanel() -> Plot.Panel {
    let windows = samples.curve.points.map(\.window.siValue)
    let (low, high) = ((windows.first ?? 1) / 4, (windows.last ?? 1) * 2)
    let x = (0..<Self.points).map {
      low * pow(high / low, Double($0) / Double(Self.points - 1))
    }
    var series = [
      Plot.Series(
        "measured", .points, x: windows, y: samples.curve.points.map(\.dirty.siValue), colour: 0)
    ]
    for (index, fit) in fits.prefix(Self.drawnFits).enumerated() {
      series.append(
        Plot.Series(
          fit.name, .line, x: x, y: x.map { fit.process.dirtyBytes(after: $0) },
          colour: index + 1))
    }
    return Plot.Panel(
      x: Plot.Axis("window", .seconds, scale: .logarithmic),
      y: Plot.Axis("distinct dirty memory", .bytes, scale: .logarithmic), series: series)
  }

  /// Share of the pages with at most so many dirty slots a second.
  private func cdfPanel(_ laws: [FrequencyLawFit], _ counts: PageCounts) -> Plot.Panel {
    let length = counts.slot.siValue * Double(counts.slotCount)
    // Count 0 has no place on a logarithmic axis: half a dirty slot stands for it.
    let x = (0...counts.slotCount).map { max(0.5, Double($0)) / length }
    var series = [
      Plot.Series("data", .steps, x: x, y: counts.cumulativeShares, colour: 0)
    ]
    for (index, fit) in laws.enumerated() {
      series.append(
        Plot.Series(
          fit.law.rawValue, .steps, x: x, y: fit.cumulativeShares, colour: index + 1))
    }
    return Plot.Panel(
      x: Plot.Axis("dirty slots of a page per second", .plain, scale: .logarithmic),
      y: Plot.Axis("share of pages", .percent), series: series)
  }
}
