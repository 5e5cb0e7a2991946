import CLAPACK

/// The Cholesky factorisation A = R'R of a symmetric, positive definite matrix.
///
/// Source: Golub and Van Loan, Matrix Computations (2013), 4.2; LAPACK dpotrf, dpotrs, dpocon.
/// Limits: for covariances and Hessians that come as such. Least squares goes over QR, because
/// forming X'X squares the condition number.
public struct Cholesky: Sendable, Equatable {
  /// R, upper triangular with a positive diagonal.
  public let factor: UpperTriangle
  private let norm: Double

  /// - Parameter matrix: only its upper triangle is read.
  /// - Throws: `LinearAlgebraError.notPositive` with the order of the first leading minor that is
  ///   not positive; `.shape` for a matrix that is not square or empty, `.notFinite`, `.tooLarge`.
  public init(_ matrix: Matrix) throws(LinearAlgebraError) {
    guard matrix.rows == matrix.columns, matrix.rows > 0 else {
      throw .shape("a \(matrix.rows) x \(matrix.columns) matrix has no Cholesky factorisation")
    }
    let order = matrix.rows
    for j in 0..<order {
      for i in 0...j where !matrix[i, j].isFinite { throw .notFinite("a matrix") }
    }
    let n = try lapackSize(order)
    var sums = [Double](repeating: 0, count: order)
    for j in 0..<order {
      for i in 0...j {
        sums[j] += abs(matrix[i, j])
        if i < j { sums[i] += abs(matrix[i, j]) }
      }
    }
    var work = matrix
    let info = work.withUnsafeMutableElements { cutover_dpotrf(n, $0.baseAddress, n) }
    if info > 0 { throw .notPositive(minor: Int(info)) }
    try check("dpotrf", info)
    factor = try UpperTriangle(work)
    norm = sums.max() ?? 0
  }

  /// x with A x = b.
  ///
  /// - Throws: `LinearAlgebraError.shape` when b has another length.
  public func solve(_ b: [Double]) throws(LinearAlgebraError) -> [Double] {
    guard b.count == factor.order else {
      throw .shape("a system of order \(factor.order) with a right side of \(b.count)")
    }
    let n = try lapackSize(factor.order)
    var answer = b
    let info = factor.matrix.storage.withUnsafeBufferPointer { elements in
      answer.withUnsafeMutableBufferPointer {
        cutover_dpotrs(n, 1, elements.baseAddress, n, $0.baseAddress, n)
      }
    }
    try check("dpotrs", info)
    return answer
  }

  /// An estimate of |A| |A^-1| in the 1-norm; infinite when beyond the doubles.
  public func conditionEstimate() throws(LinearAlgebraError) -> Double {
    let n = try lapackSize(factor.order)
    var reciprocal = 0.0
    let info = factor.matrix.storage.withUnsafeBufferPointer {
      cutover_dpocon(n, $0.baseAddress, n, norm, &reciprocal)
    }
    try check("dpocon", info)
    return 1 / reciprocal
  }
}
