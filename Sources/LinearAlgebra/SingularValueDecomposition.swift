import CLAPACK

/// The thin singular value decomposition A = U S V'.
///
/// S holds min(m, n) values, descending and not negative; the columns of U and the rows of V'
/// are orthonormal. Every singular value is right to within rounding of the largest one.
/// Source: Golub and Van Loan, Matrix Computations (2013), 8.6; LAPACK dgesdd, with dgesvd
/// when divide and conquer does not converge.
/// Limits: a column scaled by 1e10 changes the values by as much; scale columns first where
/// their units are arbitrary. O(m n min(m, n)).
public struct SingularValueDecomposition: Sendable, Equatable {
  /// Descending, >= 0.
  public let values: [Double]
  /// m x k, k = min(m, n).
  public let left: Matrix
  /// V', k x n.
  public let rightTransposed: Matrix

  /// - Throws: `LinearAlgebraError.shape` for a matrix without rows or columns, `.notFinite`,
  ///   `.tooLarge`, and `.routine` naming `dgesvd` when neither method converges.
  public init(_ matrix: Matrix) throws(LinearAlgebraError) {
    guard matrix.rows > 0, matrix.columns > 0 else {
      throw .shape("a \(matrix.rows) x \(matrix.columns) matrix has no singular values")
    }
    guard matrix.storage.allSatisfy(\.isFinite) else { throw .notFinite("a matrix") }
    let (m, n) = (try lapackSize(matrix.rows), try lapackSize(matrix.columns))
    let order = min(matrix.rows, matrix.columns)
    let k = try lapackSize(order)
    var values = [Double](repeating: 0, count: order)
    var left = Matrix(rows: matrix.rows, columns: order)
    var right = Matrix(rows: order, columns: matrix.columns)
    var work = matrix
    var info = work.withUnsafeMutableElements { a in
      left.withUnsafeMutableElements { u in
        right.withUnsafeMutableElements { vt in
          cutover_dgesdd(m, n, a.baseAddress, m, &values, u.baseAddress, m, vt.baseAddress, k)
        }
      }
    }
    if info > 0 {
      work = matrix
      var rest = [Double](repeating: 0, count: order)
      info = work.withUnsafeMutableElements { a in
        left.withUnsafeMutableElements { u in
          right.withUnsafeMutableElements { vt in
            cutover_dgesvd(
              m, n, a.baseAddress, m, &values, u.baseAddress, m, vt.baseAddress, k, &rest)
          }
        }
      }
      try check("dgesvd", info)
    }
    try check("dgesdd", info)
    self.values = values
    self.left = left
    rightTransposed = right
  }

  /// The values above `tolerance` times the largest; 0 for a matrix of zeros.
  ///
  /// - Parameter tolerance: relative, >= 0; `nil` for max(m, n) times the spacing of doubles
  ///   at 1, below which rounding of the matrix itself reaches.
  public func rank(tolerance: Double? = nil) -> Int {
    let size = max(left.rows, rightTransposed.columns)
    let limit = (tolerance ?? Double(size) * Double.ulpOfOne) * largest
    return largest > 0 ? values.prefix { $0 > limit }.count : 0
  }

  /// The condition number in the 2-norm, largest by smallest value; infinite when the smallest
  /// is 0.
  public var condition: Double {
    guard let smallest = values.last, smallest > 0 else { return .infinity }
    return largest / smallest
  }

  /// The shortest x that minimises |b - A x|, over the singular values that count.
  ///
  /// - Parameters:
  ///   - b: one value per row.
  ///   - tolerance: as for `rank`.
  /// - Throws: `LinearAlgebraError.shape` when b has another length, `.notFinite`.
  public func minimumNormSolution(
    _ b: [Double], tolerance: Double? = nil
  ) throws(LinearAlgebraError) -> [Double] {
    guard b.count == left.rows else {
      throw .shape("a decomposition of \(left.rows) rows with a right side of \(b.count)")
    }
    guard b.allSatisfy(\.isFinite) else { throw .notFinite("a vector") }
    var answer = [Double](repeating: 0, count: rightTransposed.columns)
    for k in 0..<rank(tolerance: tolerance) {
      var part = 0.0
      for (u, value) in zip(left.column(k), b) { part += u * value }
      part /= values[k]
      for j in answer.indices { answer[j] += part * rightTransposed[k, j] }
    }
    return answer
  }

  private var largest: Double { values.first ?? 0 }
}
