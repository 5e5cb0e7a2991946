import CLAPACK

/// The factorisation X S P = Q R with column pivoting, and with it rank and condition.
///
/// S scales every column by the power of two that brings its norm into [1/4, 1): rank and
/// condition then do not depend on the units of the columns, and no digit is lost in scaling.
/// P orders the columns so that the diagonal of R falls in size; Q has orthonormal columns.
///
/// Source: Businger and Golub, Numer. Math. 7 (1965); LAPACK dgeqp3.
/// The numerical rank is the number of |R_kk| > `tolerance` * |R_11|. Column pivoting can
/// overestimate the smallest singular value by a large factor on constructed matrices (Kahan),
/// which does not happen on measured data.
public struct PivotedQR: Sendable {
  public let rows: Int
  public let columns: Int
  /// The numerical rank at `tolerance`; 0 for a matrix of zeros.
  public let rank: Int
  /// Below this part of the largest diagonal element of R, a diagonal element counts as zero.
  public let tolerance: Double
  /// Position k of the factorisation holds column `pivots[k]` of the matrix.
  public let pivots: [Int]
  /// The power of two that column j was multiplied by.
  public let columnScales: [Double]

  private let factors: Matrix
  private let reflectors: [Double]

  /// 16 max(rows, columns) times the spacing of doubles at 1: the rounding errors of the
  /// factorisation stay below it, and NIST's Filip polynomial, the most ill-conditioned of the
  /// certified sets, stays well above.
  public static func defaultTolerance(rows: Int, columns: Int) -> Double {
    16 * Double(max(rows, columns, 1)) * Double.ulpOfOne
  }

  /// Factorises a matrix; O(rows * columns^2).
  ///
  /// - Parameter tolerance: relative, in [0, 1); `nil` for `defaultTolerance`.
  /// - Throws: `LinearAlgebraError.notFinite` for an infinity or a NaN in the matrix,
  ///   `.shape` for a matrix without rows or columns or a tolerance out of range, `.tooLarge`.
  public init(_ matrix: Matrix, tolerance: Double? = nil) throws(LinearAlgebraError) {
    guard matrix.rows > 0, matrix.columns > 0 else {
      throw .shape("a \(matrix.rows) x \(matrix.columns) matrix has no QR factorisation")
    }
    guard matrix.storage.allSatisfy(\.isFinite) else { throw .notFinite("a matrix") }
    let limit = tolerance ?? Self.defaultTolerance(rows: matrix.rows, columns: matrix.columns)
    guard limit >= 0, limit < 1 else { throw .shape("a rank tolerance is in [0, 1), not \(limit)") }

    let scales = Self.powersOfTwo(for: matrix)
    var work = Self.scaled(matrix, by: scales)
    let m = try lapackSize(matrix.rows)
    let n = try lapackSize(matrix.columns)
    var positions = [Int32](repeating: 0, count: matrix.columns)
    var reflectors = [Double](repeating: 0, count: min(matrix.rows, matrix.columns))
    let info = work.withUnsafeMutableElements {
      cutover_dgeqp3(m, n, $0.baseAddress, m, &positions, &reflectors)
    }
    try check("dgeqp3", info)

    let largest = abs(work[0, 0])
    let diagonal = (0..<reflectors.count).map { abs(work[$0, $0]) }
    rows = matrix.rows
    columns = matrix.columns
    self.tolerance = limit
    rank = largest > 0 ? diagonal.prefix { $0 > limit * largest }.count : 0
    pivots = positions.map { Int($0) - 1 }
    columnScales = scales
    factors = work
    self.reflectors = reflectors
  }

  /// The columns that count, ascending: the first `rank` pivots.
  public var basis: [Int] { pivots.prefix(rank).sorted() }

  /// The leading rank x rank block of R, of the scaled and permuted columns.
  ///
  /// - Throws: `LinearAlgebraError.routine` never for a block of full rank.
  public func upperTriangle() throws(LinearAlgebraError) -> UpperTriangle {
    var block = Matrix(rows: rank, columns: rank)
    for j in 0..<rank {
      for i in 0...j { block[i, j] = factors[i, j] }
    }
    return try UpperTriangle(block)
  }

