import LinearAlgebra
import Statistics

extension LeastSquares {
  /// Fits of fewer rows stay with a factorisation of them.
  static let leastMergedRows = 65_536
  /// Rows of a piece of work on residuals.
  private static let pieceRows = 16_384
  /// Parts of a fitted value may be so many times the response: their rounding errors, 2^-53 of
  /// each, are what residuals lose.
  private static let largestCancellation = 64.0

  /// The fit of many rows by sums of products in twice the precision, on all cores.
  ///
  /// For columns of full rank, every piece of whose rows is within `MergeableQR.productBound`, and
  /// whose fitted values are not small differences of large parts. Coefficients are those of a
  /// factorisation to nearly the last digit, residuals to 2^-44 of the largest response, leverages
  /// to 2^-50 of the condition number times their root. Bits do not depend on the number of cores.
  /// - Returns: `nil` when the rows are better factorised.
  func mergedFit(_ design: Design) throws(RegressionError) -> LinearFit? {
    let columns = design.matrix.columns
    // Without an intercept it takes the rows to tell whether a constant is among the columns.
    guard design.formula.hasIntercept else { return nil }
    let state = try algebra { () throws(LinearAlgebraError) in
      try MergeableQR.products(
        of: design.matrix, response: design.response,
        roots: design.weights?.map { $0.squareRoot() },
        threads: CMath.coreCount)
    }
    guard let state else { return nil }
    let count = design.response.count
    let solved = try algebra { () throws(LinearAlgebraError) in
      try state.leastSquares(
        predictors: Array(0..<columns), response: columns,
        tolerance: rankTolerance
          ?? PivotedQR.defaultTolerance(rows: count, columns: columns))
    }
    guard let solved, solved.basis.count == columns else { return nil }
    let size = state.sumOfProducts(columns, columns).squareRoot()
    for (j, coefficient) in solved.coefficients.enumerated() {
      let part = abs(coefficient) * state.sumOfProducts(j, j).squareRoot()
      guard part <= Self.largestCancellation * size else { return nil }
    }

    let degrees = count - columns
    guard degrees > 0 else { return nil }
    let parts = try algebra { () throws(LinearAlgebraError) in
      let triangle = try solved.factors.unscaledTriangle()
      return (
        triangle: triangle, inverse: try triangle.inverted(),
        gram: try solved.factors.inverseGram(), condition: try solved.factors.conditionEstimate()
      )
    }
    let rows = Self.rows(
      design, coefficients: solved.coefficients, pivots: solved.factors.pivots,
      inverse: parts.inverse)
    let predictor = LinearPredictor(
      estimates: solved.coefficients, pivots: solved.factors.pivots, triangle: parts.triangle,
      aliases: [:], sigma: (solved.residualSquares / Double(degrees)).squareRoot(),
      degreesOfFreedom: degrees)
    return try LinearFit(
      design: design, predictor: predictor, basis: solved.basis, inverseGram: parts.gram,
      residuals: rows.residuals, hat: rows.hat, level: level,
      summary: Self.summary(
        design, residualSquares: solved.residualSquares, residuals: rows.residuals,
        rank: columns, condition: parts.condition, spansConstant: true),
      route: .products(rows: count, of: count))
  }

  /// The pieces of a design, the same for any number of cores.
  private static func pieces(_ design: Design) -> [Range<Int>] {
    let count = design.response.count
    return stride(from: 0, to: count, by: pieceRows).map { $0..<min($0 + pieceRows, count) }
  }

  /// Residuals and leverages: y - x'b, and the squared length of x' R^-1.
  private static func rows(
    _ design: Design, coefficients: [Double], pivots: [Int], inverse: Matrix
  ) -> (residuals: [Double], hat: [Double]) {
    let pieces = pieces(design)
    let parts = parallelMap(count: pieces.count) { index in
      let rows = pieces[index]
      let (height, count) = (design.matrix.rows, rows.count)
      var residuals = Array(design.response[rows])
      var hat = [Double](repeating: 0, count: count)
      var rotated = hat
      design.matrix.storage.withUnsafeBufferPointer { elements in
        for (j, coefficient) in coefficients.enumerated() {
          let first = rows.lowerBound + j * height
          for i in 0..<count { residuals[i] -= elements[first + i] * coefficient }
        }
        for k in pivots.indices {
          for i in 0..<count { rotated[i] = 0 }
          for j in 0...k {
            let (first, factor) = (rows.lowerBound + pivots[j] * height, inverse[j, k])
            for i in 0..<count { rotated[i] += elements[first + i] * factor }
          }
          for i in 0..<count { hat[i] += rotated[i] * rotated[i] }
        }
      }
      for i in 0..<count {
        hat[i] = min(hat[i] * (design.weights?[rows.lowerBound + i] ?? 1), 1)
      }
      return (residuals, hat)
    }
    var (residuals, hat): ([Double], [Double]) = ([], [])
    residuals.reserveCapacity(design.response.count)
    hat.reserveCapacity(design.response.count)
    for (some, more) in parts {
      residuals += some
      hat += more
    }
    return (residuals, hat)
  }
}
