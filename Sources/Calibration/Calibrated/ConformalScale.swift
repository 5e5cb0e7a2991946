import Statistics

/// Prediction intervals that hold out of sample: split-conformal, on top of the spread that the
/// courses of events give.
///
/// A held-out row's score is `z = log(observed / predicted) / s`, with s its stratum's typical
/// error and the spread of its own courses, added in quadrature. The interval of a new row is
/// `predicted exp(s q)`, q the conformal quantiles of the scores at either end, which need not
/// lie evenly about zero: those of its stratum where that has rows enough, else of all. A stratum
/// (technique, and whether a link or a cap holds it back) with few rows is pulled towards all rows,
/// and widened for what few rows leave open. The score of a row is taken with the scale of the
/// others in its stratum, as that of a new row is.
///
/// Source: Lei et al., JASA 113 (2018), section 5.2 (locally weighted conformal); Vovk, Mondrian
/// confidence machines (2003), for strata.
struct ConformalScale: Sendable, Equatable, Codable {
  /// By outcome, ascending.
  private(set) var scores: [String: [Double]] = [:]
  /// By outcome and stratum.
  private(set) var scales: [String: [String: Double]] = [:]
  private(set) var pooled: [String: Double] = [:]
  /// By outcome and stratum, ascending, of strata with rows enough for quantiles of their own.
  private(set) var own: [String: [String: [Double]]] = [:]

  /// Rows of all strata that weigh as much as a stratum's own.
  private static let pull = 2.0
  /// A stratum with as many rows has the 90 % interval's quantiles of its own.
  static let leastOwn = 19
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
      let all = Self.typical(rows.map { abs($0.error) }.sorted())
      pooled[name] = all
      var byStratum: [String: [Double]] = [:]
      for row in rows { byStratum[row.stratum, default: []].append(abs(row.error)) }
      let sizes = byStratum.mapValues { $0.sorted() }
      scales[name] = sizes.mapValues { Self.scale(of: $0, pooled: all) }
      // A row's own error must not widen the interval that it is held against.
      let scored = rows.map { row in
        let sizes = sizes[row.stratum] ?? []
        let width = Self.scale(of: sizes, without: abs(row.error), pooled: all)
        return (row.stratum, row.error / Self.joined(width, row.spread))
      }
      take(scored, of: name)
    }
  }

  /// Further scores of an outcome.
  private mutating func take(_ scored: [(stratum: String, score: Double)], of name: String) {
    scores[name] = ((scores[name] ?? []) + scored.map(\.score)).sorted()
    for (stratum, fresh) in Dictionary(grouping: scored, by: \.stratum) {
      let before = own[name]?[stratum] ?? []
      guard before.count + fresh.count >= Self.leastOwn else { continue }
      own[name, default: [:]][stratum] = (before + fresh.map(\.score)).sorted()
    }
  }

  /// The scale of a stratum with errors of these sizes, ascending, pulled towards all rows.
  private static func scale(
    of sizes: [Double], without own: Double? = nil, pooled: Double
  ) -> Double {
    let widening = widening(rows: Double(sizes.count) + pull)
    var sizes = sizes
    if let own, let index = sizes.firstIndex(of: own) { sizes.remove(at: index) }
    let n = Double(sizes.count)
    let typical = sizes.isEmpty ? pooled : typical(sizes)
    let scale = exponential(
      (n * logarithm(typical) + pull * logarithm(pooled)) / (n + pull))
    return scale * widening
  }

  /// The same with the scores of further rows; the widths of strata that it knows stay.
  func adding(_ rows: [CalibratedOutcome: [HeldOut]]) -> ConformalScale {
    var answer = self
    let fresh = ConformalScale(rows)
    for (outcome, rows) in rows where !rows.isEmpty {
      let name = outcome.column
      if answer.pooled[name] == nil { answer.pooled[name] = fresh.pooled[name] }
      answer.scales[name, default: [:]].merge(fresh.scales[name] ?? [:]) { old, _ in old }
      let scored = rows.map {
        ($0.stratum, $0.error / answer.scale(outcome, stratum: $0.stratum, spread: $0.spread))
      }
      answer.take(scored, of: name)
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

  /// The size that two thirds of the errors stay below, of sizes that ascend: the order statistic
  /// `2 (n + 1) / 3`, whose mean share below is two thirds for every n.
  private static func typical(_ sizes: [Double]) -> Double {
    let place = min(max(2 * Double(sizes.count + 1) / 3 - 1, 0), Double(sizes.count - 1))
    let index = Int(place)
    let next = sizes[min(index + 1, sizes.count - 1)]
    return max(least, sizes[index] + (place - Double(index)) * (next - sizes[index]))
  }

  /// A stratum's scale and the spread of a row's courses, in quadrature.
  private static func joined(_ scale: Double, _ spread: Double) -> Double {
    (scale * scale + spread * spread).squareRoot()
  }

  /// The width of one score for a row.
  func scale(_ outcome: CalibratedOutcome, stratum: String, spread: Double) -> Double {
    let own = scales[outcome.column]?[stratum] ?? pooled[outcome.column] ?? Self.least
    return Self.joined(own, spread)
  }

  /// What no fit leaves behind, in a file that was changed; `nil` when nothing is amiss.
  var problem: String? {
    for (outcome, pooled) in scores {
      let lists = [pooled] + (own[outcome] ?? [:]).values
      guard lists.allSatisfy({ zip($0, $0.dropFirst()).allSatisfy(<=) }) else {
        return "the scores of \(outcome) do not ascend"
      }
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
    let own = own[outcome.column]?[stratum] ?? []
    guard var high = try ConformalQuantile.upper(scores, level: tail),
      var low = try ConformalQuantile.lower(scores, level: tail)
    else { return nil }
    // A stratum's own quantiles; beyond its outermost scores those of all rows, if they lie farther.
    if let first = own.first, let last = own.last {
      high = try ConformalQuantile.upper(own, level: tail) ?? max(high, last)
      low = try ConformalQuantile.lower(own, level: tail) ?? min(low, first)
    }
    let scale = scale(outcome, stratum: stratum, spread: spread)
    let lower = value * exponential(min(0, low) * scale)
    let upper = value * exponential(max(0, high) * scale)
    return lower...upper
  }
}

extension ConformalScale {
  private enum Key: String, CodingKey {
    case scores, scales, pooled, own
  }

  /// Fits of before have no scores by stratum.
  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    scores = try fields.decode([String: [Double]].self, forKey: .scores)
    scales = try fields.decode([String: [String: Double]].self, forKey: .scales)
    pooled = try fields.decode([String: Double].self, forKey: .pooled)
    own = try fields.decodeIfPresent([String: [String: [Double]]].self, forKey: .own) ?? [:]
  }
}
