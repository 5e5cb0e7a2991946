import LinearAlgebra

/// The weighted columns of a fit as an orthonormal basis: what diagnostics project on.
///
/// With W = diag(w), `sqrt(W) X = Q R`; a fit does not keep Q, so it is made again, O(n p^2).
struct FitBasis {
  let factors: PivotedQR
  /// sqrt(w) X over the columns that are not redundant.
  let matrix: Matrix
  /// sqrt(w), `nil` for an unweighted fit.
  let roots: [Double]?
  /// sqrt(w) times the residuals.
  let residuals: [Double]

  init(_ fit: LinearFit) throws(RegressionError) {
    let design = fit.design
    let roots = design.weights?.map { $0.squareRoot() }
    let used = design.matrix.selectingColumns(fit.basis)
    let (matrix, factors) = try algebra { () throws(LinearAlgebraError) in
      let matrix =
        try roots.map { (roots) throws(LinearAlgebraError) in
          try used.scalingRows(by: roots)
        } ?? used
      // The fit has settled that these columns are independent.
      return (matrix, try PivotedQR(matrix, tolerance: 0))
    }
    self.matrix = matrix
    self.factors = factors
    self.roots = roots
    residuals =
      roots.map { roots in zip(fit.residuals, roots).map { $0 * $1 } } ?? fit.residuals
  }

  var rows: Int { matrix.rows }
  var rank: Int { factors.rank }

  /// Q, rows x rank.
  func orthonormal() throws(RegressionError) -> Matrix {
    try algebra { () throws(LinearAlgebraError) in
      var columns: [[Double]] = []
      for k in 0..<rank {
        var unit = [Double](repeating: 0, count: rows)
        unit[k] = 1
        columns.append(try factors.applyingQ(to: unit))
      }
      return try Matrix(columns: columns)
    }
  }

  /// (X'WX)^-1 X' sqrt(W), transposed: row i says how the coefficients (in the order of the
  /// fit's basis) move with the weighted response of row i.
  func coefficientSensitivity() throws(RegressionError) -> Matrix {
    let q = try orthonormal()
    return try algebra { () throws(LinearAlgebraError) in
      let triangle = try factors.unscaledTriangle()
      var answer = Matrix(rows: rows, columns: rank)
      for i in 0..<rows {
        let solved = try triangle.solve(q.row(i))
        for (k, value) in solved.enumerated() { answer[i, factors.pivots[k]] = value }
      }
      return answer
    }
  }

  /// A vector (already weighted) less its projection on the columns.
  func rest(of vector: [Double]) throws(RegressionError) -> [Double] {
    try algebra { () throws(LinearAlgebraError) in
      var answer = vector
      // Twice is enough for a remainder that is small beside the vector.
      for _ in 0..<2 {
        var rotated = try factors.applyingQTransposed(to: answer)
        for k in 0..<rank { rotated[k] = 0 }
        answer = try factors.applyingQ(to: rotated)
      }
      return answer
    }
  }

  /// What further columns explain of the residuals beyond the fit's own.
  ///
  /// - Parameter columns: not weighted, finite.
  /// - Returns: the part of the weighted residual sum of squares, and how many of the columns
  ///   are new; a column of which less than 1e-9 of its length is new counts as old.
  func explained(
    byAdding columns: [[Double]]
  ) throws(RegressionError) -> (squares: Double, degrees: Int) {
    var fresh: [[Double]] = []
    for column in columns {
      let weighted = roots.map { roots in zip(column, roots).map { $0 * $1 } } ?? column
      let rest = try rest(of: weighted)
      if norm(rest) > Self.newPart * norm(weighted) { fresh.append(rest) }
    }
    guard !fresh.isEmpty else { return (0, 0) }
    let kept = fresh
    return try algebra { () throws(LinearAlgebraError) in
      let added = try PivotedQR(try Matrix(columns: kept), tolerance: Self.newPart)
      let rotated = try added.applyingQTransposed(to: residuals)
      return (rotated.prefix(added.rank).reduce(0) { $0 + $1 * $1 }, added.rank)
    }
  }

  /// Far above the rounding of a projection, far below any difference in data.
  static let newPart = 1e-9
}

/// Euclidean length, safe from overflow.
func norm(_ vector: [Double]) -> Double {
  let largest = vector.reduce(0) { max($0, abs($1)) }
  guard largest > 0, largest.isFinite else { return largest }
  return largest
    * vector.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
}
