/// What least squares needs to know of rows that have passed by: a triangle and exact products.
///
/// For rows z of n columns it keeps the R of a QR factorisation (R'R = Z'WZ) and, beside it, the
/// sums of products Z'WZ themselves in twice the precision. Both are O(n^2) however many rows
/// there were, and two states of different rows merge into the state of all. The triangle tells
/// rank and condition and solves; the sums of products give residuals, so that the solution can
/// be refined without the rows: see `leastSquares`.
///
/// Every column is scaled by a power of two that follows its largest value, so nothing overflows
/// and no digit is lost; the result does not depend on when a large value comes.
///
/// Rows whose columns are far from dependent may wait in the sums of products alone until the
/// triangle is asked for: see `addProducts`.
///
/// Source: Demmel, Grigori, Hoemmen and Langou, SIAM J. Sci. Comput. 34 (2012), TSQR; Golub and
/// Van Loan, Matrix Computations (2013), 6.5.3. O(n^2) per row.
/// Numerical remark: the same rows in the same strips give the same bits. In another order, or
/// merged in another grouping, results agree up to rounding, not to the last bit.
public struct MergeableQR: Sendable, Equatable {
  public let columns: Int
  /// Rows that were added, those of weight 0 included.
  public internal(set) var rows: Int
  /// Column-major, upper, of the scaled columns.
  var triangle: [Double]
  /// Sums of products of the scaled columns: position i + j * columns for i <= j.
  var productsHigh: [Double]
  var productsLow: [Double]
  /// Column j is divided by 2^exponents[j]; `nil` for one that has been zero so far.
  var exponents: [Int?]
  /// Rows that are in the sums of products and not yet in the triangle, and their part of the sums,
  /// empty for none: see `addProducts`.
  var looseRows = 0
  var looseHigh: [Double] = []
  var looseLow: [Double] = []

  /// Rows that were added by their sums of products alone, whether or not they still wait there;
  /// `nil` when a saved state does not say.
  package internal(set) var rowsOfProducts: Int? = 0

  /// Exponents stay where the power of two and its inverse are normal doubles.
  static let exponentLimit = 1000

  /// The state of no rows.
  public init(columns: Int) {
    self.columns = max(columns, 0)
    rows = 0
    triangle = [Double](repeating: 0, count: self.columns * self.columns)
    productsHigh = triangle
    productsLow = triangle
    exponents = [Int?](repeating: nil, count: self.columns)
  }

  /// Adds rows.
  ///
  /// - Parameter weights: one per row, >= 0; `nil` for 1.
  /// - Throws: `LinearAlgebraError.shape` when sizes differ or a weight is negative, `.notFinite`;
  ///   the state is then as it was.
  public mutating func add(
    _ block: Matrix, weights: [Double]? = nil
  ) throws(LinearAlgebraError) {
    guard block.columns == columns, (weights?.count ?? block.rows) == block.rows else {
      throw .shape(
        "a block of \(block.rows) x \(block.columns) with \(weights?.count ?? block.rows) weights "
          + "for a state of \(columns) columns")
    }
    if let weights {
      guard weights.allSatisfy(\.isFinite) else { throw .notFinite("a weight") }
      guard weights.allSatisfy({ $0 >= 0 }) else { throw .shape("a weight is negative") }
    }
    let roots = weights?.map { $0.squareRoot() }
    let needed = try Self.largestExponents(block, roots)
    guard block.rows > 0, columns > 0 else {
      rows += block.rows
      return
    }
    rescale(to: needed)
    let scales = exponents.map { Self.power(-($0 ?? 0)) }
    addStrips(block, weights: weights, roots: roots, scales: scales)
    rows += block.rows
  }

  /// Adds the rows that another state has seen.
  ///
  /// - Throws: `LinearAlgebraError.shape` when the numbers of columns differ.
  public mutating func merge(_ other: MergeableQR) throws(LinearAlgebraError) {
    guard other.columns == columns else {
      throw .shape("a state of \(columns) columns and one of \(other.columns) cannot be merged")
    }
    absorb(other)
  }

  /// Adds a state of as many columns.
  mutating func absorb(_ other: MergeableQR) {
    rescale(to: other.exponents)
    var scaled = other
    scaled.rescale(to: exponents)
    if other.rows > other.looseRows { addTriangle(scaled.triangle) }
    Self.add(scaled.productsHigh, scaled.productsLow, to: &productsHigh, &productsLow)
    if other.looseRows > 0 {
      if looseRows == 0 {
        (looseHigh, looseLow) = (scaled.looseHigh, scaled.looseLow)
      } else {
        Self.add(scaled.looseHigh, scaled.looseLow, to: &looseHigh, &looseLow)
      }
      looseRows += other.looseRows
    }
    rows += other.rows
    rowsOfProducts = rowsOfProducts.flatMap { mine in other.rowsOfProducts.map { mine + $0 } }
  }

  private static func add(
    _ moreHigh: [Double], _ moreLow: [Double], to high: inout [Double], _ low: inout [Double]
  ) {
    for position in high.indices {
      var sum = DoubleDouble(high: high[position], low: low[position])
      sum.add(DoubleDouble(high: moreHigh[position], low: moreLow[position]))
      high[position] = sum.high
      low[position] = sum.low
    }
  }

