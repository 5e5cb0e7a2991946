import Dispatch
import Kernels
import Synchronization

extension MergeableQR {
  /// Rows of a block: enough that the merging, which costs as much as `columns` rows, is no matter.
  private static let blockRows = 16_384

  /// The sums of products of all rows of a matrix with a response, on several threads.
  ///
  /// Columns of the state: those of the matrix, then the response. Blocks of a fixed number of rows
  /// become states of their own and are merged in their order, so the bits do not depend on the
  /// number of threads. Memory: O(columns^2) per block beside the matrix.
  /// Numerical remark: as good as a QR factorisation of all rows, see `addProducts`; `leastSquares`
  /// refines what comes out.
  /// - Parameters:
  ///   - roots: square roots of the weights, by which rows are multiplied; `nil` for 1.
  ///   - threads: at least 1.
  /// - Returns: `nil` when some rows are better factorised by reflections, or not finite.
  /// - Throws: `LinearAlgebraError.shape` unless there is one response (and root) per row.
  package static func products(
    of matrix: Matrix, response: [Double], roots: [Double]? = nil, threads: Int
  ) throws(LinearAlgebraError) -> MergeableQR? {
    guard response.count == matrix.rows, roots.map({ $0.count == matrix.rows }) ?? true else {
      throw .shape(
        "\(response.count) responses (\(roots?.count ?? 0) roots) for \(matrix.rows) rows")
    }
    let count = matrix.rows
    let blocks = stride(from: 0, to: count, by: blockRows).map {
      $0..<min($0 + blockRows, count)
    }
    // Data that need a factorisation mostly show it in their first rows.
    guard let first = blocks.first, var whole = block(of: matrix, response, roots, rows: first)
    else { return nil }
    let parts = Mutex([MergeableQR?](repeating: nil, count: blocks.count))
    let workers = min(max(threads, 1), blocks.count)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      for index in stride(from: worker + 1, to: blocks.count, by: workers) {
        guard let part = block(of: matrix, response, roots, rows: blocks[index]) else { return }
        parts.withLock { $0[index] = part }
      }
    }
    for part in parts.withLock({ $0 }).dropFirst() {
      guard let part else { return nil }
      whole.absorb(part)
    }
    return whole
  }

  private static func block(
    of matrix: Matrix, _ response: [Double], _ roots: [Double]?, rows: Range<Int>
  ) -> MergeableQR? {
    matrix.storage.withUnsafeBufferPointer { elements in
      response.withUnsafeBufferPointer { response in
        guard let base = elements.baseAddress, let last = response.baseAddress else { return nil }
        let columns =
          (0..<matrix.columns).map { base + $0 * matrix.rows + rows.lowerBound }
          + [last + rows.lowerBound]
        guard let roots else { return block(of: columns, rows: rows.count) }
        var weighted: [Double] = []
        weighted.reserveCapacity(columns.count * rows.count)
        for column in columns {
          for row in 0..<rows.count {
            weighted.append(column[row] * roots[rows.lowerBound + row])
          }
        }
        return weighted.withUnsafeBufferPointer { weighted in
          weighted.baseAddress.flatMap { base in
            block(of: columns.indices.map { base + $0 * rows.count }, rows: rows.count)
          }
        }
      }
    }
  }

  private static func block(of columns: [UnsafePointer<Double>], rows: Int) -> MergeableQR? {
    var extents: [ClosedRange<Double>] = []
    for column in columns {
      let extent = cutover_extent(column, rows)
      // NaN for a column with something that is not finite.
      guard extent.lower <= extent.upper else { return nil }
      extents.append(extent.lower...extent.upper)
    }
    var answer = MergeableQR(columns: columns.count)
    return answer.addProducts(of: columns, rows: rows, extents: extents) ? answer : nil
  }
}
