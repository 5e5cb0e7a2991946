import Kernels

/// Rows taken in by their sums of products alone, where that loses nothing.
///
/// A triangle from sums of products loses twice the digits that a QR factorisation does: its error
/// is condition^2 times that of the sums. The sums here carry twice the precision, so for blocks
/// whose condition is bounded by 2^17 the triangle is as good as Householder's: (2^17)^2 2^-90 is
/// below the spacing of doubles. Every block is held against the bound by itself; its columns
/// scaled to length 1, the bound is on |C^-1|, C the matrix of their cosines, and sums of
/// matrices that satisfy it satisfy it, too. Blocks beyond it are factorised by reflections.
extension MergeableQR {
  /// |C^-1| up to which sums of products in twice the precision replace reflections.
  package static let productBound = 0x1p34

  /// Fewer rows than this for each column are not worth the test.
  private static let leastRowsPerColumn = 4

  /// Adds rows that are given column by column.
  ///
  /// - Parameters:
  ///   - block: `nil` for a column of ones. All of one length.
  ///   - rows: of every column.
  ///   - extents: the smallest and largest value of each, finite.
  /// - Returns: `false`, with the state as it was, when the rows are better factorised: few, or
  ///   of columns close to dependent.
  package mutating func addProducts(
    of block: [[Double]?], rows count: Int, extents: [ClosedRange<Double>]
  ) -> Bool {
    guard block.count == columns, block.allSatisfy({ $0.map { $0.count == count } ?? true })
    else { return false }
    var isTaken = false
    withPointers(to: block[...], []) { pointers in
      isTaken = addProducts(of: pointers, rows: count, extents: extents)
    }
    return isTaken
  }

  /// The same of columns in memory that someone else holds.
  mutating func addProducts(
    of pointers: [UnsafePointer<Double>?], rows count: Int, extents: [ClosedRange<Double>]
  ) -> Bool {
    guard pointers.count == columns, extents.count == columns, columns > 0,
      count >= Self.leastRowsPerColumn * columns,
      // Beyond, scaling would not bring them to 1.
      extents.allSatisfy({ max(abs($0.lowerBound), abs($0.upperBound)) < 0x1p1000 })
    else { return false }
    let needed = extents.map { extent -> Int? in
      let largest = max(abs(extent.lowerBound), abs(extent.upperBound))
      return largest > 0 ? Self.exponent(above: largest) : nil
    }
    var part = MergeableQR(columns: columns)
    part.exponents = needed
    part.rows = count
    part.looseRows = count
    part.rowsOfProducts = count
    let scales = needed.map { Self.power(-($0 ?? 0)) }
    part.sumProducts(pointers, scales, count)
    guard part.hasIndependentColumns else { return false }
    part.looseHigh = part.productsHigh
    part.looseLow = part.productsLow
    if rows == 0 {
      self = part
    } else {
      absorb(part)
    }
    return true
  }

  private mutating func sumProducts(
    _ pointers: [UnsafePointer<Double>?], _ scales: [Double], _ count: Int
  ) {
    let order = columns
    let workspace = UnsafeMutablePointer<Double>.allocate(
      capacity: cutover_product_workspace(order))
    defer { workspace.deallocate() }
    productsHigh.withUnsafeMutableBufferPointer { high in
      productsLow.withUnsafeMutableBufferPointer { low in
        cutover_product_sums(
          pointers, scales, order, count, workspace, high.baseAddress, low.baseAddress)
      }
    }
  }

