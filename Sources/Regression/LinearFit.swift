public import LinearAlgebra
public import ModelCore
import Statistics

/// One coefficient of a fit; all but the term are `nil` for a redundant column, and what needs
/// degrees of freedom is `nil` without them.
public struct Coefficient: Sendable, Equatable {
  public let term: String
  public let estimate: Double?
  public let standardError: Double?
  /// Estimate by standard error: Student's t.
  public let statistic: Double?
  /// Two-sided.
  public let pValue: Double?
  public let confidenceLow: Double?
  public let confidenceHigh: Double?
}

/// A predicted value with its interval, or the reason why there is none.
public struct Prediction: Sendable, Equatable {
  public let value: Double?
  public let lower: Double?
  public let upper: Double?
  /// Why a value is missing; `nil` when it is there.
  public let reason: String?

  init(value: Double, lower: Double?, upper: Double?) {
    self.value = value
    self.lower = lower
    self.upper = upper
    reason = nil
  }

  static let beyondDoubles = "the prediction is beyond the range of doubles"

  init(reason: String) {
    (value, lower, upper) = (nil, nil, nil)
    self.reason = reason
  }
}

/// A linear model fitted to a design.
public struct LinearFit: Sendable {
  public let design: Design
  /// One per column of the model matrix, in its order.
  public let coefficients: [Coefficient]
  /// The columns that are not redundant, ascending.
  public let basis: [Int]
  /// Of the coefficients in `basis`; `nil` without degrees of freedom.
  public let covariance: Matrix?
  public let summary: LinearSummary
  /// One per row of the design, on the scale of the formula's left side.
  public let fitted: [Double]
  /// Response minus fitted, not weighted.
  public let residuals: [Double]
  /// Leverages: the diagonal of the projection on the columns, in [0, 1].
  public let hat: [Double]
  /// `r sqrt(w) / (sigma sqrt(1 - h))`; `nil` where h is 1 or sigma is missing or 0.
  public let standardizedResiduals: [Double?]
  /// Cook's distance: `(r_std)^2 h / ((1 - h) rank)`.
  public let cooksDistance: [Double?]
  /// Duan's factor for a logarithm on the left side, else 1.
  public let smearing: Double
  /// Confidence of the coefficients' intervals.
  public let level: Double
  /// How the triangle was made.
  public let route: LeastSquaresRoute
  let predictor: LinearPredictor

  init(
    design: Design, predictor: LinearPredictor, basis: [Int], inverseGram: Matrix,
    residuals: [Double], hat: [Double], level: Double, summary: LinearSummary,
    route: LeastSquaresRoute = .reflections
  ) throws(RegressionError) {
    self.design = design
    self.predictor = predictor
    self.basis = basis
    self.residuals = residuals
    self.hat = hat
    self.level = level
    self.summary = summary
    self.route = route
    fitted = zip(design.response, residuals).map { $0 - $1 }
    smearing = ResponseScale(design.formula.response)
      .smearing(residuals, weights: design.weights)
    coefficients = try Self.coefficients(design, predictor, basis, inverseGram, level: level)
    covariance = summary.sigma.map { sigma in
      var scaled = inverseGram
      for i in 0..<scaled.rows {
        for j in 0..<scaled.columns { scaled[i, j] *= sigma * sigma }
      }
      return scaled
    }
    let standardized: [Double?] = residuals.indices.map { i in
      // Within rounding of 1 the row determines its own fitted value (R's rule).
      guard let sigma = summary.sigma, sigma > 0, hat[i] < 1 - 10 * Double.ulpOfOne else {
        return nil
      }
      let root = (design.weights?[i] ?? 1).squareRoot()
      return residuals[i] * root / (sigma * (1 - hat[i]).squareRoot())
    }
    standardizedResiduals = standardized
    cooksDistance = standardized.indices.map { i in
      standardized[i].map { $0 * $0 * hat[i] / ((1 - hat[i]) * Double(summary.rank)) }
    }
  }

  private static func coefficients(
    _ design: Design, _ predictor: LinearPredictor, _ basis: [Int], _ inverseGram: Matrix,
    level: Double
  ) throws(RegressionError) -> [Coefficient] {
    let names = design.recipe.columnNames
    let places = Dictionary(uniqueKeysWithValues: basis.enumerated().map { ($1, $0) })
    let degrees = predictor.degreesOfFreedom
    let critical =
      degrees > 0
      ? try LinearPredictor.critical(level: level, degreesOfFreedom: degrees) : nil
    var answer: [Coefficient] = []
    for (column, name) in names.enumerated() {
      let estimate = predictor.estimates[column]
      var (error, statistic, pValue): (Double?, Double?, Double?)
      if let place = places[column], let sigma = predictor.sigma {
        error = sigma * inverseGram[place, place].squareRoot()
      }
      if let estimate, let error, error > 0 {
        statistic = estimate / error
        pValue = try statistics { () throws(StatisticsError) in
          try StudentT(degreesOfFreedom: Double(degrees)).twoSidedTail(estimate / error)
        }
      }
      let reach = error.flatMap { error in critical.map { $0 * error } }
      answer.append(
        Coefficient(
          term: name, estimate: estimate, standardError: error, statistic: statistic,
          pValue: pValue, confidenceLow: reach.flatMap { reach in estimate.map { $0 - reach } },
          confidenceHigh: reach.flatMap { reach in estimate.map { $0 + reach } }))
    }
    return answer
  }

  /// The fit as a value of its own, to save and to predict with.
  public var formulaFit: FormulaFit { FormulaFit(self) }

  /// Predictions for the rows of a table: see `FormulaFit.predict`.
  public func predict(
    _ table: Table, level: Double = 0.95, interval: IntervalKind = .prediction
  ) throws(RegressionError) -> [Prediction] {
    try formulaFit.predict(table, level: level, interval: interval)
  }
}
