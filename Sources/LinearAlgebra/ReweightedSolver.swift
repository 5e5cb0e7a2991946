import Kernels

/// Least squares of the same rows again and again under other weights.
///
/// With X = Q R and residuals e of the fit under equal weights, the fit under weights c moves the
/// coefficients by R^-1 (Q'CQ)^-1 Q'Ce. Q has orthonormal columns, so Q'CQ is well conditioned
/// unless the weights leave out what tells columns apart: sums of products, which square the
/// condition of X, square only that of the weighting here. Where a pivot of its Cholesky
/// factorisation is below 2^-20 of the largest there is no answer, and a QR factorisation of the
/// weighted rows is to be made. Relative error of the move: about 2^-53 times the condition of
/// Q'CQ, at most 2^-33.
/// Source: Björck, Numerical Methods for Least Squares Problems (1996), 3.1 and 6.3; derived.
package struct ReweightedSolver: Sendable {
  /// Columns of Q, then e.
  private let columns: [[Double]]
  private let triangle: UpperTriangle

  /// - Parameters:
  ///   - q: orthonormal columns.
  ///   - triangle: R, of the same order.
  ///   - residuals: one per row, orthogonal to the columns.
  /// - Throws: `LinearAlgebraError.shape` when sizes differ.
  package init(
    q: Matrix, triangle: UpperTriangle, residuals: [Double]
  ) throws(LinearAlgebraError) {
    guard residuals.count == q.rows, triangle.order == q.columns else {
      throw .shape(
        "\(residuals.count) residuals and a triangle of \(triangle.order) for \(q.rows) x "
          + "\(q.columns)")
    }
    columns = (0..<q.columns).map { Array(q.column($0)) } + [residuals]
    self.triangle = triangle
  }

  private static let leastPivot = 0x1p-20

  /// How the coefficients, in the order of R's columns, move when rows count so many times: one
  /// answer per list of counts, for all of them in one pass over the rows.
  ///
  /// - Parameter counts: of every replicate, >= 0, one per row.
  /// - Returns: `nil` for a replicate whose counts leave columns that are close to dependent.
  /// - Throws: `LinearAlgebraError.shape` unless there is one count per row.
  package func moves(counts: [[Int32]]) throws(LinearAlgebraError) -> [[Double]?] {
    let rows = columns.last?.count ?? 0
    for list in counts where list.count != rows {
      throw .shape("\(list.count) counts for \(rows) rows")
    }
    guard !counts.isEmpty else { return [] }
    let size = columns.count
    var sums = [Double](repeating: 0, count: size * size * counts.count)
    var workspace = [Double](repeating: 0, count: cutover_counted_workspace(size, counts.count))
    withPointers(columns[...], []) { columns in
      withPointers(counts[...], []) { counts in
        cutover_counted_products(
          columns, counts, size, rows, counts.count, &workspace, &sums)
      }
    }
    var answer: [[Double]?] = []
    for replicate in counts.indices {
      var own = Array(sums[(replicate * size * size)..<((replicate + 1) * size * size)])
      answer.append(
        try Self.solve(&own, order: size - 1, stride: size).map {
          (solved) throws(LinearAlgebraError) in
          try triangle.solve(solved)
        })
    }
    return answer
  }

  /// Cholesky's factorisation in place, whose last column is solved for on the way.
  private static func solve(_ sums: inout [Double], order: Int, stride: Int) -> [Double]? {
    let largest = (0..<order).reduce(0) { max($0, sums[$1 + $1 * stride]) }
    for j in 0...order {
      for i in 0...min(j, order - 1) {
        var sum = sums[i + j * stride]
        for k in 0..<i { sum -= sums[k + i * stride] * sums[k + j * stride] }
        if i < j {
          sums[i + j * stride] = sum / sums[i + i * stride]
        } else {
          guard sum > leastPivot * largest else { return nil }
          sums[i + j * stride] = sum.squareRoot()
        }
      }
    }
    var answer = (0..<order).map { sums[$0 + order * stride] }
    for i in (0..<order).reversed() {
      for k in (i + 1)..<max(order, i + 1) { answer[i] -= sums[i + k * stride] * answer[k] }
      answer[i] /= sums[i + i * stride]
    }
    return answer
  }

  private func withPointers<Element>(
    _ rest: ArraySlice<[Element]>, _ made: [UnsafePointer<Element>?],
    _ body: ([UnsafePointer<Element>?]) -> Void
  ) {
    guard let first = rest.first else { return body(made) }
    first.withUnsafeBufferPointer {
      withPointers(rest.dropFirst(), made + [$0.baseAddress], body)
    }
  }
}
