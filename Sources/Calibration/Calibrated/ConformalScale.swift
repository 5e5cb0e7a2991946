import Statistics

/// Prediction intervals that hold out of sample: split-conformal, on top of the spread that the
/// courses of events give.
///
/// A held-out row's score is `z = log(observed / predicted) / s`, with s its stratum's typical
/// error and the spread of its own courses, added in quadrature. The interval of a new row is
/// `predicted exp(s q)`, q the conformal quantiles of the scores at either end, which need not
/// lie evenly about zero. A stratum (technique, and whether a link or a cap holds it back) with
/// few rows is pulled towards all rows, and widened for what few rows leave open.
///
/// Source: Lei et al., JASA 113 (2018), section 5.2 (locally weighted conformal); Vovk, Mondrian
/// confidence machines (2003), for strata.
struct ConformalScale: Sendable, Equatable, Codable {
  /// By outcome, ascending.
  private(set) var scores: [String: [Double]] = [:]
  /// By outcome and stratum.
  private(set) var scales: [String: [String: Double]] = [:]
  private(set) var pooled: [String: Double] = [:]

  /// Rows of all strata that weigh as much as a stratum's own.
  private static let pull = 2.0
  /// No outcome is known better than this, relative.
  private static let least = 1e-4

  struct HeldOut: Sendable {
    var stratum: String
    var error: Double
    var spread: Double
  }

  init(_ heldOut: [CalibratedOutcome: [HeldOut]]) {
    for (outcome, rows) in heldOut where !rows.isEmpty {
      let name = outcome.column
      let all = Self.typical(rows.map(\.error))
      pooled[name] = all
      var byStratum: [String: [Double]] = [:]
      for row in rows { byStratum[row.stratum, default: []].append(row.error) }
      scales[name] = byStratum.mapValues { errors in
        let n = Double(errors.count)
        let own = logarithm(Self.typical(errors))
        let scale = exponential((n * own + Self.pull * logarithm(all)) / (n + Self.pull))
        return scale * Self.widening(rows: n + Self.pull)
      }
      scores[name] = rows.map {
        $0.error / scale(outcome, stratum: $0.stratum, spread: $0.spread)
      }.sorted()
    }
  }

  /// The same with the scores of further rows; the widths of strata that it knows stay.
  func adding(_ rows: [CalibratedOutcome: [HeldOut]]) -> ConformalScale {
    var answer = self
    let fresh = ConformalScale(rows)
    for (outcome, rows) in rows where !rows.isEmpty {
      let name = outcome.column
      if answer.pooled[name] == nil { answer.pooled[name] = fresh.pooled[name] }
      answer.scales[name, default: [:]].merge(fresh.scales[name] ?? [:]) { old, _ in old }
      let scores = rows.map {
        $0.error / answer.scale(outcome, stratum: $0.stratum, spread: $0.spread)
      }
      answer.scores[name] = ((answer.scores[name] ?? []) + scores).sorted()
    }
    return answer
  }

  /// How much wider an interval is whose scale is itself learned from so many rows: the quantile
  /// of Student's t over the normal one at 90 %, `1 + (z^2 + 1) / (4 nu)` to first order.
  private static func widening(rows: Double) -> Double {
    let z = 1.645
    // Why half: a quantile of sizes knows a scale as well as a standard deviation of half the rows.
    return 1 + (z * z + 1) / (4 * rows / 2)
  }

  /// The size that two thirds of the errors stay below.
  private static func typical(_ errors: [Double]) -> Double {
    let sizes = errors.map { abs($0) }.sorted()
    return max(least, sizes[min(sizes.count - 1, sizes.count * 2 / 3)])
  }

  /// The width of one score for a row.
  func scale(_ outcome: CalibratedOutcome, stratum: String, spread: Double) -> Double {
    let own = scales[outcome.column]?[stratum] ?? pooled[outcome.column] ?? Self.least
    return (own * own + spread * spread).squareRoot()
  }

  /// What no fit leaves behind, in a file that was changed; `nil` when nothing is amiss.
  var problem: String? {
    for (outcome, scores) in scores where !zip(scores, scores.dropFirst()).allSatisfy(<=) {
      return "the scores of \(outcome) do not ascend"
    }
    let widths = Array(pooled) + scales.values.flatMap(Array.init)
    guard let odd = widths.first(where: { !($0.value > 0) }) else { return nil }
    return "the width of \(odd.key) is \(odd.value); expected a number > 0"
  }

  /// The interval of a level; `nil` when the held-out rows are too few for it.
  func interval(
    _ outcome: CalibratedOutcome, at value: Double, stratum: String, spread: Double, level: Double
  ) throws(StatisticsError) -> ClosedRange<Double>? {
    guard let scores = scores[outcome.column] else { return nil }
    let tail = (1 + level) / 2
    guard let high = try ConformalQuantile.upper(scores, level: tail),
      let low = try ConformalQuantile.lower(scores, level: tail)
    else { return nil }
    let scale = scale(outcome, stratum: stratum, spread: spread)
    let lower = value * exponential(min(0, low) * scale)
    let upper = value * exponential(max(0, high) * scale)
    return lower...upper
  }
}
