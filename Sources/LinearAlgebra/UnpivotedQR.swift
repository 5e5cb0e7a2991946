import CLAPACK

/// The R of a QR factorisation without pivoting: upper triangular, of the matrix's columns.
///
/// R'R = A'A, and |R b| = |A b| for every b: the triangle says all about least squares with
/// these columns. Rows beyond the columns of a wide matrix are missing from it.
/// Source: Golub and Van Loan, Matrix Computations (2013), 5.2; LAPACK dgeqrf. O(m n^2).
///
/// - Returns: min(m, n) x n; the diagonal may be of either sign.
/// - Throws: `LinearAlgebraError.shape` for a matrix without rows or columns, `.notFinite`,
///   `.tooLarge`.
public func unpivotedTriangle(of matrix: Matrix) throws(LinearAlgebraError) -> Matrix {
  guard matrix.rows > 0, matrix.columns > 0 else {
    throw .shape("a \(matrix.rows) x \(matrix.columns) matrix has no QR factorisation")
  }
  guard matrix.storage.allSatisfy(\.isFinite) else { throw .notFinite("a matrix") }
  let (m, n) = (try lapackSize(matrix.rows), try lapackSize(matrix.columns))
  let order = min(matrix.rows, matrix.columns)
  var work = matrix
  var reflectors = [Double](repeating: 0, count: order)
  let info = work.withUnsafeMutableElements {
    cutover_dgeqrf(m, n, $0.baseAddress, m, &reflectors)
  }
  try check("dgeqrf", info)
  var answer = Matrix(rows: order, columns: matrix.columns)
  for j in 0..<matrix.columns {
    for i in 0...min(j, order - 1) { answer[i, j] = work[i, j] }
  }
  return answer
}
