import LinearAlgebra
import TestSupport
import Testing

@Suite struct MergeableQRTests {
  static func random(_ rows: Int, _ columns: Int, seed: UInt64) throws -> Matrix {
    var draws = TestRandom(seed: seed)
    return try Matrix(
      rows: rows, columns: columns,
      storage: (0..<(rows * columns)).map { _ in 2 * draws.uniform(0, 1) - 1 })
  }

  static func rows(_ range: Range<Int>, of matrix: Matrix) throws -> Matrix {
    try Matrix(
      rows: range.count, columns: matrix.columns,
      storage: (0..<matrix.columns).flatMap { j in range.map { matrix[$0, j] } })
  }

  /// Against LAPACK's factorisation of all rows: the coefficients of the last column on the others,
  /// and the sums of products against sums written down.
  @Test(arguments: [1, 3, 4, 127, 128, 129, 300], [1, 2, 6])
  func agreesWithLAPACK(_ rows: Int, _ columns: Int) throws {
    let matrix = try Self.random(rows, columns, seed: UInt64(rows * 100 + columns))
    var state = MergeableQR(columns: columns)
    try state.add(matrix)
    #expect(state.rows == rows)
    for i in 0..<columns {
      for j in 0..<columns {
        let expected = zip(matrix.column(i), matrix.column(j)).reduce(0) { $0 + $1.0 * $1.1 }
        // Plain sums of up to 300 products below 1.
        #expect(abs(state.sumOfProducts(i, j) - expected) < 1e-13)
      }
    }
    guard columns > 1, rows > columns else { return }
    let triangle = try unpivotedTriangle(of: matrix)
    let fit = try #require(
      try state.leastSquares(predictors: Array(0..<(columns - 1)), response: columns - 1))
    var block = Matrix(rows: columns - 1, columns: columns - 1)
    for j in 0..<(columns - 1) { for i in 0...j { block[i, j] = triangle[i, j] } }
    let expected = try UpperTriangle(block)
      .solve((0..<(columns - 1)).map { triangle[$0, columns - 1] })
    let condition = try fit.factors.conditionEstimate()
    for (value, wanted) in zip(fit.coefficients, expected) {
      #expect(abs(value - wanted) < 1e-15 * condition * 10, "\(rows) rows: \(value), \(wanted)")
    }
    let last = triangle[columns - 1, columns - 1]
    #expect(abs(fit.residualSquares / (last * last) - 1) < 1e-12 * condition)
  }

  @Test func sumsOfProductsAreExact() throws {
    // 10^16 + 1 - 10^16: lost in doubles, kept in twice their precision.
    let values: [Double] = [1e8, 1, -1e8]
    let state = try {
      var state = MergeableQR(columns: 2)
      try state.add(Matrix(columns: [values, [1e8, 1, 1e8]]))
      return state
    }()
    #expect(state.sumOfProducts(0, 1) == 1)
    #expect(values.reduce(0) { $0 + $1 * abs($1) } != 1)
  }

  @Test func squaresAboutALargeMean() throws {
    var state = MergeableQR(columns: 2)
    let values = (0..<1000).map { 1e9 + Double($0 % 2) }
    try state.add(Matrix(columns: [[Double](repeating: 1, count: 1000), values]))
    #expect(abs(state.squaresAboutMean(1, ones: 0) - 250) < 1e-9)
  }

  /// The order in which large values come, and units, change powers of two only.
  @Test(arguments: [1e-250, 1e-30, 1, 1e30, 1e150] as [Double])
  func unitsDoNotMatter(_ unit: Double) throws {
    // The nearest power of two, so that the products have the same digits.
    let power = Double(sign: .plus, exponent: Int(unit.exponent), significand: 1)
    let matrix = try Self.random(200, 3, seed: 5)
    var scaled = matrix
    for i in 0..<200 { scaled[i, 1] *= power }
    var (plain, state) = (MergeableQR(columns: 3), MergeableQR(columns: 3))
    try plain.add(matrix)
    try state.add(scaled)
    let one = try #require(try plain.leastSquares(predictors: [0, 1], response: 2))
    let two = try #require(try state.leastSquares(predictors: [0, 1], response: 2))
    #expect(two.coefficients == [one.coefficients[0], one.coefficients[1] / power])
    #expect(one.residualSquares == two.residualSquares)
  }

  @Test func largeValuesMayComeLate() throws {
    var matrix = try Self.random(300, 3, seed: 6)
    for i in 250..<300 { for j in 0..<2 { matrix[i, j] *= 1e200 } }
    var (forward, backward) = (MergeableQR(columns: 3), MergeableQR(columns: 3))
    try forward.add(Self.rows(0..<250, of: matrix))
    try forward.add(Self.rows(250..<300, of: matrix))
    try backward.add(Self.rows(250..<300, of: matrix))
    try backward.add(Self.rows(0..<250, of: matrix))
    let one = try #require(try forward.leastSquares(predictors: [0, 1], response: 2))
    let two = try #require(try backward.leastSquares(predictors: [0, 1], response: 2))
    for (a, b) in zip(one.coefficients, two.coefficients) {
      #expect(a.isFinite && a != 0 && abs(a / b - 1) < 1e-13)
    }
  }

  @Test func mergingIsAddingAllRows() throws {
    let matrix = try Self.random(500, 4, seed: 7)
    var (whole, left, right) = (
      MergeableQR(columns: 4), MergeableQR(columns: 4), MergeableQR(columns: 4)
    )
    try whole.add(matrix)
    try left.add(Self.rows(0..<123, of: matrix))
    try right.add(Self.rows(123..<500, of: matrix))
    var (one, two) = (left, right)
    try one.merge(right)
    try two.merge(left)
    for state in [one, two] {
      #expect(state.rows == 500)
      let fit = try #require(try state.leastSquares(predictors: [0, 1, 2], response: 3))
      let expected = try #require(try whole.leastSquares(predictors: [0, 1, 2], response: 3))
      for (a, b) in zip(fit.coefficients, expected.coefficients) {
        #expect(abs(a - b) < 1e-15)
      }
    }
    let empty = MergeableQR(columns: 4)
    var same = left
    try same.merge(empty)
    #expect(same == left)
    #expect(throws: LinearAlgebraError.self) { try same.merge(MergeableQR(columns: 3)) }
  }

  @Test func embeddingIsExact() throws {
    let matrix = try Self.random(50, 3, seed: 8)
    var state = MergeableQR(columns: 3)
    try state.add(matrix)
    let wide = try state.embedded(columns: 6, at: [0, 2, 5])
    let one = try #require(try state.leastSquares(predictors: [0, 1], response: 2))
    let two = try #require(try wide.leastSquares(predictors: [0, 1, 2], response: 5))
    #expect(two.basis == [0, 2] && one.coefficients == two.coefficients)
    // What follows is what would have been with zeros before.
    var zeros = Matrix(rows: 50, columns: 6)
    for i in 0..<50 { for (j, place) in [0, 2, 5].enumerated() { zeros[i, place] = matrix[i, j] } }
    var direct = MergeableQR(columns: 6)
    try direct.add(zeros)
    #expect(direct == wide)
    for bad in [[0, 2, 6], [2, 1, 3], [0, 1], [-1, 0, 1], [1, 1, 2]] {
      #expect(throws: LinearAlgebraError.self) { try state.embedded(columns: 6, at: bad) }
    }
  }

  @Test func weightsAreRepeatedRows() throws {
    let matrix = try Self.random(40, 3, seed: 9)
    let weights = (0..<40).map { Double($0 % 4) }
    var (weighted, repeated) = (MergeableQR(columns: 3), MergeableQR(columns: 3))
    try weighted.add(matrix, weights: weights)
    for i in 0..<40 {
      for _ in 0..<(i % 4) { try repeated.add(Self.rows(i..<(i + 1), of: matrix)) }
    }
    let one = try #require(try weighted.leastSquares(predictors: [0, 1], response: 2))
    let two = try #require(try repeated.leastSquares(predictors: [0, 1], response: 2))
    for (a, b) in zip(one.coefficients, two.coefficients) { #expect(abs(a - b) < 1e-15) }
    #expect(abs(one.residualSquares / two.residualSquares - 1) < 1e-14)
    #expect(weighted.rows == 40 && repeated.rows == 60)
  }

  @Test func whatIsRefusedChangesNothing() throws {
    var state = MergeableQR(columns: 2)
    try state.add(Self.random(5, 2, seed: 10))
    let before = state
    let good = try Self.random(4, 2, seed: 11)
    for bad in [Double.nan, .infinity, -.infinity] {
      for place in [0, 3] {
        var block = good
        block[place, 1] = bad
        #expect(throws: LinearAlgebraError.self) { try state.add(block) }
      }
      #expect(throws: LinearAlgebraError.self) { try state.add(good, weights: [1, 1, 1, bad]) }
    }
    #expect(throws: LinearAlgebraError.self) { try state.add(good, weights: [1, 1, 1, -1]) }
    #expect(throws: LinearAlgebraError.self) { try state.add(good, weights: [1]) }
    #expect(throws: LinearAlgebraError.self) { try state.add(Matrix(rows: 1, columns: 3)) }
    for bad in [[], [2], [-1]] {
      #expect(throws: LinearAlgebraError.self) {
        try state.leastSquares(predictors: bad, response: 1)
      }
    }
    #expect(state == before)
  }

  @Test func redundantAndZeroColumns() throws {
    let x = (0..<20).map { Double($0) }
    var state = MergeableQR(columns: 5)
    try state.add(
      Matrix(columns: [
        [Double](repeating: 1, count: 20), x, [Double](repeating: 0, count: 20),
        x.map { 3 * $0 - 7 }, x.map { 2 + 5 * $0 },
      ]))
    let fit = try #require(try state.leastSquares(predictors: [0, 1, 2, 3], response: 4))
    #expect(fit.basis == [0, 1] && fit.coefficients == [2, 5] && fit.residualSquares == 0)
    #expect(fit.aliases.keys.sorted() == [2, 3])
    let none = try state.leastSquares(predictors: [2], response: 4)
    #expect(none == nil)
    #expect(try state.spans(3, by: fit))
    let half = try #require(try state.leastSquares(predictors: [1], response: 4))
    #expect(try !state.spans(0, by: half))
  }
}
