/// Which way a metric improves.
public enum MetricDirection: String, Sendable, CaseIterable {
  case lowerIsBetter, higherIsBetter
  /// Better the nearer to zero, from either side.
  case nearerZeroIsBetter
}

/// A number that says how well predictions agree with observations.
///
/// Predictions may be +infinity (a model that says "never"); observations are finite. The
/// measure then is infinite, not an error.
public struct Metric: Sendable {
  /// The name as a column of a comparison.
  public let name: String
  public let meaning: String
  public let direction: MetricDirection
  /// The values the metric can take; both ends included.
  public let range: ClosedRange<Double>
  private let body: @Sendable ([Double], [Double]) throws(StatisticsError) -> Double

  /// The value of the metric.
  ///
  /// - Throws: `StatisticsError.empty` without pairs, `.unequalLengths`, and `.domain` for a
  ///   NaN, an observation that is not finite, or one outside the metric's own domain.
  public func callAsFunction(
    predicted: [Double], observed: [Double]
  ) throws(StatisticsError) -> Double {
    guard predicted.count == observed.count else {
      throw .unequalLengths(function: name, predicted.count, observed.count)
    }
    guard !predicted.isEmpty else { throw .empty(function: name) }
    for value in predicted {
      try require(value > -.infinity, name, "prediction", value, "a number or +infinity")
    }
    for value in observed {
      try require(value.isFinite, name, "observation", value, "a finite number")
    }
    return try body(predicted, observed)
  }

  /// Mean of predicted - observed, in the unit of the data.
  public static let bias = Metric(
    name: "bias", meaning: "mean of predicted - observed", direction: .nearerZeroIsBetter,
    range: -Double.infinity...Double.infinity
  ) { (predicted, observed) throws(StatisticsError) in
    mean(zip(predicted, observed).map { $0 - $1 })
  }

  /// Mean of |predicted - observed|, in the unit of the data.
  public static let meanAbsoluteError = Metric(
    name: "mae", meaning: "mean of |predicted - observed|", direction: .lowerIsBetter,
    range: 0...Double.infinity
  ) { (predicted, observed) throws(StatisticsError) in
    mean(zip(predicted, observed).map { abs($0 - $1) })
  }

  /// Root of the mean of (predicted - observed)^2, in the unit of the data.
  public static let rootMeanSquaredError = Metric(
    name: "rmse", meaning: "root of the mean of (predicted - observed)^2",
    direction: .lowerIsBetter, range: 0...Double.infinity
  ) { (predicted, observed) throws(StatisticsError) in
    let gaps = zip(predicted, observed).map { abs($0 - $1) }
    // Divided by the largest, so that no square overflows.
    let largest = gaps.reduce(0, max)
    guard largest > 0, largest < .infinity else { return largest }
    return largest * mean(gaps.map { ($0 / largest) * ($0 / largest) }).squareRoot()
  }

  /// Mean absolute percentage error, as a fraction: see `absolutePercentageErrors`.
  public static let meanAbsolutePercentageError = Metric(
    name: "mape", meaning: "mean of |predicted - observed| / |observed|",
    direction: .lowerIsBetter, range: 0...Double.infinity
  ) { (predicted, observed) throws(StatisticsError) in
    mean(absolutePercentageErrors(predicted: predicted, observed: observed))
  }

  /// Median absolute percentage error, as a fraction.
  public static let medianAbsolutePercentageError = absolutePercentageErrorQuantile(
    "mdape", "median of |predicted - observed| / |observed|", 0.5)

  /// The 90 % quantile of the absolute percentage errors, as a fraction.
  public static let p90AbsolutePercentageError = absolutePercentageErrorQuantile(
    "p90_ape", "90 % quantile of |predicted - observed| / |observed|", 0.9)

  /// Mean symmetric relative error: see `symmetricRelativeErrors`.
  public static let meanSymmetricRelativeError = Metric(
    name: "smape", meaning: "mean of 2 |predicted - observed| / (predicted + observed)",
    direction: .lowerIsBetter, range: 0...2
  ) { (predicted, observed) throws(StatisticsError) in
    mean(try symmetricRelativeErrors(predicted: predicted, observed: observed))
  }

  /// R squared of the logarithms: 1 - sum (ln p - ln o)^2 / sum (ln o - mean ln o)^2.
  ///
  /// - Throws: `StatisticsError.domain` unless predictions and observations are > 0 and the
  ///   observations are not all equal.
  public static let logRSquared = Metric(
    name: "r_squared_log", meaning: "1 - residual / total sum of squares, on the log scale",
    direction: .higherIsBetter, range: -Double.infinity...1
  ) { (predicted, observed) throws(StatisticsError) in
    for value in predicted + observed {
      try require(value > 0, "r_squared_log", "value", value, "> 0")
    }
    // log(p/o) and log(o/reference) keep the digits that a difference of logarithms loses.
    let reference = observed[0]
    let logs = observed.map { logarithm($0 / reference) }
    let centre = mean(logs)
    let total = logs.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
    try require(total > 0, "r_squared_log", "spread of the observations", total, "> 0")
    let residual = zip(predicted, observed).reduce(0) {
      let gap = logarithm($1.0 / $1.1)
      return $0 + gap * gap
    }
    return 1 - residual / total
  }

  /// Every metric, in the order in which tables print them.
  public static let all: [Metric] = [
    bias, meanAbsoluteError, rootMeanSquaredError, meanAbsolutePercentageError,
    medianAbsolutePercentageError, p90AbsolutePercentageError, meanSymmetricRelativeError,
    logRSquared,
  ]

  private static func absolutePercentageErrorQuantile(
    _ name: String, _ meaning: String, _ p: Double
  ) -> Metric {
    Metric(name: name, meaning: meaning, direction: .lowerIsBetter, range: 0...Double.infinity) {
      (predicted, observed) throws(StatisticsError) in
      var ranked = OrderStatistics(
        absolutePercentageErrors(predicted: predicted, observed: observed))
      return ranked.quantile(p)
    }
  }
}

/// |p - o| / |o| pair by pair, a fraction (0.1 is 10 %); for o = 0 it is 0 if p = 0, else
/// +infinity. The shorter list ends it.
public func absolutePercentageErrors(predicted: [Double], observed: [Double]) -> [Double] {
  zip(predicted, observed).map { p, o in
    p == o ? 0 : (o == 0 ? .infinity : abs(p - o) / abs(o))
  }
}

/// 2 |p - o| / (p + o) pair by pair, in [0, 2]; 0 when both are 0, 2 when p is infinite. The
/// shorter list ends it.
///
/// - Throws: `StatisticsError.domain` for a negative value.
public func symmetricRelativeErrors(
  predicted: [Double], observed: [Double]
) throws(StatisticsError) -> [Double] {
  for value in predicted + observed {
    try require(value >= 0, "smape", "value", value, ">= 0")
  }
  return zip(predicted, observed).map { p, o in
    // Halved before they are added, so that the sum cannot overflow.
    p == o ? 0 : (p == .infinity ? 2 : abs(p - o) / (p / 2 + o / 2))
  }
}

private func mean(_ values: [Double]) -> Double {
  values.reduce(0, +) / Double(values.count)
}
