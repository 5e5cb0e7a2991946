/// How a bootstrap distribution becomes an interval.
public enum BootstrapIntervalKind: String, Sendable, CaseIterable {
  /// The quantiles of the replicates.
  case percentile
  /// Twice the estimate less the quantiles of the replicates: `[2t - q(1-a), 2t - q(a)]`.
  case basic
  /// Bias-corrected and accelerated: the percentile interval at corrected probabilities.
  case bca
}

/// An interval, and whether its ends are the most extreme replicates that there are.
public struct BootstrapInterval: Sendable, Equatable {
  public let lower: Double
  public let upper: Double
  /// The probabilities lie outside those of the replicates: more replicates are needed.
  public let isExtreme: Bool

  public init(lower: Double, upper: Double, isExtreme: Bool) {
    self.lower = lower
    self.upper = upper
    self.isExtreme = isExtreme
  }
}

/// The bootstrap replicates of one statistic, ascending, and the intervals that they give.
///
/// The quantile for probability a is the order statistic `(B + 1) a`; between two of them it
/// is interpolated on the normal scale, and outside of all the extreme one stands in.
/// Source: Davison and Hinkley, Bootstrap Methods and their Application (1997), 5.2, 5.3 and
/// equation 5.8; BCa: Efron, JASA 82 (1987); as in R's `boot.ci`.
public struct BootstrapDistribution: Sendable, Equatable {
  /// The statistic of the data themselves.
  public let estimate: Double
  /// The replicates, ascending.
  public let sorted: [Double]

  /// - Throws: `StatisticsError.empty` without replicates, `.domain` for a value that is not
  ///   finite.
  public init(estimate: Double, replicates: [Double]) throws(StatisticsError) {
    guard !replicates.isEmpty else { throw .empty(function: "bootstrap") }
    try require(estimate.isFinite, "bootstrap", "estimate", estimate, "a finite number")
    for value in replicates {
      try require(value.isFinite, "bootstrap", "replicate", value, "a finite number")
    }
    self.estimate = estimate
    sorted = replicates.sorted()
  }

  /// Standard deviation of the replicates, with B - 1; `nil` for a single one.
  public var standardError: Double? {
    guard sorted.count > 1 else { return nil }
    let centre = mean
    let squares = sorted.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
    return (squares / Double(sorted.count - 1)).squareRoot()
  }

  /// Mean of the replicates less the estimate.
  public var bias: Double { mean - estimate }

  private var mean: Double {
    // Deviations from the estimate are small, so their mean keeps its digits.
    let shift = sorted.reduce(0) { $0 + ($1 - estimate) } / Double(sorted.count)
    return estimate + shift
  }

  /// The interval `[q(a), q(1 - a)]`, a = (1 - level) / 2.
  ///
  /// - Throws: `StatisticsError.domain` for a level outside (0, 1).
  public func percentile(level: Double) throws(StatisticsError) -> BootstrapInterval {
    let tail = try Self.tail(level)
    return try interval(tail, 1 - tail)
  }

  /// The interval `[2t - q(1 - a), 2t - q(a)]`.
  ///
  /// - Throws: `StatisticsError.domain` for a level outside (0, 1).
  public func basic(level: Double) throws(StatisticsError) -> BootstrapInterval {
    let plain = try percentile(level: level)
    return BootstrapInterval(
      lower: 2 * estimate - plain.upper, upper: 2 * estimate - plain.lower,
      isExtreme: plain.isExtreme)
  }

  /// The bias-corrected and accelerated interval.
  ///
  /// `z0 = Phi^-1(share of replicates below the estimate)`, `a = sum d^3 / (6 (sum d^2)^1.5)`
  /// with the jackknife's `d = mean - theta(i)`; the probabilities are
  /// `Phi(z0 + (z0 + z) / (1 - a (z0 + z)))`.
  /// - Parameter jackknife: the statistic without each row (or group) in turn; its spread gives
  ///   the acceleration, and equal values give none.
  /// - Returns: `nil` when all replicates lie on one side of the estimate, or when the
  ///   acceleration is beyond what the correction can take.
  /// - Throws: `StatisticsError.domain` for a level outside (0, 1).
  public func bca(
    level: Double, jackknife: [Double]
  ) throws(StatisticsError) -> BootstrapInterval? {
    let tail = try Self.tail(level)
    let below = sorted.count { $0 < estimate }
    guard below > 0, below < sorted.count else { return nil }
    let shift = try Normal.standard.quantile(Double(below) / Double(sorted.count))
    let acceleration = Self.acceleration(jackknife)
    let critical = try Normal.standard.upperQuantile(tail)
    var probabilities: [Double] = []
    for z in [-critical, critical] {
      let denominator = 1 - acceleration * (shift + z)
      guard denominator > 0 else { return nil }
      probabilities.append(
        try Normal.standard.cdf(shift + (shift + z) / denominator))
    }
    return try interval(probabilities[0], probabilities[1])
  }

  /// `sum d^3 / (6 (sum d^2)^1.5)`, d the deviations of the mean from each jackknife value; 0
  /// when they are all equal.
  public static func acceleration(_ jackknife: [Double]) -> Double {
    guard let first = jackknife.first else { return 0 }
    let mean = first + jackknife.reduce(0) { $0 + ($1 - first) } / Double(jackknife.count)
    let largest = jackknife.reduce(0) { max($0, abs(mean - $1)) }
    guard largest > 0, largest.isFinite else { return 0 }
    var (squares, cubes) = (0.0, 0.0)
    for value in jackknife {
      let gap = (mean - value) / largest
      squares += gap * gap
      cubes += gap * gap * gap
    }
    return cubes / (6 * squares * squares.squareRoot())
  }

  private static func tail(_ level: Double) throws(StatisticsError) -> Double {
    try require(level > 0 && level < 1, "bootstrap", "level", level, "above 0 and below 1")
    return (1 - level) / 2
  }

  private func interval(
    _ low: Double, _ high: Double
  ) throws(StatisticsError) -> BootstrapInterval {
    let (lower, first) = try orderStatistic(low)
    let (upper, second) = try orderStatistic(high)
    return BootstrapInterval(lower: lower, upper: upper, isExtreme: first || second)
  }

  private func orderStatistic(
    _ p: Double
  ) throws(StatisticsError) -> (value: Double, isExtreme: Bool) {
    let count = sorted.count
    let position = Double(count + 1) * p
    // Rounding in (B + 1) p must not turn the order statistic itself into an interpolation.
    let nearest = position.rounded()
    let whole = abs(position - nearest) <= 1e-9 * nearest
    let k = whole ? Int(nearest) : Int(position)
    if k < 1 { return (sorted[0], true) }
    if k > count || (k == count && !whole) { return (sorted[count - 1], true) }
    if whole { return (sorted[k - 1], k == count && count == 1) }
    let left = try Normal.standard.quantile(Double(k) / Double(count + 1))
    let right = try Normal.standard.quantile(Double(k + 1) / Double(count + 1))
    let part = (try Normal.standard.quantile(p) - left) / (right - left)
    return (sorted[k - 1] + part * (sorted[k] - sorted[k - 1]), false)
  }
}
