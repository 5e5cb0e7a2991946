import CLAPACK

/// Singular values and right singular vectors of an upper triangular matrix.
///
/// By one-sided Jacobi rotations, which keep the relative accuracy of small singular values when
/// the columns are of equal length: what condition indices need.
/// Source: Drmač and Veselić, SIAM J. Matrix Anal. Appl. 29 (2008); LAPACK dgesvj.
public struct TriangularSVD: Sendable, Equatable {
  /// Descending, >= 0.
  public let values: [Double]
  /// Column k belongs to value k; orthonormal.
  public let rightVectors: Matrix

  /// - Throws: `LinearAlgebraError.routine` when the rotations do not settle, `.tooLarge`.
  public init(_ triangle: UpperTriangle) throws(LinearAlgebraError) {
    let order = triangle.order
    guard order > 0 else {
      values = []
      rightVectors = triangle.matrix
      return
    }
    let size = try lapackSize(order)
    var work = triangle.matrix
    var vectors = Matrix(rows: order, columns: order)
    var singular = [Double](repeating: 0, count: order)
    var statistics = [Double](repeating: 0, count: 6)
    let info = work.withUnsafeMutableElements { elements in
      vectors.withUnsafeMutableElements { right in
        cutover_dgesvj_triangle(
          size, elements.baseAddress, size, &singular, right.baseAddress, size, &statistics)
      }
    }
    try check("dgesvj", info)
    values = singular.map { $0 * statistics[0] }
    rightVectors = vectors
  }
}
