import Dispatch
import Kernels
import Synchronization

extension MergeableQR {
  /// Rows of a block: enough that the merging, which costs as much as `columns` rows, is no matter.
  private static let blockRows = 16_384

  /// The state of the rows of a matrix with a response, reduced on several threads.
  ///
  /// Columns of the state: those of the matrix, then the response. Blocks of a fixed number of rows
  /// become states of their own and are merged in their order, so the bits do not depend on the
  /// number of threads. Memory: O(columns^2) per block beside the matrix.
  /// Numerical remark: as good as a QR factorisation of all rows, see `addProducts` and `add`;
  /// `leastSquares` refines what comes out.
  /// - Parameter threads: at least 1.
  /// - Throws: `LinearAlgebraError.shape` unless there is one response per row, `.notFinite`.
  public static func reducing(
    _ matrix: Matrix, response: [Double], threads: Int
  ) throws(LinearAlgebraError) -> MergeableQR {
    guard response.count == matrix.rows else {
      throw .shape("\(response.count) responses for \(matrix.rows) rows")
    }
    let columns = matrix.columns + 1
    let blocks = (matrix.rows + blockRows - 1) / blockRows
    guard blocks > 0 else { return MergeableQR(columns: columns) }
    let parts = Mutex([Result<MergeableQR, LinearAlgebraError>?](repeating: nil, count: blocks))
    let workers = min(max(threads, 1), blocks)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      for block in stride(from: worker, to: blocks, by: workers) {
        let first = block * blockRows
        let part = state(
          of: matrix, response, rows: first..<min(first + blockRows, matrix.rows))
        parts.withLock { $0[block] = part }
      }
    }
    var whole = MergeableQR(columns: columns)
    for part in parts.withLock({ $0 }) {
      if let part = try part?.get() { whole.absorb(part) }
    }
    return whole
  }

  private static func state(
    of matrix: Matrix, _ response: [Double], rows: Range<Int>
  ) -> Result<MergeableQR, LinearAlgebraError> {
    var answer = MergeableQR(columns: matrix.columns + 1)
    let isTaken = matrix.storage.withUnsafeBufferPointer { elements in
      response.withUnsafeBufferPointer { response in
        guard let base = elements.baseAddress, let last = response.baseAddress else { return false }
        let pointers =
          (0..<matrix.columns).map { base + $0 * matrix.rows + rows.lowerBound }
          + [last + rows.lowerBound]
        var extents: [ClosedRange<Double>] = []
        for pointer in pointers {
          let extent = cutover_extent(pointer, rows.count)
          // NaN for a column with something that is not finite.
          guard extent.lower <= extent.upper else { return false }
          extents.append(extent.lower...extent.upper)
        }
        return answer.addProducts(of: pointers, rows: rows.count, extents: extents)
      }
    }
    if isTaken { return .success(answer) }
    do throws(LinearAlgebraError) {
      let block = (0..<matrix.columns).map { j in
        Array(matrix.column(j).dropFirst(rows.lowerBound).prefix(rows.count))
      }
      try answer.add(try Matrix(columns: block + [Array(response[rows])]))
      return .success(answer)
    } catch {
      return .failure(error)
    }
  }
}
