import CLAPACK

/// An upper triangular matrix with a diagonal free of zeros: what a QR factorisation leaves.
public struct UpperTriangle: Sendable, Equatable {
  /// The order n.
  public let order: Int
  /// n x n; what is below the diagonal is zero.
  public let matrix: Matrix

  /// - Throws: `LinearAlgebraError.shape` unless the matrix is square,
  ///   `.notFinite` for an infinity or a NaN, and `.routine` naming `dtrtrs`, with `info` the
  ///   1-based position, for a zero on the diagonal. What is below the diagonal is not read.
  public init(_ matrix: Matrix) throws(LinearAlgebraError) {
    guard matrix.rows == matrix.columns else {
      throw .shape("a triangular matrix is square, not \(matrix.rows) x \(matrix.columns)")
    }
    var upper = matrix
    for j in 0..<matrix.columns {
      for i in 0..<matrix.rows where i > j { upper[i, j] = 0 }
    }
    guard upper.storage.allSatisfy(\.isFinite) else { throw .notFinite("a triangular matrix") }
    for i in 0..<matrix.rows where matrix[i, i] == 0 { throw .routine("dtrtrs", info: i + 1) }
    self.order = matrix.rows
    self.matrix = upper
  }

  /// x with R x = b.
  ///
  /// - Throws: `LinearAlgebraError.shape` when b has another length.
  public func solve(_ b: [Double]) throws(LinearAlgebraError) -> [Double] {
    try solve(b, transposed: false)
  }

  /// x with R' x = b.
  ///
  /// - Throws: `LinearAlgebraError.shape` when b has another length.
  public func solveTransposed(_ b: [Double]) throws(LinearAlgebraError) -> [Double] {
    try solve(b, transposed: true)
  }

  /// R^-1.
  public func inverted() throws(LinearAlgebraError) -> Matrix {
    guard order > 0 else { return matrix }
    let size = try lapackSize(order)
    var answer = matrix
    let info = answer.withUnsafeMutableElements { cutover_dtrtri(size, $0.baseAddress, size) }
    try check("dtrtri", info)
    return answer
  }

  /// An estimate of |R| |R^-1| in the 1-norm (LAPACK dtrcon): within a small factor of the
  /// truth, nearly always below it. 1 for order 0; infinite when beyond the doubles.
  public func conditionEstimate() throws(LinearAlgebraError) -> Double {
    guard order > 0 else { return 1 }
    let size = try lapackSize(order)
    var reciprocal = 0.0
    let info = matrix.storage.withUnsafeBufferPointer {
      cutover_dtrcon(size, $0.baseAddress, size, &reciprocal)
    }
    try check("dtrcon", info)
    return 1 / reciprocal
  }

  private func solve(_ b: [Double], transposed: Bool) throws(LinearAlgebraError) -> [Double] {
    guard b.count == order else {
      throw .shape("a triangular system of order \(order) with a right side of \(b.count)")
    }
    guard order > 0 else { return [] }
    let size = try lapackSize(order)
    var answer = b
    let info = matrix.storage.withUnsafeBufferPointer { elements in
      answer.withUnsafeMutableBufferPointer {
        cutover_dtrtrs(
          transposed ? 1 : 0, size, 1, elements.baseAddress, size, $0.baseAddress, size)
      }
    }
    try check("dtrtrs", info)
    return answer
  }
}
