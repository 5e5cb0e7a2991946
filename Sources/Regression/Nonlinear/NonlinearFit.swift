public import ModelCore
import Statistics

/// A non-linear formula fitted to data, with the whole story of how.
public struct NonlinearFit: Sendable {
  public let design: NonlinearDesign
  /// One per start, in order.
  public let reports: [NonlinearReport]
  /// The position of the run whose end this fit is.
  public let best: Int
  /// One per parameter.
  public let bounds: [ParameterBounds]
  /// Standard errors and what they rest on; they mean something for a converged fit only.
  public let inference: NonlinearInference
  /// One per parameter, in the order of appearance; without errors unless the fit converged.
  public let coefficients: [Coefficient]
  public let summary: LinearSummary
  /// One per row of the design, on the scale of the formula's left side.
  public let fitted: [Double]
  /// Response minus fitted, not weighted.
  public let residuals: [Double]
  /// Duan's factor for a logarithm on the left side, else 1.
  public let smearing: Double
  /// Confidence of the coefficients' intervals.
  public let level: Double

  /// The run whose end this fit is.
  public var report: NonlinearReport { reports[best] }
  public var isConverged: Bool { report.status.isConverged }
  /// The estimates by parameter.
  public var estimates: [String: Double] {
    Dictionary(uniqueKeysWithValues: zip(design.parameterNames, report.end))
  }

  init(
    design: NonlinearDesign, reports: [NonlinearReport], best: Int, bounds: [ParameterBounds],
    level: Double
  ) throws(RegressionError) {
    let report = reports[best]
    let inference = try NonlinearInference(design, report)
    let fitted = design.fitted(at: report.end)
    let residuals = zip(design.response, fitted).map { $0 - $1 }
    let smearing = ResponseScale(design.formula.response)
      .smearing(residuals, weights: design.weights)
    self.design = design
    self.reports = reports
    self.best = best
    self.bounds = bounds
    self.level = level
    self.inference = inference
    self.fitted = fitted
    self.residuals = residuals
    self.smearing = smearing
    let all = try inference.coefficients(level: level)
    coefficients =
      report.status.isConverged ? all : all.map { Self.withoutErrors($0) }
    summary = try Self.summary(
      design, report, inference, residuals: residuals, smearing: smearing)
  }

  private static func withoutErrors(_ coefficient: Coefficient) -> Coefficient {
    Coefficient(
      term: coefficient.term, estimate: coefficient.estimate, standardError: nil, statistic: nil,
      pValue: nil, confidenceLow: nil, confidenceHigh: nil)
  }

  /// The figures of a linear fit that keep their meaning; R squared and F do not, because the
  /// model need not contain a constant, nor be linear in anything.
  private static func summary(
    _ design: NonlinearDesign, _ report: NonlinearReport, _ inference: NonlinearInference,
    residuals: [Double], smearing: Double
  ) throws(RegressionError) -> LinearSummary {
    let scale = ResponseScale(design.formula.response)
    let predicted = residuals.indices.map {
      scale.back(design.response[$0] - residuals[$0]) * smearing
    }
    let usable = predicted.allSatisfy(\.isFinite)
    let positive = design.observed.indices.filter { design.observed[$0] > 0 }
    let observed = design.observed
    let errors = try statistics { () throws(StatisticsError) -> (Double?, Double?, Double?) in
      guard usable else { return (nil, nil, nil) }
      return (
        try Metric.rootMeanSquaredError(predicted: predicted, observed: observed),
        try Metric.meanAbsoluteError(predicted: predicted, observed: observed),
        positive.isEmpty
          ? nil
          : try Metric.medianAbsolutePercentageError(
            predicted: positive.map { predicted[$0] }, observed: positive.map { observed[$0] })
      )
    }
    let likelihood = logLikelihood(design, report, inference)
    let count = Double(design.rows.count)
    let parameters = Double(inference.rank + 1)
    return LinearSummary(
      nobs: design.rows.count, rank: inference.rank,
      degreesOfFreedom: inference.degreesOfFreedom, sigma: inference.sigma, rSquared: nil,
      adjustedRSquared: nil, fStatistic: nil, fPValue: nil, rmse: errors.0, mae: errors.1,
      mdape: errors.2, logLikelihood: likelihood,
      aic: likelihood.map { -2 * $0 + 2 * parameters },
      bic: likelihood.map { -2 * $0 + parameters * CMath.log(count) },
      condition: inference.condition)
  }

