import Foundation
import MigrationModels
import ModelCore
import Quantities
import Reporting

/// The bandwidths that are enough, drawn against each of the two limits with the other one held.
struct FeasibleRegion {
  let problem: LeastBandwidth
  let plan: LeastBandwidth.Plan
  /// Setup and resume, which the limits that people name contain.
  let fixedTime: Seconds
  let resumeTime: Seconds

  /// Points per panel.
  private static let count = 81
  /// A decade below the limit asked for, and above it for the total time.
  private static let reach = 10.0

  func plot() throws -> Plot {
    var panels = [try panel(overTotalTime: true)]
    if problem.downtimeLimit.siValue.isFinite { panels.append(try panel(overTotalTime: false)) }
    return Plot(title: "Bandwidths that keep both limits", subtitle: subtitle, panels: panels)
  }

  private var subtitle: String {
    let total = (problem.totalTimeLimit + fixedTime).formatted(significantDigits: 4)
    guard problem.downtimeLimit.siValue.isFinite else {
      return "memory \(problem.memory), total time \(total)"
    }
    let down = (problem.downtimeLimit + resumeTime).formatted(significantDigits: 4)
    return "memory \(problem.memory), total time \(total), downtime \(down)"
  }

  private func panel(overTotalTime: Bool) throws -> Plot.Panel {
    let centre = overTotalTime ? problem.totalTimeLimit : problem.downtimeLimit
    let fixed = overTotalTime ? fixedTime : resumeTime
    let low = centre.siValue / Self.reach
    // A downtime as long as the total time is a single copy, and nothing lies beyond it.
    let high =
      overTotalTime
      ? centre.siValue * Self.reach
      : max(problem.totalTimeLimit.siValue, centre.siValue * 2)
    let limits = (0..<Self.count).map { index in
      low * pow(high / low, Double(index) / Double(Self.count - 1))
    }
    let least = try limits.map { limit in
      try LeastBandwidth(
        memory: problem.memory, process: problem.process,
        totalTimeLimit: overTotalTime ? Seconds(siValue: limit) : problem.totalTimeLimit,
        downtimeLimit: overTotalTime ? problem.downtimeLimit : Seconds(siValue: limit),
        maximumIndex: problem.maximumIndex, guarantee: problem.guarantee
      ).solve().bandwidth.siValue
    }
    let top = (least.max() ?? 1) * 1.3
    let x = limits.map { $0 + fixed.siValue }
    var references = [
      Plot.ReferenceLine("the limit asked for", at: .x(centre.siValue + fixed.siValue))
    ]
    if overTotalTime, problem.downtimeLimit.siValue.isFinite {
      references.append(
        Plot.ReferenceLine(
          "the downtime alone", at: .y(problem.floorBandwidth.siValue)))
    }
    return Plot.Panel(
      x: Plot.Axis(
        overTotalTime ? "total time allowed" : "downtime allowed", .seconds,
        scale: .logarithmic),
      y: Plot.Axis("bandwidth", .bytesPerSecond, scale: overTotalTime ? .logarithmic : .linear),
      series: [
        Plot.Series(
          "enough", .band, x: x, y: least, upper: least.map { _ in top }, colour: 0),
        Plot.Series("least bandwidth", .line, x: x, y: least, colour: 0),
        Plot.Series(
          "answer", .points, x: [centre.siValue + fixed.siValue], y: [plan.bandwidth.siValue],
          colour: 1),
      ], references: references)
  }
}
