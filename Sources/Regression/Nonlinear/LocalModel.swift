import LinearAlgebra

/// The linear model r + J s of the residuals around a point, reduced to as many rows as
/// parameters by an orthogonal factorisation: |r + J s|^2 = |q + R s|^2 + constant.
///
/// Every trial step is computed from R and q; the many rows are factorised once per Jacobian.
/// The cross-product J'J is never formed.
struct LocalModel {
  /// Rows at most parameters; columns in the order of the parameters.
  let reduced: Matrix
  /// Q' r.
  let target: [Double]
  /// The lengths of the columns of J.
  let columnNorms: [Double]
  /// J' r.
  let gradient: [Double]
  private let factors: PivotedQR?

  init(residuals: [Double], jacobian: Matrix) throws(LinearAlgebraError) {
    let count = jacobian.columns
    columnNorms = (0..<count).map { Self.norm(jacobian.column($0)) }
    gradient = (0..<count).map { j in
      zip(jacobian.column(j), residuals).reduce(0) { $0 + $1.0 * $1.1 }
    }
    guard jacobian.rows > count else {
      factors = nil
      reduced = jacobian
      target = residuals
      return
    }
    let factors = try PivotedQR(jacobian, tolerance: 0)
    var matrix = Matrix(rows: count, columns: count)
    if factors.rank == count {
      let triangle = try factors.unscaledTriangle().matrix
      for j in 0..<count {
        for i in 0...j { matrix[i, factors.pivots[j]] = triangle[i, j] }
      }
    } else {
      // Without full rank the triangle is cut off; Q' J has all of R.
      for j in 0..<count {
        let rotated = try factors.applyingQTransposed(to: Array(jacobian.column(j)))
        for i in 0..<count { matrix[i, j] = rotated[i] }
      }
    }
    reduced = matrix
    self.factors = factors
    target = Array(try factors.applyingQTransposed(to: residuals).prefix(count))
  }

  /// Q' v in the rows of the reduced model.
  func project(_ vector: [Double]) throws(LinearAlgebraError) -> [Double] {
    guard let factors else { return vector }
    return Array(try factors.applyingQTransposed(to: vector).prefix(reduced.columns))
  }

  /// The step that minimises |target + R s|^2 + lambda |D s|^2 over the free parameters, the
  /// others moving by what `held` says.
  ///
  /// For lambda = 0, where the columns lack rank, redundant parameters stay where they are.
  func step(
    target: [Double], lambda: Double, scales: [Double], held: [Double?]
  ) throws(LinearAlgebraError) -> [Double] {
    let free = held.indices.filter { held[$0] == nil }
    var answer = held.map { $0 ?? 0 }
    guard !free.isEmpty else { return answer }
    let right = try zip(target, reduced.multiplied(by: answer)).map { -($0 + $1) }
    let extra = lambda > 0 ? free.count : 0
    var stacked = Matrix(rows: reduced.rows + extra, columns: free.count)
    for (place, j) in free.enumerated() {
      for i in 0..<reduced.rows { stacked[i, place] = reduced[i, j] }
      if lambda > 0 { stacked[reduced.rows + place, place] = lambda.squareRoot() * scales[j] }
    }
    let system = stacked
    let solution = try PivotedQR(system).solve(
      right + [Double](repeating: 0, count: extra), matrix: system, maximumRefinements: 0)
    for (place, j) in free.enumerated() { answer[j] = solution.coefficients[place] }
    return answer
  }

  /// What the linear model promises: |r|^2 - |r + J s|^2.
  func reduction(_ step: [Double]) throws(LinearAlgebraError) -> Double {
    let moved = try reduced.multiplied(by: step)
    // -(2 q + R s)'(R s): no difference of two large sums.
    return zip(target, moved).reduce(0) { $0 - (2 * $1.0 + $1.1) * $1.1 }
  }

  /// The length of a vector of parameters by the columns of J; of no unit.
  func length(_ step: [Double]) -> Double {
    Self.norm(zip(step, columnNorms).map { $0 * $1 })
  }

  static func norm(_ values: some Sequence<Double>) -> Double {
    let largest = values.reduce(0) { max($0, abs($1)) }
    guard largest > 0, largest < .infinity else { return largest }
    // Quotients, so that no square overflows or vanishes.
    return largest * values.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
  }
}
