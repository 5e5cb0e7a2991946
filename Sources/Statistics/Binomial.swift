import CBoostMath

/// The number of successes in independent trials of equal probability. Computed by Boost.Math.
///
/// Discrete, so apart from `Distribution`: its quantiles are whole numbers that keep a promise
/// ("at most this many with at least this probability").
public struct Binomial: Sendable, Equatable {
  /// Number of trials; whole, >= 0.
  public let trials: Double
  /// Of a success, 0 to 1.
  public let probability: Double

  /// - Throws: `StatisticsError.domain` unless trials is a whole number >= 0 and probability 0 to 1.
  public init(trials: Double, probability: Double) throws(StatisticsError) {
    try require(
      trials >= 0 && trials == trials.rounded() && trials.isFinite, "binomial", "trials", trials,
      "a whole number >= 0")
    try require(
      probability >= 0 && probability <= 1, "binomial", "probability", probability, "0 to 1")
    self.trials = trials
    self.probability = probability
  }

  /// n p.
  public var mean: Double { trials * probability }

  /// sqrt(n p (1 - p)).
  public var standardDeviation: Double { (trials * probability * (1 - probability)).squareRoot() }

  /// The count that normal theory provides for: `n p + z sqrt(n p (1 - p))`.
  ///
  /// For small n p the true tail is heavier: `leastCount(failing:)` is exact.
  public func normalGuard(deviations z: Double) -> Double { mean + z * standardDeviation }

  /// P(X >= k).
  ///
  /// - Throws: `StatisticsError.domain` for a NaN.
  public func probabilityOfAtLeast(_ k: Double) throws(StatisticsError) -> Double {
    try require(!k.isNaN, "binomial", "count", k, "a number")
    let whole = k.rounded(.up)
    if whole <= 0 { return 1 }
    if whole > trials { return 0 }
    if probability == 0 { return 0 }
    if probability == 1 { return 1 }
    return try converged("binomial", cutover_binomial_cdf(trials, probability, whole - 1, 1))
  }

  /// The least count k with `P(X > k) <= failure`.
  ///
  /// - Parameter failure: > 0, <= 1.
  /// - Throws: `StatisticsError.domain` otherwise.
  public func leastCount(failing failure: Double) throws(StatisticsError) -> Double {
    try require(failure > 0 && failure <= 1, "binomial", "failure", failure, "> 0, <= 1")
    if trials == 0 || probability == 0 || failure == 1 { return 0 }
    if probability == 1 { return trials }
    let count = try converged(
      "binomial quantile", cutover_binomial_quantile(trials, probability, failure, 1))
    return min(max(count, 0), trials)
  }
}