  /// Whether |C^-1| is below the bound, C the cosines between the columns that are not zero.
  ///
  /// Cholesky's factorisation in plain doubles: what it loses, 2^-53 of condition^2, is far below
  /// the bound.
  private var hasIndependentColumns: Bool {
    let used = (0..<columns).filter { productsHigh[$0 + $0 * columns] > 0 }
    let n = used.count
    let lengths = used.map { productsHigh[$0 + $0 * columns].squareRoot() }
    var factor = [Double](repeating: 0, count: n * n)
    var inverse = factor
    var size = 0.0
    for j in 0..<n {
      for i in 0...j {
        var sum = productsHigh[used[i] + used[j] * columns] / (lengths[i] * lengths[j])
        for k in 0..<i { sum -= factor[k + i * n] * factor[k + j * n] }
        if i < j {
          factor[i + j * n] = sum / factor[i + i * n]
        } else {
          guard sum > 1 / Self.productBound else { return false }
          factor[j + j * n] = sum.squareRoot()
        }
      }
      // Column j of the inverse triangle, from the bottom up.
      inverse[j + j * n] = 1 / factor[j + j * n]
      for i in stride(from: j - 1, through: 0, by: -1) {
        var sum = 0.0
        for k in (i + 1)...j { sum += factor[i + k * n] * inverse[k + j * n] }
        inverse[i + j * n] = -sum / factor[i + i * n]
      }
      for i in 0...j { size += inverse[i + j * n] * inverse[i + j * n] }
    }
    // The squares of R^-1 add up to the trace of C^-1, which is no less than its norm.
    return size <= Self.productBound
  }

  /// The state with all rows in its triangle.
  func settled() -> MergeableQR {
    guard looseRows > 0 else { return self }
    var answer = self
    let triangle = looseTriangle()
    answer.looseRows = 0
    answer.looseHigh = []
    answer.looseLow = []
    answer.addTriangle(triangle)
    return answer
  }

  /// Cholesky's factor of the loose sums of products, in twice the precision, rounded at the end.
  private func looseTriangle() -> [Double] {
    let n = columns
    var factor = [DoubleDouble](repeating: DoubleDouble(0), count: n * n)
    var answer = [Double](repeating: 0, count: n * n)
    for j in 0..<n where looseHigh[j + j * n] > 0 {
      for i in 0...j where looseHigh[i + i * n] > 0 {
        var sum = DoubleDouble(high: looseHigh[i + j * n], low: looseLow[i + j * n])
        for k in 0..<i {
          let left = factor[k + i * n]
          sum.addProduct(DoubleDouble(high: -left.high, low: -left.low), factor[k + j * n])
        }
        factor[i + j * n] = i < j ? sum.divided(by: factor[i + i * n]) : sum.squareRoot()
        answer[i + j * n] = factor[i + j * n].value
      }
    }
    return answer
  }

  /// Calls `body` with pointers to all columns at once.
  private func withPointers(
    to block: ArraySlice<[Double]?>, _ made: [UnsafePointer<Double>?],
    _ body: ([UnsafePointer<Double>?]) -> Void
  ) {
    guard let first = block.first else {
      body(made)
      return
    }
    guard let first else {
      withPointers(to: block.dropFirst(), made + [nil], body)
      return
    }
    first.withUnsafeBufferPointer {
      withPointers(to: block.dropFirst(), made + [$0.baseAddress], body)
    }
  }
}

extension DoubleDouble {
  /// The quotient by a number of the same kind, not zero: two steps of division.
  func divided(by other: DoubleDouble) -> DoubleDouble {
    let first = high / other.high
    var rest = self
    rest.addProduct(DoubleDouble(-first), other)
    let second = rest.value / other.high
    return DoubleDouble(high: first, low: second)
  }

  /// The root of a positive number: one step of Newton's from the root of its double.
  func squareRoot() -> DoubleDouble {
    let root = high.squareRoot()
    guard root > 0 else { return DoubleDouble(0) }
    var rest = self
    rest.addProduct(-root, root)
    return DoubleDouble(high: root, low: rest.value / (2 * root))
  }
}

/// The smallest and the largest of some values.
///
/// - Returns: `nil` for no values, or when one is NaN or infinite.
package func finiteExtent(_ values: [Double]) -> ClosedRange<Double>? {
  let extent = values.withUnsafeBufferPointer { cutover_extent($0.baseAddress, $0.count) }
  return extent.lower <= extent.upper ? extent.lower...extent.upper : nil
}
