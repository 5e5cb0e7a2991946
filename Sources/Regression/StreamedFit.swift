public import LinearAlgebra
import Statistics

/// A linear model fitted to rows that were not kept.
///
/// Everything of `LinearFit` but what belongs to single rows. What needs the rows again is empty:
/// the errors `mae` and `mdape`, and for weighted fits or a logarithm on the left `rmse`. A second
/// pass, `ResidualScan`, fills in most of it.
public struct StreamedFit: Sendable, Equatable {
  /// One per column of the model, in its order.
  public let coefficients: [Coefficient]
  /// The columns that are not redundant, ascending.
  public let basis: [Int]
  /// Of the coefficients in `basis`; `nil` without degrees of freedom.
  public let covariance: Matrix?
  public internal(set) var summary: LinearSummary
  /// The fit as a value of its own, to save and to predict with.
  public internal(set) var formulaFit: FormulaFit
  /// Steps of refinement that changed the coefficients.
  public let refinements: Int
  public let isWeighted: Bool
  /// How the triangle was made; `nil` when a state that an earlier release saved is part of it.
  public let route: LeastSquaresRoute?
  public let missingRows: Int
  public let zeroWeightRows: Int
  /// Whether a `ResidualScan` has filled in what takes the rows.
  public internal(set) var hasSecondPass = false
}

extension LeastSquaresState {
  /// Fits the rows seen so far; the state may go on.
  ///
  /// Coefficients, standard errors, sigma, R squared, F, likelihood and criteria are those of
  /// `LeastSquares.fit` on the same rows up to rounding. For a logarithm on the left, Duan's
  /// factor is replaced by that of normal errors, exp(log(b)^2 S / 2W) with S the residual sum of
  /// squares, W the sum of weights and b the base, because Duan's is a mean over the rows.
  /// - Parameters:
  ///   - level: confidence of the coefficients' intervals, in (0, 1).
  ///   - rankTolerance: in [0, 1); `nil` for `MergeableQR.defaultTolerance`.
  /// - Throws: `RegressionError.level`, `.noRows`, `.singleLevel`, `.noColumns`, `.outOfRange` for
  ///   a response whose squares are beyond the doubles, `.linearAlgebra` for a rank tolerance out of
  ///   range.
  public func fit(
    level: Double = 0.95, rankTolerance: Double? = nil
  ) throws(RegressionError) -> StreamedFit {
    guard level > 0, level < 1 else { throw .level(level) }
    guard nobs > 0 else {
      throw .noRows(table: rowsRead, missing: missingRows, zeroWeight: zeroWeightRows)
    }
    let recipe = try modelRecipe()
    let solved = try algebra { () throws(LinearAlgebraError) in
      try reduction.leastSquares(
        predictors: design.positions(of: recipe), response: design.responseColumn,
        tolerance: rankTolerance)
    }
    guard let solved else { throw .noColumns(formula: design.formula.description) }

    var estimates = [Double?](repeating: nil, count: recipe.columnNames.count)
    for (place, column) in solved.basis.enumerated() {
      estimates[column] = solved.coefficients[place]
    }
    let degrees = nobs - solved.basis.count
    let squares = perfect(solved.residualSquares) ? 0 : solved.residualSquares
    let sigma = degrees > 0 ? (squares / Double(degrees)).squareRoot() : nil
    let parts = try algebra { () throws(LinearAlgebraError) in
      (
        triangle: try solved.factors.unscaledTriangle(), gram: try solved.factors.inverseGram(),
        condition: try solved.factors.conditionEstimate()
      )
    }
    let predictor = LinearPredictor(
      estimates: estimates, pivots: solved.factors.pivots.map { solved.basis[$0] },
      triangle: parts.triangle, aliases: solved.aliases, sigma: sigma, degreesOfFreedom: degrees)
    var covariance = parts.gram
    for i in 0..<covariance.rows {
      for j in 0..<covariance.columns { covariance[i, j] *= (sigma ?? 0) * (sigma ?? 0) }
    }
    return StreamedFit(
      coefficients: try Coefficient.list(
        recipe.columnNames, predictor, basis: solved.basis,
        spreads: solved.basis.indices.map { parts.gram[$0, $0].squareRoot() }, level: level),
      basis: solved.basis, covariance: sigma == nil ? nil : covariance,
      summary: try summary(
        squares, rank: solved.basis.count, condition: parts.condition,
        spansConstant: try spansConstant(solved)),
      formulaFit: FormulaFit(
        recipe: recipe, nobs: nobs, smearing: normalSmearing(squares), ranges: ranges,
        predictor: predictor),
      refinements: solved.refinements, isWeighted: design.weights != nil,
      route: reduction.rowsOfProducts.map {
        $0 == 0 ? .reflections : .products(rows: $0, of: reduction.rows)
      },
      missingRows: missingRows, zeroWeightRows: zeroWeightRows)
  }