  /// The state of the same rows with more columns, which are zero in all of them. Exact.
  ///
  /// - Parameter positions: where each column goes, ascending.
  /// - Throws: `LinearAlgebraError.shape` for positions that do not ascend within `columns`.
  public func embedded(
    columns wider: Int, at positions: [Int]
  ) throws(LinearAlgebraError) -> MergeableQR {
    guard positions.count == columns, positions.allSatisfy((0..<wider).contains),
      zip(positions, positions.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw .shape("\(columns) columns cannot be placed in \(wider) at \(positions)") }
    var answer = MergeableQR(columns: wider)
    answer.rows = rows
    answer.looseRows = looseRows
    answer.rowsOfProducts = rowsOfProducts
    if looseRows > 0 { (answer.looseHigh, answer.looseLow) = (answer.triangle, answer.triangle) }
    for j in 0..<columns {
      answer.exponents[positions[j]] = exponents[j]
      for i in 0...j {
        // Ascending positions keep what is above the diagonal above it.
        let (from, to) = (i + j * columns, positions[i] + positions[j] * wider)
        answer.triangle[to] = triangle[from]
        answer.productsHigh[to] = productsHigh[from]
        answer.productsLow[to] = productsLow[from]
        if looseRows > 0 {
          answer.looseHigh[to] = looseHigh[from]
          answer.looseLow[to] = looseLow[from]
        }
      }
    }
    return answer
  }

  /// The sum of w a b over all rows, a and b two columns, rounded once.
  public func sumOfProducts(_ i: Int, _ j: Int) -> Double {
    product(i, j).value * Self.power(exponents[i] ?? 0) * Self.power(exponents[j] ?? 0)
  }

  /// The sum of w (b - mean)^2, the mean weighted too, of column `column`.
  ///
  /// The difference of two large sums, taken in twice the precision: right as long as mean and
  /// spread are fewer than 14 powers of ten apart.
  /// - Parameter ones: the column that is 1 in every row.
  public func squaresAboutMean(_ column: Int, ones: Int) -> Double {
    let (sum, total) = (product(ones, column), product(ones, ones))
    guard total.high > 0 else { return 0 }
    // mean = sum / total in two steps; then squares - mean * sum.
    let first = sum.high / total.high
    var rest = sum
    rest.addProduct(DoubleDouble(-first), total)
    let mean = DoubleDouble(high: first, low: rest.value / total.high)
    var squares = product(column, column)
    squares.addProduct(DoubleDouble(high: -mean.high, low: -mean.low), sum)
    let unit = Self.power(exponents[column] ?? 0)
    return max(squares.value, 0) * unit * unit
  }

  /// R of some columns at their own scale: `columns` rows, which need not be triangular.
  func triangleColumns(_ positions: [Int]) -> Matrix {
    var answer = Matrix(rows: columns, columns: positions.count)
    for (target, source) in positions.enumerated() {
      let unit = Self.power(exponents[source] ?? 0)
      for i in 0...source { answer[i, target] = triangle[i + source * columns] * unit }
    }
    return answer
  }

  /// A sum of products of the scaled columns.
  func product(_ i: Int, _ j: Int) -> DoubleDouble {
    let position = min(i, j) + max(i, j) * columns
    return DoubleDouble(high: productsHigh[position], low: productsLow[position])
  }

  static func power(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }

  /// Per column the exponent of the largest |sqrt(w) z|; `nil` for zeros.
  private static func largestExponents(
    _ block: Matrix, _ roots: [Double]?
  ) throws(LinearAlgebraError) -> [Int?] {
    var answer: [Int?] = []
    let rows = block.rows
    for j in 0..<block.columns {
      let largest = block.storage.withUnsafeBufferPointer { elements in
        roots.map { $0.withUnsafeBufferPointer { largestSize(elements, j * rows, rows, $0) } }
          ?? largestSize(elements, j * rows, rows, nil)
      }
      guard let largest else { throw .notFinite("a block of rows") }
      answer.append(largest > 0 ? exponent(above: largest) : nil)
    }
    return answer
  }

  /// The exponent that a column with such a largest value is divided by.
  static func exponent(above largest: Double) -> Int {
    min(max(Int(largest.exponent) + 1, -exponentLimit), exponentLimit)
  }

  /// The largest |v|, or |v| times its root, of some elements; `nil` when one is not finite.
  private static func largestSize(
    _ elements: UnsafeBufferPointer<Double>, _ start: Int, _ count: Int,
    _ roots: UnsafeBufferPointer<Double>?
  ) -> Double? {
    var largest = SIMD4<Double>.zero
    // The difference of a value with itself is 0, or NaN for an infinity or NaN.
    var gap = SIMD4<Double>.zero
    var i = 0
    while i < count {
      var value = SIMD4<Double>.zero
      for lane in 0..<min(4, count - i) {
        value[lane] = elements[start + i + lane] * (roots?[i + lane] ?? 1)
      }
      gap += value - value
      largest.replace(with: value, where: value .> largest)
      largest.replace(with: -value, where: -value .> largest)
      i += 4
    }
    return gap == .zero ? largest.max() : nil
  }

  /// Raises the exponents to at least those given.
  private mutating func rescale(to needed: [Int?]) {
    var factors = [Double](repeating: 1, count: columns)
    var changes = false
    for j in 0..<columns {
      guard let wanted = needed[j] else { continue }
      if let present = exponents[j] {
        guard wanted > present else { continue }
        factors[j] = Self.power(max(present - wanted, -2 * Self.exponentLimit))
        changes = true
      }
      exponents[j] = wanted
    }
    guard changes else { return }
    for j in 0..<columns {
      for i in 0...j {
        let position = i + j * columns
        triangle[position] *= factors[j]
        productsHigh[position] = productsHigh[position] * factors[i] * factors[j]
        productsLow[position] = productsLow[position] * factors[i] * factors[j]
        if looseRows > 0 {
          looseHigh[position] = looseHigh[position] * factors[i] * factors[j]
          looseLow[position] = looseLow[position] * factors[i] * factors[j]
        }
      }
    }
  }
}
