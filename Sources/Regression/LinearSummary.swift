import Statistics

/// One row that sums up a fit; what cannot be said is `nil`.
public struct LinearSummary: Sendable, Equatable {
  /// Rows with a positive weight.
  public let nobs: Int
  public let rank: Int
  public let degreesOfFreedom: Int
  /// Residual standard deviation; `nil` without degrees of freedom.
  public let sigma: Double?
  /// 1 - residual / total sum of squares; the total is about the mean if the columns span a
  /// constant, else about zero. R goes by the intercept alone, and so differs for `y ~ 0 + factor`.
  public let rSquared: Double?
  public let adjustedRSquared: Double?
  /// Of the hypothesis that all coefficients but the constant are zero.
  public let fStatistic: Double?
  public let fPValue: Double?
  /// Errors on the original scale of the response (after the logarithm is undone, with Duan's
  /// factor), of the fitted rows themselves.
  public let rmse: Double?
  public let mae: Double?
  /// Median absolute percentage error as a fraction, of the rows whose response is > 0.
  public let mdape: Double?
  /// Gaussian, on the scale of the formula; `nil` for a perfect fit.
  public let logLikelihood: Double?
  /// -2 log L + 2 k, k = rank + 1, sigma counted, as in R.
  public let aic: Double?
  /// -2 log L + k log n.
  public let bic: Double?
  /// Condition number of the columns at equal length, 1-norm, estimated.
  public let condition: Double
}

extension LeastSquares {
  static func summary(
    _ design: Design, residualSquares: Double, residuals: [Double], rank: Int,
    condition: Double, spansConstant: Bool
  ) throws(RegressionError) -> LinearSummary {
    let count = design.response.count
    let degrees = count - rank
    let total = totalSquares(design, aboutMean: spansConstant)
    let modelDegrees = rank - (spansConstant ? 1 : 0)
    let totalDegrees = count - (spansConstant ? 1 : 0)

    let share = total > 0 ? residualSquares / total : nil
    let variance = degrees > 0 ? residualSquares / Double(degrees) : nil
    var fStatistic: Double?
    var fPValue: Double?
    if let variance, variance > 0, modelDegrees > 0 {
      let ratio = max(total - residualSquares, 0) / Double(modelDegrees) / variance
      fStatistic = ratio
      fPValue = try statistics { () throws(StatisticsError) in
        try FisherF(
          numeratorDegrees: Double(modelDegrees), denominatorDegrees: Double(degrees)
        ).upperTail(ratio)
      }
    }
    let likelihood =
      degrees > 0
      ? logLikelihood(residualSquares, weights: design.weights, count: count) : nil
    let parameters = Double(rank + 1)
    let errors = try originalErrors(design, residuals)
    return LinearSummary(
      nobs: count, rank: rank, degreesOfFreedom: degrees, sigma: variance?.squareRoot(),
      rSquared: share.map { 1 - $0 },
      adjustedRSquared: degrees > 0
        ? share.map { 1 - $0 * Double(totalDegrees) / Double(degrees) } : nil,
      fStatistic: fStatistic, fPValue: fPValue, rmse: errors.rmse, mae: errors.mae,
      mdape: errors.mdape, logLikelihood: likelihood,
      aic: likelihood.map { -2 * $0 + 2 * parameters },
      bic: likelihood.map { -2 * $0 + parameters * CMath.log(Double(count)) },
      condition: condition)
  }

  private static func totalSquares(_ design: Design, aboutMean: Bool) -> Double {
    let response = design.response
    let weights = design.weights ?? [Double](repeating: 1, count: response.count)
    // A constant has no spread about its mean, whatever rounding makes of that mean.
    if aboutMean, response.allSatisfy({ $0 == response[0] }) { return 0 }
    var centre = 0.0
    if aboutMean {
      let total = weights.reduce(0, +)
      for i in response.indices { centre += weights[i] / total * response[i] }
    }
    var sum = 0.0
    for i in response.indices {
      sum += weights[i] * (response[i] - centre) * (response[i] - centre)
    }
    return sum
  }

  /// -n/2 (log(2 pi S / n) + 1) + 1/2 sum log w, as R's `logLik`; `nil` for S = 0.
  private static func logLikelihood(
    _ residualSquares: Double, weights: [Double]?, count: Int
  ) -> Double? {
    guard residualSquares > 0 else { return nil }
    let n = Double(count)
    let logWeights = weights?.reduce(0) { $0 + CMath.log($1) } ?? 0
    return 0.5 * (logWeights - n * (CMath.log(2 * .pi * residualSquares / n) + 1))
  }

  private static func originalErrors(
    _ design: Design, _ residuals: [Double]
  ) throws(RegressionError) -> (rmse: Double?, mae: Double?, mdape: Double?) {
    let scale = ResponseScale(design.formula.response)
    let factor = scale.smearing(residuals, weights: design.weights)
    let predicted = residuals.indices.map {
      scale.back(design.response[$0] - residuals[$0]) * factor
    }
    // A prediction beyond the doubles has no error that could be averaged.
    guard predicted.allSatisfy(\.isFinite) else { return (nil, nil, nil) }
    let positive = design.observed.indices.filter { design.observed[$0] > 0 }
    return try statistics { () throws(StatisticsError) in
      let observed = design.observed
      return (
        try Metric.rootMeanSquaredError(predicted: predicted, observed: observed),
        try Metric.meanAbsoluteError(predicted: predicted, observed: observed),
        positive.isEmpty
          ? nil
          : try Metric.medianAbsolutePercentageError(
            predicted: positive.map { predicted[$0] }, observed: positive.map { observed[$0] })
      )
    }
  }
}
