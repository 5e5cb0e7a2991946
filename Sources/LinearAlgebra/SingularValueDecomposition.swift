import CLAPACK

/// The thin singular value decomposition X = U diag(s) V'.
///
/// U (rows x k) and V (columns x k) have orthonormal columns, k = min(rows, columns), and
/// s_1 >= s_2 >= ... >= 0. Source: Golub and Van Loan, Matrix Computations, 8.6; LAPACK dgesdd.
/// The values are accurate to a few roundings of s_1: those below about 1e-16 s_1 are noise.
public struct SingularValueDecomposition: Sendable {
  /// U.
  public let left: Matrix
  /// The singular values, descending.
  public let values: [Double]
  /// V', one row per value.
  public let rightTransposed: Matrix

  /// Decomposes a matrix; O(rows * columns * min(rows, columns)).
  ///
  /// - Throws: `LinearAlgebraError.shape` for a matrix without rows or columns, `.notFinite`,
  ///   `.tooLarge`, and `.routine` if the iteration of LAPACK does not converge.
  public init(_ matrix: Matrix) throws(LinearAlgebraError) {
    guard matrix.rows > 0, matrix.columns > 0 else {
      throw .shape("a \(matrix.rows) x \(matrix.columns) matrix has no singular values")
    }
    guard matrix.storage.allSatisfy(\.isFinite) else { throw .notFinite("a matrix") }
    let m = try lapackSize(matrix.rows)
    let n = try lapackSize(matrix.columns)
    let k = min(matrix.rows, matrix.columns)
    let order = try lapackSize(k)
    var work = matrix
    var values = [Double](repeating: 0, count: k)
    var left = Matrix(rows: matrix.rows, columns: k)
    var right = Matrix(rows: k, columns: matrix.columns)
    let info = work.withUnsafeMutableElements { a in
      left.withUnsafeMutableElements { u in
        right.withUnsafeMutableElements { vt in
          cutover_dgesdd(
            m, n, a.baseAddress, m, &values, u.baseAddress, m, vt.baseAddress, order)
        }
      }
    }
    try check("dgesdd", info)
    self.left = left
    self.values = values
    rightTransposed = right
  }
}