  /// Gaussian, as R's `logLik` of an `nls`; `nil` for a robust loss, which is no likelihood of
  /// that kind, for a perfect fit, and without degrees of freedom.
  private static func logLikelihood(
    _ design: NonlinearDesign, _ report: NonlinearReport, _ inference: NonlinearInference
  ) -> Double? {
    guard report.options.loss == .squared, inference.degreesOfFreedom > 0,
      let squares = report.objectiveAtEnd, squares > 0
    else { return nil }
    let n = Double(design.rows.count)
    let logWeights = design.weights?.reduce(0) { $0 + CMath.log($1) } ?? 0
    return 0.5 * (logWeights - n * (CMath.log(2 * .pi * squares / n) + 1))
  }

  /// The fit as a value of its own, to save and to predict with.
  public var formulaFit: NonlinearFormulaFit { NonlinearFormulaFit(self) }
}

extension NonlinearFit: FormulaModelFit {
  /// Of columns at equal length, about 1 over the square root of a double's spacing: beyond it
  /// half of the digits of a Gauss-Newton step are gone. NIST's certified sets stay below it.
  static let suspiciousCondition = 1e7

  public var formulaText: String { design.formula.description }

  public var method: String {
    let weighted = design.weights == nil ? "" : "weighted "
    return switch report.options.loss {
    case .squared: weighted + "non-linear least squares"
    default:
      weighted + "non-linear regression, \(report.options.loss.name) loss at scale "
        + shortestDecimal(report.options.loss.scale)
    }
  }

  /// How it ended, what was left out, and what could not be estimated.
  public var notes: [String] {
    var notes: [String] = []
    let count = report.iterations.count
    let run = "\(count) iterations, \(report.residualEvaluations) evaluations"
    notes.append(
      isConverged
        ? "converged: \(report.status.explanation) (\(run))."
        : "NOT CONVERGED: \(report.status.explanation) (\(run)); the estimates are where it ended, "
          + "and have no standard errors.")
    if reports.count > 1 {
      let good = reports.count { $0.status.isConverged }
      notes.append("\(good) of \(reports.count) starts converged; start \(best + 1) is the best.")
    }
    let names = design.parameterNames
    if !inference.unidentified.isEmpty {
      notes.append(
        "not identified: \(inference.unidentified.map { names[$0] }.joined(separator: ", ")); the "
          + "data cannot tell their values apart, so they have no standard errors.")
    }
    if inference.condition > Self.suspiciousCondition {
      let power = inference.condition.isFinite ? Int(CMath.apply(.log10, inference.condition)) : 308
      notes.append(
        "the parameters are all but redundant (condition number above 1e\(power)): some may run "
          + "off together, and their errors say little.")
    }
    if !inference.atBound.isEmpty {
      notes.append(
        "resting on a bound: \(inference.atBound.map { names[$0] }.joined(separator: ", ")); "
          + "the other standard errors take them as known.")
    }
    notes += FitNotes.leftOut(missing: design.missingRows, zeroWeight: design.zeroWeightRows)
    if ResponseScale(design.formula.response).kind != .identity {
      notes.append(
        FitNotes.smearing(
          formulaFit.predictedName, how: "Duan's smearing factor", factor: smearing))
    }
    return notes
  }

  public func predict(_ table: Table, level: Double) throws(RegressionError) -> [Prediction] {
    try formulaFit.predict(table, level: level)
  }
}
