import ModelCore
import Statistics

/// The glance row of a kind of fit: the columns of `LinearFit.glance`, with `nil` for what the
/// method does not give.
public struct KindSummary: Sendable, Equatable {
  public let nobs: Int
  public let rank: Int
  /// Rows minus (effective) parameters.
  public var degreesOfFreedom: Double?
  /// The spread of a single observation on the scale of the formula's left side.
  public var sigma: Double?
  public var rSquared: Double?
  public var adjustedRSquared: Double?
  public var rmse: Double?
  public var mae: Double?
  public var mdape: Double?
  public var logLikelihood: Double?
  public var aic: Double?
  public var bic: Double?
  public var condition: Double?

  init(nobs: Int, rank: Int) {
    self.nobs = nobs
    self.rank = rank
  }

  /// Sets the errors on the original scale of the response.
  mutating func setErrors(
    _ design: Design, fitted: [Double], smearing: Double
  ) throws(RegressionError) {
    let scale = ResponseScale(design.formula.response)
    let predicted = fitted.map { scale.back($0) * smearing }
    // A prediction beyond the doubles has no error that could be averaged.
    guard predicted.allSatisfy(\.isFinite) else { return }
    let observed = design.observed
    let positive = observed.indices.filter { observed[$0] > 0 }
    (rmse, mae, mdape) = try statistics { () throws(StatisticsError) in
      (
        try Metric.rootMeanSquaredError(predicted: predicted, observed: observed),
        try Metric.meanAbsoluteError(predicted: predicted, observed: observed),
        positive.isEmpty
          ? nil
          : try Metric.medianAbsolutePercentageError(
            predicted: positive.map { predicted[$0] }, observed: positive.map { observed[$0] })
      )
    }
  }

  /// Sets the likelihood and the criteria for a number of parameters.
  mutating func setLikelihood(_ value: Double?, parameters: Double) {
    logLikelihood = value
    aic = value.map { -2 * $0 + 2 * parameters }
    bic = value.map { -2 * $0 + parameters * CMath.log(Double(nobs)) }
  }

  /// The Gaussian likelihood at its maximum over sigma, as `LinearSummary.logLikelihood`.
  static func gaussianLogLikelihood(_ squares: Double, _ design: Design) -> Double? {
    guard squares > 0 else { return nil }
    let n = Double(design.response.count)
    let logWeights = design.weights?.reduce(0) { $0 + CMath.log($1) } ?? 0
    return 0.5 * (logWeights - n * (CMath.log(2 * .pi * squares / n) + 1))
  }

  /// 1 - S / total, the total about the weighted mean with an intercept, else about zero;
  /// `nil` without any spread.
  static func shareExplained(_ squares: Double, _ design: Design) -> Double? {
    let weights = design.weights ?? [Double](repeating: 1, count: design.response.count)
    let total = weights.reduce(0, +)
    var centre = 0.0
    if design.formula.hasIntercept {
      // A constant has no spread about its mean, whatever rounding makes of that mean.
      if design.response.allSatisfy({ $0 == design.response[0] }) { return nil }
      for (weight, y) in zip(weights, design.response) { centre += weight / total * y }
    }
    var sum = 0.0
    for (weight, y) in zip(weights, design.response) {
      sum += weight * (y - centre) * (y - centre)
    }
    return sum > 0 ? 1 - squares / sum : nil
  }
}
