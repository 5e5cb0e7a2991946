/// A dense real matrix, stored column after column.
///
/// Element (i, j) is at `storage[i + j * rows]`. A value type: copies are independent.
public struct Matrix: Sendable, Equatable {
  public let rows: Int
  public let columns: Int
  /// The elements, column-major; its length is always `rows * columns`.
  public private(set) var storage: [Double]

  /// A matrix of zeros; a negative size counts as 0.
  public init(rows: Int, columns: Int) {
    self.rows = max(rows, 0)
    self.columns = max(columns, 0)
    storage = [Double](repeating: 0, count: self.rows * self.columns)
  }

  /// A matrix over existing elements.
  ///
  /// - Throws: `LinearAlgebraError.shape` unless `storage` has `rows * columns` elements.
  public init(rows: Int, columns: Int, storage: [Double]) throws(LinearAlgebraError) {
    let (size, overflow) = rows.multipliedReportingOverflow(by: columns)
    guard rows >= 0, columns >= 0, !overflow, storage.count == size else {
      throw .shape("a \(rows) x \(columns) matrix cannot be made of \(storage.count) elements")
    }
    self.rows = rows
    self.columns = columns
    self.storage = storage
  }

  /// A matrix of the given columns.
  ///
  /// - Throws: `LinearAlgebraError.shape` when they differ in length or when there is none.
  public init(columns: [[Double]]) throws(LinearAlgebraError) {
    guard let first = columns.first else { throw .shape("a matrix needs a column") }
    for column in columns where column.count != first.count {
      throw .shape("a column of \(column.count) elements beside one of \(first.count)")
    }
    self.rows = first.count
    self.columns = columns.count
    storage = columns.flatMap { $0 }
  }

  public subscript(row: Int, column: Int) -> Double {
    get { storage[row + column * rows] }
    set { storage[row + column * rows] = newValue }
  }

  /// Column j.
  public func column(_ j: Int) -> ArraySlice<Double> {
    storage[(j * rows)..<((j + 1) * rows)]
  }

  /// Row i, as a copy.
  public func row(_ i: Int) -> [Double] {
    (0..<columns).map { self[i, $0] }
  }

  /// The columns at these positions, in this order.
  public func selectingColumns(_ positions: [Int]) -> Matrix {
    var answer = Matrix(rows: rows, columns: positions.count)
    for (target, source) in positions.enumerated() {
      for i in 0..<rows { answer[i, target] = self[i, source] }
    }
    return answer
  }

  /// Row i multiplied by `factors[i]`, for every i: what weighted least squares does to X.
  ///
  /// - Throws: `LinearAlgebraError.shape` unless there is one factor per row.
  public func scalingRows(by factors: [Double]) throws(LinearAlgebraError) -> Matrix {
    guard factors.count == rows else {
      throw .shape("\(factors.count) row factors for \(rows) rows")
    }
    var answer = self
    for j in 0..<columns {
      for i in 0..<rows { answer.storage[i + j * rows] *= factors[i] }
    }
    return answer
  }

  /// The product of this matrix and a vector.
  ///
  /// - Throws: `LinearAlgebraError.shape` unless the vector has one element per column.
  public func multiplied(by vector: [Double]) throws(LinearAlgebraError) -> [Double] {
    guard vector.count == columns else {
      throw .shape("a \(rows) x \(columns) matrix times a vector of \(vector.count)")
    }
    var answer = [Double](repeating: 0, count: rows)
    for j in 0..<columns {
      let factor = vector[j]
      for i in 0..<rows { answer[i] += storage[i + j * rows] * factor }
    }
    return answer
  }

  /// Mutable access for the kernels.
  mutating func withUnsafeMutableElements<Answer>(
    _ body: (UnsafeMutableBufferPointer<Double>) -> Answer
  ) -> Answer {
    storage.withUnsafeMutableBufferPointer { body($0) }
  }
}