  /// The recipe of the whole data: the model's own contrasts over the levels seen.
  private func modelRecipe() throws(RegressionError) -> DesignRecipe {
    for (variable, known) in zip(design.formula.variables, design.variables) {
      guard case .factor(let levels, _) = known, levels.count < 2 else { continue }
      throw .singleLevel(
        column: variable.columnsRead.first ?? "", level: levels.first ?? "", rows: nobs)
    }
    return try DesignRecipe(
      formula: design.formula, variables: design.variables.map(\.recipe))
  }

  /// Whether the residuals are no larger than the rounding of the largest response.
  private func perfect(_ squares: Double) -> Bool {
    let rounding = max(abs(response.lower), abs(response.upper)).ulp / 2
    return squares <= weightSum * rounding * rounding
  }

  /// Whether a constant is a combination of the columns: then R squared compares with the mean.
  private func spansConstant(_ solved: MergedLeastSquares) throws(RegressionError) -> Bool {
    if design.formula.hasIntercept { return true }
    return try algebra { () throws(LinearAlgebraError) in
      try reduction.spans(0, by: solved)
    }
  }

  /// The factor of normal errors for a logarithm on the left side, else 1.
  private func normalSmearing(_ squares: Double) -> Double {
    let scale = ResponseScale(design.formula.response)
    guard scale.kind != .identity else { return 1 }
    let variance = squares / weightSum
    // back(z) is e^(z log b): the mean of a lognormal variable over its median.
    let unit = CMath.log(scale.back(1))
    return CMath.exp(variance * unit * unit / 2)
  }

  private func summary(
    _ squares: Double, rank: Int, condition: Double, spansConstant: Bool
  ) throws(RegressionError) -> LinearSummary {
    let degrees = nobs - rank
    let column = design.responseColumn
    var total = reduction.sumOfProducts(column, column)
    if spansConstant {
      // A constant has no spread about its mean, whatever rounding makes of that mean.
      total = response.lower == response.upper ? 0 : reduction.squaresAboutMean(column, ones: 0)
    }
    guard total.isFinite, squares.isFinite else {
      throw .outOfRange(term: design.formula.response.description)
    }
    let modelDegrees = rank - (spansConstant ? 1 : 0)
    let totalDegrees = nobs - (spansConstant ? 1 : 0)
    let share = total > 0 ? squares / total : nil
    let variance = degrees > 0 ? squares / Double(degrees) : nil
    var (fStatistic, fPValue): (Double?, Double?)
    if let variance, variance > 0, modelDegrees > 0 {
      let ratio = max(total - squares, 0) / Double(modelDegrees) / variance
      fStatistic = ratio
      fPValue = try statistics { () throws(StatisticsError) in
        try FisherF(
          numeratorDegrees: Double(modelDegrees), denominatorDegrees: Double(degrees)
        ).upperTail(ratio)
      }
    }
    let n = Double(nobs)
    let likelihood =
      degrees > 0 && squares > 0
      ? 0.5 * (logWeights.value - n * (CMath.log(2 * .pi * squares / n) + 1)) : nil
    let parameters = Double(rank + 1)
    let isPlain =
      design.weights == nil && ResponseScale(design.formula.response).kind == .identity
    return LinearSummary(
      nobs: nobs, rank: rank, degreesOfFreedom: degrees, sigma: variance?.squareRoot(),
      rSquared: share.map { 1 - $0 },
      adjustedRSquared: degrees > 0
        ? share.map { 1 - $0 * Double(totalDegrees) / Double(degrees) } : nil,
      fStatistic: fStatistic, fPValue: fPValue,
      rmse: isPlain ? (squares / n).squareRoot() : nil, mae: nil, mdape: nil,
      logLikelihood: likelihood, aic: likelihood.map { -2 * $0 + 2 * parameters },
      bic: likelihood.map { -2 * $0 + parameters * CMath.log(n) }, condition: condition)
  }
}

extension Coefficient {
  /// The rows of a coefficient table.
  ///
  /// - Parameter spreads: standard errors over sigma, one per position in `basis`.
  static func list(
    _ names: [String], _ predictor: LinearPredictor, basis: [Int], spreads: [Double],
    level: Double
  ) throws(RegressionError) -> [Coefficient] {
    let places = Dictionary(uniqueKeysWithValues: basis.enumerated().map { ($1, $0) })
    let degrees = predictor.degreesOfFreedom
    let critical =
      degrees > 0 ? try LinearPredictor.critical(level: level, degreesOfFreedom: degrees) : nil
    var answer: [Coefficient] = []
    for (column, name) in names.enumerated() {
      let estimate = predictor.estimates[column]
      var (error, statistic, pValue): (Double?, Double?, Double?)
      if let place = places[column], let sigma = predictor.sigma { error = sigma * spreads[place] }
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
}

extension FormulaFit {
  init(
    recipe: DesignRecipe, nobs: Int, smearing: Double, ranges: [ColumnRange],
    predictor: LinearPredictor
  ) {
    self.recipe = recipe
    self.nobs = nobs
    self.smearing = smearing
    self.ranges = ranges
    self.predictor = predictor
  }
}
