import Kernels

extension MergeableQR {
  /// Rows that are gathered at a time: they stay in the second-level cache.
  private static let gatheredRows = 4096

  /// The state of some rows of a matrix with a response, which is its last column.
  ///
  /// The same rows in the same order give the same bits.
  /// - Parameters:
  ///   - roots: square roots of the weights, by which rows are multiplied; `nil` for 1.
  ///   - rows: positions in the matrix.
  /// - Throws: `LinearAlgebraError.shape` unless there is one response (and root) per row of the
  ///   matrix and the positions are in it; `.notFinite`.
  package init(
    _ matrix: Matrix, response: [Double], roots: [Double]?, rows: ArraySlice<Int>
  ) throws(LinearAlgebraError) {
    guard response.count == matrix.rows, roots.map({ $0.count == matrix.rows }) ?? true,
      rows.allSatisfy({ $0 >= 0 && $0 < matrix.rows })
    else {
      throw .shape("\(response.count) responses for \(matrix.rows) rows, or a row beyond them")
    }
    self.init(columns: matrix.columns + 1)
    var values: [Double] = []
    for start in stride(from: rows.startIndex, to: rows.endIndex, by: Self.gatheredRows) {
      let part = rows[start..<min(start + Self.gatheredRows, rows.endIndex)]
      values = [Double](repeating: 0, count: part.count * columns)
      Self.gather(matrix, response, roots, part, into: &values)
      if takesProducts(of: values, rows: part.count) { continue }
      try add(try Matrix(rows: part.count, columns: columns, storage: values))
    }
  }

  private static func gather(
    _ matrix: Matrix, _ response: [Double], _ roots: [Double]?, _ rows: ArraySlice<Int>,
    into values: inout [Double]
  ) {
    let (count, height) = (rows.count, matrix.rows)
    values.withUnsafeMutableBufferPointer { target in
      rows.withUnsafeBufferPointer { rows in
        matrix.storage.withUnsafeBufferPointer { elements in
          for j in 0..<matrix.columns {
            for i in 0..<count { target[i + j * count] = elements[rows[i] + j * height] }
          }
        }
        response.withUnsafeBufferPointer { response in
          for i in 0..<count { target[i + matrix.columns * count] = response[rows[i]] }
        }
        guard let roots else { return }
        for j in 0...matrix.columns {
          for i in 0..<count { target[i + j * count] *= roots[rows[i]] }
        }
      }
    }
  }

  /// Takes rows by their sums of products alone, where that loses nothing.
  private mutating func takesProducts(of values: [Double], rows count: Int) -> Bool {
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return false }
      var pointers: [UnsafePointer<Double>?] = []
      var extents: [ClosedRange<Double>] = []
      for j in 0..<columns {
        let extent = cutover_extent(base + j * count, count)
        // NaN for a column with something that is not finite.
        guard extent.lower <= extent.upper else { return false }
        pointers.append(base + j * count)
        extents.append(extent.lower...extent.upper)
      }
      return addProducts(of: pointers, rows: count, extents: extents)
    }
  }

  /// Whether all rows are in the sums of products alone: their columns, the response among them,
  /// are within `productBound`, and nothing was factorised by reflections.
  package var isOfProductsAlone: Bool { rows > 0 && looseRows == rows }

  /// For each of some states the state of the rows of all others, and of `outside`.
  ///
  /// By sums from the front and from the back, 3 merges per state: nothing is subtracted.
  /// - Throws: `LinearAlgebraError.shape` when the numbers of columns differ.
  package static func withoutEach(
    of states: [MergeableQR], outside: MergeableQR
  ) throws(LinearAlgebraError) -> [MergeableQR] {
    var behind = [MergeableQR(columns: outside.columns)]
    for state in states.dropFirst().reversed() {
      var sum = state
      if let last = behind.last { try sum.merge(last) }
      behind.append(sum)
    }
    var answer: [MergeableQR] = []
    var before = outside
    for (state, rest) in zip(states, behind.reversed()) {
      var others = before
      try others.merge(rest)
      answer.append(others)
      try before.merge(state)
    }
    return answer
  }
}
