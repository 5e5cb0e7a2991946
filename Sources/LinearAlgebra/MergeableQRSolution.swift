/// Least squares of one column of a `MergeableQR` on some others.
public struct MergedLeastSquares: Sendable {
  /// Positions among the predictors that are not redundant, ascending.
  public let basis: [Int]
  /// One per position in `basis`.
  public let coefficients: [Double]
  /// The sum of w r^2; 0 when it is below the rounding of the response.
  public let residualSquares: Double
  /// The factorisation of the triangle's columns in `basis`: condition, covariance, leverage.
  public let factors: PivotedQR
  /// For each redundant predictor its coefficients on the columns in the order of
  /// `factors.pivots`.
  public let aliases: [Int: [Double]]
  /// The steps of refinement that changed the solution; 0 where refinement is out of bounds.
  public let refinements: Int
}

extension MergeableQR {
  /// Beyond this condition number the sums of products say less than the triangle: their error
  /// enters with the square of the condition times 2^-100, that of the triangle with the
  /// condition times 2^-53.
  static let refinableCondition = 0x1p46

  /// The rank tolerance for `rows` rows: `PivotedQR.defaultTolerance`, but for no more than 4096
  /// rows, because the rounding errors of a strip do not grow with the number of strips before it.
  public func defaultTolerance(predictors: Int) -> Double {
    PivotedQR.defaultTolerance(rows: min(rows, 4096), columns: predictors)
  }

  /// Minimises the sum of w (y - x'b)^2.
  ///
  /// The columns of the triangle are factorised with pivoting, which tells rank and condition as
  /// it would for the rows themselves. The solution is then refined by the corrected semi-normal
  /// equations, `R'R d = Z'Wy - Z'WZ b`, with the right side from the sums of products in twice
  /// the precision: each step gains digits as long as the condition number is below 2^46, and
  /// the answer is good to nearly the last digit of a double.
  ///
  /// Source: Björck, Numerical Methods for Least Squares Problems (1996), 6.6.5.
  /// - Parameters:
  ///   - predictors: columns of x; combinations of columns before them are redundant.
  ///   - tolerance: relative, in [0, 1); `nil` for `defaultTolerance`.
  /// - Returns: `nil` when every predictor is zero.
  /// - Throws: `LinearAlgebraError.shape` without predictors or for positions out of range,
  ///   `.notFinite` when values are too large for doubles.
  public func leastSquares(
    predictors: [Int], response: Int, tolerance: Double? = nil
  ) throws(LinearAlgebraError) -> MergedLeastSquares? {
    guard (predictors + [response]).allSatisfy((0..<columns).contains), !predictors.isEmpty else {
      throw .shape("columns \(predictors) and \(response) of a state of \(columns)")
    }
    guard looseRows == 0 else {
      return try settled().leastSquares(
        predictors: predictors, response: response, tolerance: tolerance)
    }
    let matrix = triangleColumns(predictors)
    let limit = tolerance ?? defaultTolerance(predictors: predictors.count)
    guard let (factors, basis) = try Self.factorise(matrix, tolerance: limit) else { return nil }
    let used = matrix.selectingColumns(basis)
    let target = Array(triangleColumns([response]).storage)
    let plain = try factors.solve(target, matrix: used)
    var aliases: [Int: [Double]] = [:]
    let kept = Set(basis)
    for column in 0..<matrix.columns where !kept.contains(column) {
      let relation = try factors.solve(Array(matrix.column(column)), matrix: used)
      aliases[column] = factors.pivots.map { relation.coefficients[$0] }
    }

    let places = basis.map { predictors[$0] }
    var coefficients = plain.coefficients
    var squares = plain.residuals.reduce(0) { $0 + $1 * $1 }
    var steps = 0
    if try factors.conditionEstimate() < Self.refinableCondition {
      let refined = try refine(plain.coefficients, places, response, factors)
      coefficients = refined.coefficients
      squares = refined.squares
      steps = refined.steps
    }
    return MergedLeastSquares(
      basis: basis, coefficients: coefficients, residualSquares: squares, factors: factors,
      aliases: aliases, refinements: steps)
  }