  /// R of the columns as they are (unscaled), in the order of `pivots`.
  public func unscaledTriangle() throws(LinearAlgebraError) -> UpperTriangle {
    var block = Matrix(rows: rank, columns: rank)
    for j in 0..<rank {
      // Dividing by a power of two is exact, so both triangles hold the same digits.
      for i in 0...j { block[i, j] = factors[i, j] / columnScales[pivots[j]] }
    }
    return try UpperTriangle(block)
  }

  /// The condition number of the scaled columns in the basis, in the 1-norm, estimated.
  public func conditionEstimate() throws(LinearAlgebraError) -> Double {
    try upperTriangle().conditionEstimate()
  }

  /// Q' v, of length `rows`.
  public func applyingQTransposed(to vector: [Double]) throws(LinearAlgebraError) -> [Double] {
    try applyingQ(to: vector, transposed: true)
  }

  /// Q v, of length `rows`.
  public func applyingQ(to vector: [Double]) throws(LinearAlgebraError) -> [Double] {
    try applyingQ(to: vector, transposed: false)
  }

  /// The diagonal of the projection on the column space: the squared row norms of Q1, its first
  /// `rank` columns. Each is in [0, 1]; they add up to the rank.
  public func hatDiagonal() throws(LinearAlgebraError) -> [Double] {
    var answer = [Double](repeating: 0, count: rows)
    guard rank > 0 else { return answer }
    var thin = factors.selectingColumns(Array(0..<rank))
    let m = try lapackSize(rows)
    let n = try lapackSize(rank)
    let info = thin.withUnsafeMutableElements {
      cutover_dorgqr(m, n, n, $0.baseAddress, m, reflectors)
    }
    try check("dorgqr", info)
    for j in 0..<rank {
      for i in 0..<rows { answer[i] += thin[i, j] * thin[i, j] }
    }
    return answer.map { min($0, 1) }
  }

  /// (X'X)^-1 over the columns of the basis, in the order of `basis`.
  public func inverseGram() throws(LinearAlgebraError) -> Matrix {
    let inverse = try unscaledTriangle().inverted()
    let place = Dictionary(uniqueKeysWithValues: basis.enumerated().map { ($1, $0) })
    let order = pivots.prefix(rank).compactMap { place[$0] }
    var answer = Matrix(rows: rank, columns: rank)
    for i in 0..<rank {
      for j in i..<rank {
        var sum = 0.0
        for k in j..<rank { sum += inverse[i, k] * inverse[j, k] }
        answer[order[i], order[j]] = sum
        answer[order[j], order[i]] = sum
      }
    }
    return answer
  }

  private func applyingQ(
    to vector: [Double], transposed: Bool
  ) throws(LinearAlgebraError) -> [Double] {
    guard vector.count == rows else {
      throw .shape("Q of \(rows) rows applied to a vector of \(vector.count)")
    }
    guard vector.allSatisfy(\.isFinite) else { throw .notFinite("a vector") }
    let m = try lapackSize(rows)
    let k = try lapackSize(reflectors.count)
    var answer = vector
    // dormqr writes 1 to the diagonal while it works and then restores it: on a copy, so that
    // two threads can use one factorisation.
    var scratch = factors
    let info = scratch.withUnsafeMutableElements { elements in
      answer.withUnsafeMutableBufferPointer {
        cutover_dormqr(
          transposed ? 1 : 0, m, 1, k, elements.baseAddress, m, reflectors, $0.baseAddress, m)
      }
    }
    try check("dormqr", info)
    return answer
  }

  static func scaled(_ matrix: Matrix, by scales: [Double]) -> Matrix {
    var answer = matrix
    for j in 0..<matrix.columns {
      for i in 0..<matrix.rows { answer[i, j] *= scales[j] }
    }
    return answer
  }

  /// For each column the power of two that brings its norm into [1/4, 1), 1 for a zero column.
  private static func powersOfTwo(for matrix: Matrix) -> [Double] {
    (0..<matrix.columns).map { j in
      let column = matrix.column(j)
      let largest = column.reduce(0) { max($0, abs($1)) }
      guard largest > 0 else { return 1 }
      // Squares of quotients neither overflow nor vanish.
      let sum = column.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }
      let exponent = largest.exponent + sum.squareRoot().exponent + 2
      // A scale must itself be a normal double; columns beyond that are scaled as far as it goes.
      return Double(
        sign: .plus, exponent: -min(max(Int(exponent), -1000), 1000), significand: 1)
    }
  }
}
