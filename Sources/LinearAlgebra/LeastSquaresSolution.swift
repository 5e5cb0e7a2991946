/// The solution of min |y - X b| over the columns of a basis, refined to the accuracy of a double.
public struct LeastSquaresSolution: Sendable, Equatable {
  /// One per column of X; 0 for a column outside the basis.
  public let coefficients: [Double]
  /// y - X b, one per row; all 0 when none exceeds the rounding of the largest value.
  public let residuals: [Double]
  /// The steps of refinement that changed the solution.
  public let refinements: Int
}

extension PivotedQR {
  /// Solves min |y - X b| with the columns of the basis.
  ///
  /// The solution of the factorisation is refined on the augmented system
  /// `r + X b = y, X' r = 0`, its residuals computed in double-double. As long as the
  /// condition number times 2^-53 stays below 1, each step gains digits until b is as accurate
  /// as its own rounding; steps end when one no longer at least halves the correction.
  ///
  /// Source: Björck, "Iterative refinement of linear least squares solutions I", BIT 7 (1967).
  ///
  /// - Parameters:
  ///   - y: one value per row.
  ///   - matrix: the matrix that was factorised.
  /// - Throws: `LinearAlgebraError.shape` when sizes differ, `.notFinite` for y.
  public func solve(
    _ y: [Double], matrix: Matrix, maximumRefinements: Int = 10
  ) throws(LinearAlgebraError) -> LeastSquaresSolution {
    guard matrix.rows == rows, matrix.columns == columns, y.count == rows else {
      throw .shape(
        "a \(matrix.rows) x \(matrix.columns) matrix and \(y.count) values for a factorisation "
          + "of \(rows) x \(columns)")
    }
    guard y.allSatisfy(\.isFinite) else { throw .notFinite("the response") }
    guard rank > 0 else {
      return LeastSquaresSolution(
        coefficients: [Double](repeating: 0, count: columns), residuals: y, refinements: 0)
    }
    let triangle = try upperTriangle()
    let used = Array(pivots.prefix(rank))
    let scaled = Self.scaled(matrix, by: columnScales).selectingColumns(used)

    var solution = [Double](repeating: 0, count: rank)
    var residual = [Double](repeating: 0, count: rows)
    var lastStep = Double.infinity
    var refinements = -1
    for _ in 0...max(maximumRefinements, 0) {
      let gap = Self.responseGap(y, residual, scaled, solution)
      let slope = Self.orthogonalityGap(residual, scaled)
      let (step, shift) = try augmentedStep(gap, slope, triangle)
      let size = Self.largestPart(step, of: solution)
      // The first pass is the plain solution; later ones must at least halve the correction.
      guard refinements < 0 || size <= lastStep / 2 else { break }
      for k in solution.indices { solution[k] += step[k] }
      for i in residual.indices { residual[i] += shift[i] }
      refinements += 1
      lastStep = refinements == 0 ? .infinity : size
      if size == 0 { break }
    }
    var coefficients = [Double](repeating: 0, count: columns)
    for (k, column) in used.enumerated() {
      coefficients[column] = solution[k] * columnScales[column]
    }
    return LeastSquaresSolution(
      coefficients: coefficients, residuals: Self.withoutNoise(residual, of: y),
      refinements: max(refinements, 0))
  }

  /// The residuals, or zeros when all are smaller than the rounding of the largest value: then
  /// the fit is perfect as far as doubles can tell, and a variance of 1e-40 would be an invention.
  private static func withoutNoise(_ residual: [Double], of y: [Double]) -> [Double] {
    let rounding = y.reduce(0) { max($0, abs($1)) }.ulp / 2
    return residual.allSatisfy { abs($0) <= rounding }
      ? [Double](repeating: 0, count: residual.count) : residual
  }

  /// The solution (db, dr) of `dr + A db = f, A' dr = g` by the factorisation of A.
  private func augmentedStep(
    _ f: [Double], _ g: [Double], _ triangle: UpperTriangle
  ) throws(LinearAlgebraError) -> (step: [Double], shift: [Double]) {
    let u = try triangle.solveTransposed(g)
    var rotated = try applyingQTransposed(to: f)
    let step = try triangle.solve((0..<rank).map { rotated[$0] - u[$0] })
    for k in 0..<rank { rotated[k] = u[k] }
    return (step, try applyingQ(to: rotated))
  }

  /// y - r - A b in double-double.
  private static func responseGap(
    _ y: [Double], _ residual: [Double], _ matrix: Matrix, _ solution: [Double]
  ) -> [Double] {
    var sums = y.map { DoubleDouble($0) }
    for i in sums.indices { sums[i].addProduct(-1, residual[i]) }
    let rows = matrix.rows
    for (j, factor) in solution.enumerated() where factor != 0 {
      for i in 0..<rows { sums[i].addProduct(-factor, matrix.storage[i + j * rows]) }
    }
    return sums.map(\.value)
  }

  /// -A' r in double-double.
  private static func orthogonalityGap(_ residual: [Double], _ matrix: Matrix) -> [Double] {
    let rows = matrix.rows
    return (0..<matrix.columns).map { j in
      var sum = DoubleDouble(0)
      for i in 0..<rows { sum.addProduct(-residual[i], matrix.storage[i + j * rows]) }
      return sum.value
    }
  }

  /// The largest step relative to what it is added to.
  private static func largestPart(_ step: [Double], of solution: [Double]) -> Double {
    let scale = solution.reduce(0) { max($0, abs($1)) }
    let largest = step.reduce(0) { max($0, abs($1)) }
    return largest == 0 ? 0 : (scale == 0 ? .infinity : largest / scale)
  }
}
