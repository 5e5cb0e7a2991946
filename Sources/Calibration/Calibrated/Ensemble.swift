import Statistics

/// The quantities that the calibrated model predicts.
public enum CalibratedOutcome: String, Sendable, CaseIterable, Codable {
  case totalTime = "total_time_s"
  case downtime = "downtime_s"
  case downtimeObserved = "downtime_observed_s"
  case transferredBytes = "transferred_bytes"

  public var column: String { rawValue }

  func value(of outcome: PhysicalOutcome) -> Double {
    switch self {
    case .totalTime: outcome.totalTime
    case .downtime: outcome.downtime
    case .downtimeObserved: outcome.downtimeObserved
    case .transferredBytes: outcome.transferredBytes
    }
  }
}

/// The runs of one migration over several courses of events.
struct Ensemble: Sendable {
  let runs: [PhysicalOutcome]

  init(_ courses: [MigrationFacts], _ chances: [Chance], _ parameters: CalibratedParameters) {
    runs = zip(courses, chances).map { facts, chance in
      var run = QEMURun(facts, parameters, chance)
      return run.run()
    }
  }

  /// The mean of the middle half of the runs, and half the width that holds two thirds of them,
  /// both on the log scale.
  ///
  /// Why not the median: where runs part in two, as behind a link and without one, it takes the
  /// side of the few more.
  func centre(_ outcome: CalibratedOutcome, within limit: Double?) -> (
    value: Double, spread: Double
  ) {
    let eligible = conditioned(on: limit)
    let values = eligible.map { outcome.value(of: $0) }.sorted()
    guard let last = values.last else { return (0, 0) }
    func quantile(_ p: Double) -> Double {
      let x = p * Double(values.count - 1)
      let i = Int(x)
      return i + 1 < values.count ? values[i] + (x - Double(i)) * (values[i + 1] - values[i]) : last
    }
    let spread = quantile(0.16) > 0 ? logarithm(quantile(0.84) / quantile(0.16)) / 2 : 0
    let middle = values[(values.count / 4)..<(values.count - values.count / 4)]
    guard let first = middle.first, first > 0 else { return (values[values.count / 2], spread) }
    let mean = middle.reduce(0) { $0 + logarithm($1) } / Double(middle.count)
    return (exponential(mean), spread)
  }

  /// Predictions are conditional on completion: the runs that end in time, when the typical one
  /// does not.
  private func conditioned(on limit: Double?) -> [PhysicalOutcome] {
    guard let limit else { return runs }
    let inTime = runs.filter { $0.converged && $0.totalTime <= limit }
    if inTime.count * 2 >= runs.count { return runs }
    if !inTime.isEmpty { return inTime }
    return runs.map { run in
      // No run is in time: one that is must be a lucky one, somewhere before the limit.
      let share = min(1, Self.luckyShare * limit / max(run.totalTime, limit))
      var shortened = run
      shortened.totalTime *= share
      shortened.transferredBytes *= share
      return shortened
    }
  }

  /// Where in the time limit a run that should not have ended is taken to end.
  private static let luckyShare = 0.7

  /// The probability of ending by itself within the limit, each run's time being uncertain by a
  /// relative `scale`.
  func probability(within limit: Double?, scale: Double) -> Double {
    guard !runs.isEmpty else { return 0 }
    let sum = runs.reduce(0.0) { sum, run in
      guard run.converged else { return sum }
      guard let limit else { return sum + 1 }
      let z = logarithm(limit / run.totalTime) / max(scale, 1e-6)
      // The logistic function with this factor is the normal one to 0.01.
      return sum + 1 / (1 + exponential(-1.702 * z))
    }
    return sum / Double(runs.count)
  }
}
