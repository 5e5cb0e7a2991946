import LinearAlgebra

/// min sum rho(y - Xb), rho(r) = r (tau - [r < 0]), by an exact simplex method.
///
/// A vertex passes through as many rows as there are columns. An edge of the vertex lets go of one
/// of them; along an edge the objective is convex and piecewise linear, its slope growing by
/// |x_i'd| wherever a residual changes its sign, so the best point is a weighted quantile of the
/// crossings. Source: Barrodale and Roberts, SIAM J. Numer. Anal. 10 (1973); Koenker and d'Orey,
/// Applied Statistics 36 (1987).
///
/// Ties are broken by moving every y by a fixed pseudo-random 1e-10 of the median residual: a
/// basis that is dual feasible for the moved y is so for y itself, and the caller measures the gap
/// on y.
struct CheckLossProblem {
  let matrix: Matrix
  let y: [Double]
  let tau: Double

  /// A vertex and its multipliers.
  struct Vertex {
    /// The rows that it passes through.
    var rows: [Int]
    /// a_i for each row of the data: tau above, tau - 1 below, between on the vertex's rows.
    var multipliers: [Double]
    var steps: Int
    var isOptimal: Bool
  }

  /// How far a multiplier may be outside of its bounds: rounding of sums of n terms.
  static let slack = 1e-10
  /// Above this many rows the search starts from the vertex of a sample.
  static let sampleAbove = 4000

  /// - Parameter y: about zero, such as residuals of least squares.
  init(_ matrix: Matrix, _ y: [Double], tau: Double) {
    self.matrix = matrix
    self.tau = tau
    let sizes = y.map { abs($0) }.sorted()
    let median = sizes.isEmpty ? 0 : sizes[sizes.count / 2]
    let mean = sizes.reduce(0, +) / Double(max(sizes.count, 1))
    let unit = 1e-10 * (median > 0 ? median : mean)
    var state: UInt64 = 0x1234_5678
    self.y = y.map { value in
      // The step of a linear congruential generator: any fixed scatter will do.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return value + unit * (Double(state >> 11) * 0x1p-53 - 0.5)
    }
  }

  private init(_ matrix: Matrix, moved y: [Double], tau: Double) {
    (self.matrix, self.y, self.tau) = (matrix, y, tau)
  }

  /// The best vertex; `isOptimal` is false when `limit` steps did not reach it.
  func solve(limit: Int) throws(RegressionError) -> Vertex {
    var rows = try start(limit: limit)
    var steps = 0
    while true {
      let inverse = try self.inverse(rows)
      let b = Self.product(inverse, rows.map { y[$0] })
      let (residuals, signs) = try self.residuals(b, rows)
      let gradient = self.gradient(signs)
      let pulls = Self.transposedProduct(inverse, gradient)
      guard let edge = bestEdge(pulls) else {
        return Vertex(
          rows: rows, multipliers: multipliers(signs, rows, pulls), steps: steps, isOptimal: true)
      }
      guard steps < limit else {
        return Vertex(
          rows: rows, multipliers: multipliers(signs, rows, pulls), steps: steps,
          isOptimal: false)
      }
      steps += 1
      let direction = inverse.column(edge.place).map { $0 * edge.sign }
      guard let entering = try crossing(residuals, signs, direction, rows, slope: edge.slope)
      else {
        return Vertex(
          rows: rows, multipliers: multipliers(signs, rows, pulls), steps: steps,
          isOptimal: false)
      }
      rows[edge.place] = entering
    }
  }

  /// Rows that are independent and close to zero, or the vertex of a sample.
  private func start(limit: Int) throws(RegressionError) -> [Int] {
    let columns = matrix.columns
    if matrix.rows > Self.sampleAbove {
      let sample = Array(stride(from: 0, to: matrix.rows, by: 8))
      let part = CheckLossProblem(selecting(sample), moved: sample.map { y[$0] }, tau: tau)
      if let independent = try? part.independentRows(), independent.count == columns {
        return try part.solve(limit: limit).rows.map { sample[$0] }
      }
    }
    return try independentRows()
  }

  private func independentRows() throws(RegressionError) -> [Int] {
    // The transposed matrix with small residuals made long: pivoting then takes those rows.
    let sizes = y.map { abs($0) }
    let unit = sizes.sorted()[sizes.count / 2]
    var transposed = Matrix(rows: matrix.columns, columns: matrix.rows)
    for i in 0..<matrix.rows {
      let factor = 1 / (1 + (unit > 0 ? sizes[i] / unit : 0))
      for j in 0..<matrix.columns { transposed[j, i] = matrix[i, j] * factor }
    }
    // Not by `PivotedQR`, which brings all columns to the same length first.
    var kept: [Int] = []
    var lengths = (0..<matrix.rows).map { i in
      transposed.column(i).reduce(0) { $0 + $1 * $1 }
    }
    while kept.count < matrix.columns {
      guard let best = lengths.indices.max(by: { lengths[$0] < lengths[$1] }), lengths[best] > 0
      else {
        throw .kind(.singular(what: "the model matrix", terms: "of the quantile regression"))
      }
      kept.append(best)
      let norm = lengths[best].squareRoot()
      let direction = transposed.column(best).map { $0 / norm }
      for i in 0..<matrix.rows {
        var part = 0.0
        for j in 0..<matrix.columns { part += direction[j] * transposed[j, i] }
        var square = 0.0
        for j in 0..<matrix.columns {
          transposed[j, i] -= part * direction[j]
          square += transposed[j, i] * transposed[j, i]
        }
        lengths[i] = square
      }
      for row in kept { lengths[row] = 0 }
    }
    return kept
  }