  /// The factorisation of the columns that count, `nil` when all are zero.
  private static func factorise(
    _ matrix: Matrix, tolerance: Double
  ) throws(LinearAlgebraError) -> (PivotedQR, basis: [Int])? {
    let full = try PivotedQR(matrix, tolerance: tolerance)
    if full.rank == matrix.columns { return (full, Array(0..<matrix.columns)) }
    guard full.rank > 0 else { return nil }
    let basis = try independentColumns(of: matrix, tolerance: tolerance)
    // Their independence is settled, so nothing more may be dropped.
    let factors = try PivotedQR(matrix.selectingColumns(basis), tolerance: 0)
    guard factors.rank == basis.count else { throw .routine("dgeqp3", info: factors.rank + 1) }
    return (factors, basis)
  }

  private func refine(
    _ start: [Double], _ places: [Int], _ response: Int, _ factors: PivotedQR
  ) throws(LinearAlgebraError) -> (coefficients: [Double], squares: Double, steps: Int) {
    let units = places.map { Self.power(exponents[$0] ?? 0) }
    let unit = Self.power(exponents[response] ?? 0)
    // Coefficients of the scaled columns, as sums of two doubles: the residuals of one double
    // would be as large as the last digit of the coefficients.
    var solution = zip(start, units).map { DoubleDouble($0 * $1 / unit) }
    guard solution.allSatisfy({ $0.high.isFinite }) else { throw .notFinite("a coefficient") }
    let triangle = try scaledTriangle(factors, units)
    var (lastStep, steps) = (Double.infinity, 0)
    for _ in 0..<10 {
      let gap = gradient(solution, places, response).map(\.value)
      let permuted = factors.pivots.map { gap[$0] }
      let step = try triangle.solve(triangle.solveTransposed(permuted))
      let largest = solution.reduce(0) { max($0, abs($1.high)) }
      let size = step.reduce(0) { max($0, abs($1)) } / (largest > 0 ? largest : 1)
      // Below 2^-80 nothing changes in a double; a step that does not halve has met rounding.
      guard size > 0x1p-80, size <= lastStep / 2, size.isFinite else { break }
      for (k, place) in factors.pivots.enumerated() { solution[place].add(DoubleDouble(step[k])) }
      lastStep = size
      steps += 1
    }
    let squares = residualSquares(solution, places, response) * unit * unit
    let coefficients = solution.indices.map { solution[$0].value / units[$0] * unit }
    return (coefficients, squares, steps)
  }

  /// R of the factorisation for columns divided by their units.
  private func scaledTriangle(
    _ factors: PivotedQR, _ units: [Double]
  ) throws(LinearAlgebraError) -> UpperTriangle {
    var block = try factors.upperTriangle().matrix
    for j in 0..<block.columns {
      let place = factors.pivots[j]
      for i in 0...j { block[i, j] = block[i, j] / factors.columnScales[place] / units[place] }
    }
    return try UpperTriangle(block)
  }

  /// Z'Wy - Z'WZ b.
  private func gradient(
    _ solution: [DoubleDouble], _ places: [Int], _ response: Int
  ) -> [DoubleDouble] {
    places.map { i in
      var sum = product(i, response)
      for (k, j) in places.enumerated() {
        let factor = solution[k]
        sum.addProduct(DoubleDouble(high: -factor.high, low: -factor.low), product(i, j))
      }
      return sum
    }
  }

  /// y'Wy - b'(Z'Wy) - b'(Z'Wy - Z'WZ b); 0 when below what doubles can tell from a perfect fit.
  private func residualSquares(
    _ solution: [DoubleDouble], _ places: [Int], _ response: Int
  ) -> Double {
    let whole = product(response, response)
    var sum = whole
    let gap = gradient(solution, places, response)
    for (k, place) in places.enumerated() {
      let factor = DoubleDouble(high: -solution[k].high, low: -solution[k].low)
      sum.addProduct(factor, product(place, response))
      sum.addProduct(factor, gap[k])
    }
    // Residuals of half a unit in the last place of the response, and the error of the sums.
    return sum.value > 0x1p-98 * whole.high ? sum.value : 0
  }
}

extension MergeableQR {
  /// Whether a column is a combination of the basis of a solution.
  public func spans(
    _ column: Int, by solution: MergedLeastSquares
  ) throws(LinearAlgebraError) -> Bool {
    let target = settled().triangleColumns([column]).storage
    let rotated = try solution.factors.applyingQTransposed(to: target)
    let rest = rotated.dropFirst(solution.factors.rank).reduce(0) { $0 + $1 * $1 }
    // Rounding leaves about 1e-30 of the square; a real gap of one row in 1e9 leaves 1e-9.
    return rest <= 1e-20 * target.reduce(0) { $0 + $1 * $1 }
  }
}
