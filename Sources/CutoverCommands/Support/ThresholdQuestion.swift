import Foundation
import MigrationModels
import ModelCore
import Quantities
import Reporting

/// What was asked of `threshold`, and its answers as tables and a plot.
struct ThresholdQuestion {
  let choice: ThresholdChoice
  let goal: ThresholdCommand.Goal
  let bounds: ThresholdBounds

  var best: ThresholdOutcome? {
    switch goal {
    case .downtime: choice.leastDowntime(bounds)
    case .utilization: choice.leastUtilization(bounds)
    }
  }

  private var relaxed: RelaxedThreshold? {
    switch goal {
    case .downtime: choice.relaxedLeastDowntime(bounds)
    case .utilization: bounds.downtime.flatMap(choice.relaxedLeastUtilization)
    }
  }

  /// Near rho = 1 there are more; a longer table or a denser plot helps nobody.
  private static let mostIterations = 2000

  private var hasArrivals: Bool { choice.arrivalRate > 0 }

  /// - Parameter isCurve: whether every number of iterations is printed.
  func notes(isCurve: Bool) -> [String] {
    var notes: [String] = []
    if isCurve, choice.largestIterations > Self.mostIterations {
      notes.append(
        "\(choice.largestIterations) iterations leave less than a page; the curve ends at "
          + "\(Self.mostIterations)")
    }
    guard best == nil else { return notes }
    let least = choice.outcome(iterations: 0)
    return notes + [
      "no threshold keeps the limits; a single copy, with the guest paused, takes "
        + least.totalMigrationTime.formatted(significantDigits: 3)
        + (hasArrivals
          ? " and \(percentText(least.utilization)) "
            + "of the link's time" : "")
    ]
  }

  func answerTable() throws -> Table {
    let (best, relaxed) = (best, relaxed)
    return try Table([
      Column("feasible", flags: [best != nil]), Column("goal", text: [goal.rawValue]),
      Column("iterations", numbers: [best.map { Double($0.iterations) }]),
      Column("stop_fraction", numbers: [best?.fraction]),
      Column("threshold_bytes", numbers: [best.map { $0.fraction * choice.memory }]),
      Column("threshold_upper_bytes", numbers: [best.flatMap(upper)]),
      Column("downtime_s", numbers: [best?.downtime.siValue]),
      Column("total_time_s", numbers: [best?.totalMigrationTime.siValue]),
      Column("utilization", numbers: [hasArrivals ? best?.utilization : nil]),
      Column("relaxed_stop_fraction", numbers: [relaxed?.fraction]),
      Column("relaxed_threshold_bytes", numbers: [relaxed.map { $0.fraction * choice.memory }]),
      Column("relaxed_downtime_s", numbers: [relaxed?.downtime.siValue]),
      Column("relaxed_total_time_s", numbers: [relaxed?.totalMigrationTime.siValue]),
      Column("relaxed_utilization", numbers: [hasArrivals ? relaxed?.utilization : nil]),
    ])
  }

  /// Where the interval of thresholds ends that makes this many iterations.
  private func upper(_ outcome: ThresholdOutcome) -> Double? {
    outcome.iterations > 0
      ? choice.outcome(iterations: outcome.iterations - 1).fraction * choice.memory : nil
  }

  /// Every number of iterations that leaves a page or more, and the first that leaves less.
  private var outcomes: [ThresholdOutcome] {
    (0...min(choice.largestIterations, Self.mostIterations)).map(choice.outcome(iterations:))
  }

  func curveTable() throws -> Table {
    let (outcomes, best) = (outcomes, best)
    return try Table([
      Column("iterations", numbers: outcomes.map { Double($0.iterations) }),
      Column("threshold_bytes", numbers: outcomes.map { $0.fraction * choice.memory }),
      Column("threshold_upper_bytes", numbers: outcomes.map(upper)),
      Column("downtime_s", numbers: outcomes.map(\.downtime.siValue)),
      Column("total_time_s", numbers: outcomes.map(\.totalMigrationTime.siValue)),
      Column("utilization", numbers: outcomes.map { hasArrivals ? $0.utilization : nil }),
      Column("chosen", flags: outcomes.map { $0.iterations == best?.iterations }),
    ])
  }

  func plot() -> Plot {
    // At D = 0 the second transfer is empty: a threshold of zero has no place on the axis.
    let steps = outcomes.reversed().filter { $0.fraction > 0 }
    let thresholds = steps.map { $0.fraction * choice.memory }
    let axis = Plot.Axis("stop threshold", .bytes, scale: .logarithmic)
    let ratio = choice.dirtyRate / choice.bandwidth
    func panel(
      _ y: Plot.Axis, _ value: (ThresholdOutcome) -> Double, relaxed: (Double) -> Double,
      limit: Plot.ReferenceLine?
    ) -> Plot.Panel {
      var series = [Plot.Series("whole iterations", .steps, x: thresholds, y: steps.map(value))]
      if ratio < 1, let least = thresholds.first, least < choice.memory {
        let xs = (0...100).map { least * pow(choice.memory / least, Double($0) / 100) }
        series.append(
          Plot.Series("real number of iterations", .line, x: xs, y: xs.map { relaxed($0) }))
      }
      var references = limit.map { [$0] } ?? []
      if let best, best.fraction > 0 {
        references.append(Plot.ReferenceLine("best", at: .x(best.fraction * choice.memory)))
      }
      return Plot.Panel(x: axis, y: y, series: series, references: references)
    }
    var panels = [
      panel(
        Plot.Axis("downtime", .seconds, scale: .logarithmic), { $0.downtime.siValue },
        relaxed: { $0 / choice.bandwidth + choice.resumeTime },
        limit: bounds.downtime.map {
          Plot.ReferenceLine("limit \($0.formatted(significantDigits: 3))", at: .y($0.siValue))
        })
    ]
    func volume(_ threshold: Double) -> Double {
      (choice.memory - threshold * ratio) / (1 - ratio)
    }
    if hasArrivals {
      panels.append(
        panel(
          Plot.Axis("utilization", .percent), { $0.utilization },
          relaxed: { choice.arrivalRate * volume($0) / choice.bandwidth },
          limit: bounds.utilization.map {
            Plot.ReferenceLine(
              "limit \(percentText($0))", at: .y($0))
          }))
    }
    panels.append(
      panel(
        Plot.Axis("total time", .seconds), { $0.totalMigrationTime.siValue },
        relaxed: { volume($0) / choice.bandwidth + choice.resumeTime },
        limit: bounds.totalMigrationTime.map {
          Plot.ReferenceLine("limit \($0.formatted(significantDigits: 3))", at: .y($0.siValue))
        }))
    return Plot(
      title: "What the stop threshold does",
      subtitle: "memory \(Bytes(siValue: choice.memory).formatted(significantDigits: 4)), "
        + "bandwidth \(rateText(ByteRate(siValue: choice.bandwidth))), "
        + "dirty rate \(rateText(ByteRate(siValue: choice.dirtyRate)))"
        + (hasArrivals
          ? ", \(roundedDecimal(choice.arrivalRate * 3600, significantDigits: 4)) migrations an hour"
          : ""),
      panels: panels)
  }
}