  private func selecting(_ rows: [Int]) -> Matrix {
    var answer = Matrix(rows: rows.count, columns: matrix.columns)
    for j in 0..<matrix.columns {
      for (place, row) in rows.enumerated() { answer[place, j] = matrix[row, j] }
    }
    return answer
  }

  /// The inverse of the matrix of some rows, column by column.
  private func inverse(_ rows: [Int]) throws(RegressionError) -> Matrix {
    let square = selecting(rows)
    let order = rows.count
    return try algebra { () throws(LinearAlgebraError) in
      let factors = try PivotedQR(square, tolerance: 0)
      guard factors.rank == order else { throw .routine("dgeqp3", info: factors.rank + 1) }
      let triangle = try factors.unscaledTriangle()
      var answer = Matrix(rows: order, columns: order)
      for j in 0..<order {
        var unit = [Double](repeating: 0, count: order)
        unit[j] = 1
        let solved = try triangle.solve(try factors.applyingQTransposed(to: unit))
        for (k, pivot) in factors.pivots.enumerated() { answer[pivot, j] = solved[k] }
      }
      return answer
    }
  }

  private static func product(_ matrix: Matrix, _ vector: [Double]) -> [Double] {
    (0..<matrix.rows).map { i in
      var sum = 0.0
      for j in 0..<matrix.columns { sum += matrix[i, j] * vector[j] }
      return sum
    }
  }

  private static func transposedProduct(_ matrix: Matrix, _ vector: [Double]) -> [Double] {
    (0..<matrix.columns).map { j in
      var sum = 0.0
      for i in 0..<matrix.rows { sum += matrix[i, j] * vector[i] }
      return sum
    }
  }

  /// Residuals, and rho's slope for each row: 0 for the rows of the vertex.
  private func residuals(
    _ b: [Double], _ rows: [Int]
  ) throws(RegressionError) -> ([Double], [Double]) {
    let fitted = try algebra { () throws(LinearAlgebraError) in try matrix.multiplied(by: b) }
    var residuals = y
    for i in residuals.indices { residuals[i] -= fitted[i] }
    var signs = residuals.map { $0 < 0 ? tau - 1 : tau }
    for row in rows { (residuals[row], signs[row]) = (0, 0) }
    return (residuals, signs)
  }

  private func gradient(_ signs: [Double]) -> [Double] {
    (0..<matrix.columns).map { j in
      var sum = 0.0
      for (x, sign) in zip(matrix.column(j), signs) { sum += x * sign }
      return sum
    }
  }

  /// The edge that falls most steeply; `nil` at the optimum.
  private func bestEdge(_ pulls: [Double]) -> (place: Int, sign: Double, slope: Double)? {
    var best: (place: Int, sign: Double, slope: Double)?
    for (place, pull) in pulls.enumerated() {
      let scale = Self.slack * max(1, abs(pull))
      for (sign, slope) in [(1.0, 1 - tau - pull), (-1.0, tau + pull)]
      where slope < -scale && slope < (best?.slope ?? 0) {
        best = (place, sign, slope)
      }
    }
    return best
  }

  /// The row whose residual reaches zero where the slope along a direction stops being negative.
  private func crossing(
    _ residuals: [Double], _ signs: [Double], _ direction: [Double], _ rows: [Int], slope: Double
  ) throws(RegressionError) -> Int? {
    let speeds = try algebra { () throws(LinearAlgebraError) in
      try matrix.multiplied(by: direction)
    }
    let members = Set(rows)
    var crossings: [(time: Double, row: Int)] = []
    for (row, speed) in speeds.enumerated() {
      // A residual of zero counts as positive: it crosses at once when it falls.
      let approaches = signs[row] > 0 ? speed > 0 : speed < 0
      guard approaches, !members.contains(row) else { continue }
      crossings.append((residuals[row] / speed, row))
    }
    crossings.sort { ($0.time, $0.row) < ($1.time, $1.row) }
    var sum = slope
    for (_, row) in crossings {
      sum += abs(speeds[row])
      if sum >= 0 { return row }
    }
    return nil
  }

  private func multipliers(_ signs: [Double], _ rows: [Int], _ pulls: [Double]) -> [Double] {
    var answer = signs
    for (place, row) in rows.enumerated() { answer[row] = -pulls[place] }
    return answer
  }
}
