import LinearAlgebra
import Statistics

/// Ordinary and weighted least squares: b minimises `sum w (y - Xb)^2`.
///
/// By a QR factorisation with column pivoting of `sqrt(w) X`, refined so that coefficients are
/// accurate nearly to the last digit even for ill-conditioned columns; X'X is never formed.
/// Columns that are combinations of columns before them are redundant: their coefficients are
/// `nil`, as in R. Inference assumes independent errors of variance sigma^2 / w.
/// Source: Björck, Numerical Methods for Least Squares Problems (1996); R, `lm`.
public struct LeastSquares: Sendable {
  /// Relative size below which a column counts as a combination of others; `nil` for
  /// `PivotedQR.defaultTolerance`. (R's `lm` uses 1e-7, and so drops columns that Cutover fits.)
  public var rankTolerance: Double?
  /// Confidence of the coefficients' intervals.
  public var level: Double

  public init(level: Double = 0.95, rankTolerance: Double? = nil) {
    self.level = level
    self.rankTolerance = rankTolerance
  }

  /// Fits a design.
  ///
  /// From 65,536 rows by sums of products in twice the precision where those lose nothing, on all
  /// cores; `LinearFit.route` says which.
  /// With as many columns as rows there is a fit, but no sigma and nothing that needs it.
  /// - Throws: `RegressionError.level`; `.noColumns` when every column is zero; `.linearAlgebra`
  ///   for a rank tolerance out of range.
  public func fit(_ design: Design) throws(RegressionError) -> LinearFit {
    try fit(design, mergingFrom: Self.leastMergedRows)
  }

  /// - Parameter leastRows: with fewer rows they are factorised.
  package func fit(_ design: Design, mergingFrom leastRows: Int) throws(RegressionError)
    -> LinearFit
  {
    guard level > 0, level < 1 else { throw .level(level) }
    if design.response.count >= leastRows, let merged = try mergedFit(design) { return merged }
    let roots = design.weights?.map { $0.squareRoot() }
    let (matrix, response) = try Self.weighted(design, roots)
    let (factors, basis) = try factorise(matrix, design)
    let all = matrix.columns

    let used = matrix.selectingColumns(basis)
    let solution = try algebra { () throws(LinearAlgebraError) in
      try factors.solve(response, matrix: used)
    }
    var estimates = [Double?](repeating: nil, count: all)
    for (place, column) in basis.enumerated() { estimates[column] = solution.coefficients[place] }

    let count = response.count
    let degrees = count - basis.count
    // The residuals of the weighted problem, and those of the response itself.
    let weightedResiduals = solution.residuals
    let residuals =
      roots.map { roots in
        weightedResiduals.indices.map { weightedResiduals[$0] / roots[$0] }
      } ?? weightedResiduals
    let squares = weightedResiduals.reduce(0) { $0 + $1 * $1 }
    let sigma = degrees > 0 ? (squares / Double(degrees)).squareRoot() : nil

    let parts = try algebra { () throws(LinearAlgebraError) in
      (
        triangle: try factors.unscaledTriangle(), inverseGram: try factors.inverseGram(),
        hat: try factors.hatDiagonal(), condition: try factors.conditionEstimate(),
        aliases: try Self.aliases(matrix, used, factors, basis: basis, columns: all)
      )
    }
    let predictor = LinearPredictor(
      estimates: estimates, pivots: factors.pivots.map { basis[$0] }, triangle: parts.triangle,
      aliases: parts.aliases, sigma: sigma, degreesOfFreedom: degrees)
    return try LinearFit(
      design: design, predictor: predictor, basis: basis, inverseGram: parts.inverseGram,
      residuals: residuals, hat: parts.hat, level: level,
      summary: Self.summary(
        design, residualSquares: squares, residuals: residuals, rank: basis.count,
        condition: parts.condition,
        spansConstant: try Self.spansConstant(design, roots, factors)))
  }

  private static func weighted(
    _ design: Design, _ roots: [Double]?
  ) throws(RegressionError) -> (Matrix, [Double]) {
    guard let roots else { return (design.matrix, design.response) }
    let matrix = try algebra { () throws(LinearAlgebraError) in
      try design.matrix.scalingRows(by: roots)
    }
    return (matrix, zip(design.response, roots).map { $0 * $1 })
  }

  /// The factorisation of the columns that count.
  private func factorise(
    _ matrix: Matrix, _ design: Design
  ) throws(RegressionError) -> (PivotedQR, basis: [Int]) {
    let full = try algebra { () throws(LinearAlgebraError) in
      try PivotedQR(matrix, tolerance: rankTolerance)
    }
    if full.rank == matrix.columns { return (full, Array(0..<matrix.columns)) }
    guard full.rank > 0 else { throw .noColumns(formula: design.formula.description) }
    return try algebra { () throws(LinearAlgebraError) in
      let basis = try independentColumns(of: matrix, tolerance: full.tolerance)
      // Their independence is settled, so nothing more may be dropped.
      let factors = try PivotedQR(matrix.selectingColumns(basis), tolerance: 0)
      guard factors.rank == basis.count else { throw .routine("dgeqp3", info: factors.rank + 1) }
      return (factors, basis)
    }
  }

  private static func aliases(
    _ matrix: Matrix, _ used: Matrix, _ factors: PivotedQR, basis: [Int], columns: Int
  ) throws(LinearAlgebraError) -> [Int: [Double]] {
    var answer: [Int: [Double]] = [:]
    let kept = Set(basis)
    for column in 0..<columns where !kept.contains(column) {
      let relation = try factors.solve(Array(matrix.column(column)), matrix: used)
      answer[column] = factors.pivots.map { relation.coefficients[$0] }
    }
    return answer
  }

  /// Whether a constant is a combination of the columns: then R squared compares with the mean.
  private static func spansConstant(
    _ design: Design, _ roots: [Double]?, _ factors: PivotedQR
  ) throws(RegressionError) -> Bool {
    if design.formula.hasIntercept { return true }
    let ones = roots ?? [Double](repeating: 1, count: design.response.count)
    let rotated = try algebra { () throws(LinearAlgebraError) in
      try factors.applyingQTransposed(to: ones)
    }
    let rest = rotated.dropFirst(factors.rank).reduce(0) { $0 + $1 * $1 }
    let whole = ones.reduce(0) { $0 + $1 * $1 }
    // Rounding leaves about 1e-30 of the square; a real gap of one row in 1e9 leaves 1e-9.
    return rest <= 1e-20 * whole
  }
}
