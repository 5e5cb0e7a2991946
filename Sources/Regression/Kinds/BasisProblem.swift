import LinearAlgebra

/// A design with its weights multiplied in and its redundant columns set aside: where every kind
/// of linear fit begins.
struct BasisProblem: Sendable {
  let design: Design
  /// The columns that are not combinations of those before them, ascending.
  let basis: [Int]
  /// For each redundant column its coefficients on `basis`.
  let aliases: [Int: [Double]]
  /// sqrt(w) X of the columns in `basis`.
  let matrix: Matrix
  /// sqrt(w) y.
  let response: [Double]
  /// sqrt(w), 1 without weights.
  let roots: [Double]
  /// Condition number of the columns in `basis` at equal length.
  let condition: Double

  var rows: Int { response.count }
  var rank: Int { basis.count }

  /// - Throws: `RegressionError.noColumns` when every column is zero.
  init(_ design: Design) throws(RegressionError) {
    self.design = design
    let roots =
      design.weights.map { $0.map { $0.squareRoot() } }
      ?? [Double](repeating: 1, count: design.response.count)
    self.roots = roots
    response = zip(design.response, roots).map { $0 * $1 }
    let parts = try algebra { () throws(LinearAlgebraError) in
      try Self.reduce(try design.matrix.scalingRows(by: roots))
    }
    guard let parts else { throw .noColumns(formula: design.formula.description) }
    (basis, aliases, matrix, condition) = parts
  }

  private typealias Parts = (
    basis: [Int], aliases: [Int: [Double]], matrix: Matrix, condition: Double
  )

  private static func reduce(_ full: Matrix) throws(LinearAlgebraError) -> Parts? {
    let factors = try PivotedQR(full)
    guard factors.rank > 0 else { return nil }
    if factors.rank == full.columns {
      return (Array(0..<full.columns), [:], full, try factors.conditionEstimate())
    }
    let basis = try independentColumns(of: full, tolerance: factors.tolerance)
    let used = full.selectingColumns(basis)
    let reduced = try PivotedQR(used, tolerance: 0)
    var aliases: [Int: [Double]] = [:]
    for column in 0..<full.columns where !basis.contains(column) {
      aliases[column] = try reduced.solve(Array(full.column(column)), matrix: used).coefficients
    }
    return (basis, aliases, used, try reduced.conditionEstimate())
  }

  /// The names of the columns in `basis`.
  var terms: [String] { basis.map { design.recipe.columnNames[$0] } }

  /// One value per column of the model matrix from one per column of `basis`.
  func spread(_ values: [Double]) -> [Double?] {
    var answer = [Double?](repeating: nil, count: design.recipe.columnNames.count)
    for (column, value) in zip(basis, values) { answer[column] = value }
    return answer
  }

  /// Weighted fitted values divided by their roots: the fit on the scale of the response.
  func fitted(_ coefficients: [Double]) throws(RegressionError) -> [Double] {
    let weighted = try algebra { () throws(LinearAlgebraError) in
      try matrix.multiplied(by: coefficients)
    }
    return zip(weighted, roots).map { $0 / $1 }
  }

  /// - Throws: `KindError.tooFewRows` unless there is a row more than columns.
  func needDegreesOfFreedom(_ method: String) throws(RegressionError) {
    guard rows > rank else {
      throw .kind(.tooFewRows(method: method, rows: rows, needed: rank + 1))
    }
  }
}

/// A least squares problem solved: coefficients, and the factor of (A'A)^-1.
struct SolvedProblem {
  let coefficients: [Double]
  let residuals: [Double]
  let factors: PivotedQR

  /// Solves min |y - A b| for a matrix of full rank.
  ///
  /// - Throws: `KindError.singular` naming `what` and `terms` otherwise.
  init(
    _ matrix: Matrix, _ y: [Double], what: String, terms: [String], tolerance: Double? = nil
  ) throws(RegressionError) {
    let factors = try algebra { () throws(LinearAlgebraError) in
      try PivotedQR(matrix, tolerance: tolerance)
    }
    guard factors.rank == matrix.columns else {
      throw .kind(.singular(what: what, terms: terms.joined(separator: ", ")))
    }
    let solution = try algebra { () throws(LinearAlgebraError) in
      try factors.solve(y, matrix: matrix)
    }
    coefficients = solution.coefficients
    residuals = solution.residuals
    self.factors = factors
  }

  /// A root of (A'A)^-1: a matrix M with M'M = (A'A)^-1, columns in the order of A.
  func inverseRoot() throws(RegressionError) -> Matrix {
    try algebra { () throws(LinearAlgebraError) in
      let inverse = try factors.unscaledTriangle().inverted()
      var answer = Matrix(rows: inverse.rows, columns: inverse.rows)
      for j in 0..<inverse.rows {
        for k in j..<inverse.rows { answer[k, factors.pivots[j]] = inverse[j, k] }
      }
      return answer
    }
  }
}

extension Matrix {
  /// Every element multiplied by a number.
  func scaled(by factor: Double) -> Matrix {
    var answer = self
    for j in 0..<columns {
      for i in 0..<rows { answer[i, j] *= factor }
    }
    return answer
  }

  /// The Euclidean length of a column.
  func columnNorm(_ j: Int) -> Double {
    column(j).reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
