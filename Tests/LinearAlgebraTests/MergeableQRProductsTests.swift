import Kernels
import TestSupport
import Testing

@testable import LinearAlgebra

/// Sums of products in twice the precision stand in for reflections where that loses nothing.
@Suite struct MergeableQRProductsTests {
  /// Rows of ones, uniform numbers of very different sizes, and a response.
  static func block(rows: Int, predictors: Int, seed: UInt64) -> [[Double]] {
    var generator = TestRandom(seed: seed)
    var columns: [[Double]] = [[Double](repeating: 1, count: rows)]
    for j in 0..<predictors {
      let size = [1, 1e6, 1e-9, 1e12][j % 4]
      columns.append((0..<rows).map { _ in size * Double.random(in: -0.3...1, using: &generator) })
    }
    columns.append(
      (0..<rows).map { i in
        columns.dropFirst().enumerated().reduce(2) {
          $0 + $1.element[i] / [1, 1e6, 1e-9, 1e12][$1.offset % 4]
        } + Double.random(in: -0.1...0.1, using: &generator)
      })
    return columns
  }

  static func extents(_ columns: [[Double]]) -> [ClosedRange<Double>] {
    columns.map { finiteExtent($0) ?? 0...0 }
  }

  static func byProducts(_ columns: [[Double]]) -> MergeableQR? {
    var state = MergeableQR(columns: columns.count)
    // The first column as ones that are not stored.
    let block = [nil] + columns.dropFirst().map(Optional.some)
    let taken = state.addProducts(of: block, rows: columns[0].count, extents: extents(columns))
    return taken ? state : nil
  }

  static func byReflections(_ columns: [[Double]]) throws -> MergeableQR {
    var state = MergeableQR(columns: columns.count)
    try state.add(try Matrix(columns: columns))
    return state
  }

  /// Of two triangles of the same rows; both are good to some units in the last place of their
  /// columns' lengths, times the condition, which is below 2^6 here.
  static let triangleTolerance = 0x1p-44

  @Test(arguments: [(100, 3), (1000, 8), (777, 16), (5000, 20), (1200, 40)])
  func bothWaysAgree(rows: Int, predictors: Int) throws {
    let columns = Self.block(rows: rows, predictors: predictors, seed: UInt64(rows))
    let products = try #require(Self.byProducts(columns)).settled()
    let reflections = try Self.byReflections(columns)
    #expect(products.rows == rows && products.exponents == reflections.exponents)
    let n = columns.count
    for j in 0..<n {
      let length = (0...j).reduce(0.0) {
        $0 + reflections.triangle[$1 + j * n] * reflections.triangle[$1 + j * n]
      }.squareRoot()
      for i in 0...j {
        let (one, two) = (products.triangle[i + j * n], reflections.triangle[i + j * n])
        // Rows of a triangle are determined but for their signs.
        #expect(abs(abs(one) - abs(two)) <= Self.triangleTolerance * length)
        let sum = products.product(i, j).value
        #expect(abs(sum - reflections.product(i, j).value) <= 0x1p-52 * abs(sum) + 0x1p-85)
      }
    }
    let predictors = Array(0..<(n - 1))
    let first = try #require(try products.leastSquares(predictors: predictors, response: n - 1))
    let second = try #require(try reflections.leastSquares(predictors: predictors, response: n - 1))
    for (a, b) in zip(first.coefficients, second.coefficients) {
      #expect(abs(a - b) <= 4 * b.ulp)
    }
  }

  /// All variants of the kernel give the same bits.
  @Test(arguments: [1, 7, 8, 9, 255, 256, 257, 1000])
  func everyProcessorTheSameBits(rows: Int) {
    defer { cutover_limit_kernel_level(CUTOVER_LEVEL_AVX512) }
    for predictors in [1, 2, 15, 17, 33] {
      let columns = Self.block(rows: rows, predictors: predictors, seed: UInt64(rows + predictors))
      let n = columns.count
      let scales = columns.map { column in
        MergeableQR.power(
          -MergeableQR.exponent(above: column.reduce(0) { max($0, abs($1)) }))
      }
      var found: [[Double]] = []
      for level in [CUTOVER_LEVEL_BASE, CUTOVER_LEVEL_AVX2, CUTOVER_LEVEL_AVX512] {
        cutover_limit_kernel_level(level)
        var workspace = [Double](repeating: 0, count: cutover_product_workspace(n))
        var (high, low) = (
          [Double](repeating: 0, count: n * n), [Double](repeating: 0, count: n * n)
        )
        withPointers(to: columns) {
          cutover_product_sums($0, scales, n, rows, &workspace, &high, &low)
        }
        found.append(high + low)
      }
      #expect(found[0] == found[1] && found[1] == found[2])
    }
  }

  private func withPointers(
    to columns: [[Double]], _ made: [UnsafePointer<Double>?] = [],
    _ body: ([UnsafePointer<Double>?]) -> Void
  ) {
    guard made.count < columns.count else { return body(made) }
    columns[made.count].withUnsafeBufferPointer {
      withPointers(to: columns, made + [$0.baseAddress], body)
    }
  }

  /// Columns close to dependent are for reflections.
  @Test func dependentColumnsAreRefused() {
    var columns = Self.block(rows: 500, predictors: 3, seed: 3)
    #expect(Self.byProducts(columns) != nil)
    let near = columns
    // 2^-30 of a difference: a condition number of about 2^31.
    columns[2] = zip(near[1], near[3]).map { $0 + 0x1p-30 * $1 * 1e9 }
    #expect(Self.byProducts(columns) == nil)
    columns[2] = near[1]
    #expect(Self.byProducts(columns) == nil)
    columns[2] = [Double](repeating: 5, count: 500)
    #expect(Self.byProducts(columns) == nil)
  }

  @Test func fewRowsAndWrongShapesAreRefused() {
    var state = MergeableQR(columns: 3)
    let column = (0..<11).map(Double.init)
    let few = state.addProducts(
      of: [nil, column, column], rows: 11, extents: [1...1, 0...10, 0...10])
    let narrow = state.addProducts(of: [nil, column], rows: 11, extents: [1...1, 0...10])
    #expect(!few && !narrow)
    #expect(state == MergeableQR(columns: 3))
  }

  /// A column of zeros is no obstacle, and stays one that is redundant.
  @Test func aColumnOfZeros() throws {
    var columns = Self.block(rows: 400, predictors: 3, seed: 9)
    columns[2] = [Double](repeating: 0, count: 400)
    let state = try #require(Self.byProducts(columns))
    let solved = try #require(try state.leastSquares(predictors: [0, 1, 2, 3], response: 4))
    #expect(solved.basis == [0, 1, 3])
  }

  /// Merged in parts, with reflections among them, the state is that of all rows.
  @Test func partsMerge() throws {
    let columns = Self.block(rows: 3000, predictors: 5, seed: 11)
    let cuts = [0, 800, 810, 2000, 3000]
    var whole = MergeableQR(columns: columns.count)
    for (from, to) in zip(cuts, cuts.dropFirst()) {
      let part = columns.map { Array($0[from..<to]) }
      // The ten rows between are too few for products.
      let state = try Self.byProducts(part) ?? Self.byReflections(part)
      #expect((state.looseRows > 0) == (to - from > 100))
      try whole.merge(state)
    }
    #expect(whole.rows == 3000 && whole.looseRows == 2990)
    let one = try #require(try whole.leastSquares(predictors: Array(0...5), response: 6))
    let two = try #require(
      try Self.byReflections(columns).leastSquares(predictors: Array(0...5), response: 6))
    for (a, b) in zip(one.coefficients, two.coefficients) { #expect(abs(a - b) <= 4 * b.ulp) }
    let squares = abs(one.residualSquares - two.residualSquares)
    #expect(squares <= 1e-12 * two.residualSquares)
    // Written and read back, all rows are in the triangle.
    let again = try #require(MergeableQR(columns: 7, whole.parts))
    #expect(again == whole.settled())
  }
}

/// The sums of products of a matrix in memory, on several threads.
@Suite struct MergeableQRBlocksTests {
  @Test(arguments: [40, 20_000, 40_000])
  func anyNumberOfThreads(rows: Int) throws {
    let columns = MergeableQRProductsTests.block(rows: rows, predictors: 4, seed: 5)
    let matrix = try Matrix(columns: Array(columns.dropLast()))
    let response = try #require(columns.last)
    let states = try [1, 2, 5].map {
      try #require(try MergeableQR.products(of: matrix, response: response, threads: $0))
    }
    #expect(states[0] == states[1] && states[1] == states[2])
    #expect(states[0].rows == rows)
    guard rows > 40 else { return }
    let one = try #require(try states[0].leastSquares(predictors: Array(0...4), response: 5))
    let two = try #require(
      try MergeableQRProductsTests.byReflections(columns)
        .leastSquares(predictors: Array(0...4), response: 5))
    for (a, b) in zip(one.coefficients, two.coefficients) { #expect(abs(a - b) <= 4 * b.ulp) }
  }

  /// Rows that count several times are rows that stand there several times.
  @Test func weights() throws {
    let columns = MergeableQRProductsTests.block(rows: 20_000, predictors: 3, seed: 6)
    let matrix = try Matrix(columns: Array(columns.dropLast()))
    let response = try #require(columns.last)
    let roots = (0..<20_000).map { $0 % 3 == 0 ? 2.0 : 1.0 }
    let state = try #require(
      try MergeableQR.products(of: matrix, response: response, roots: roots, threads: 3))
    let repeated = columns.map { column in
      column.enumerated().flatMap { [Double](repeating: $1, count: $0 % 3 == 0 ? 4 : 1) }
    }
    let one = try #require(try state.leastSquares(predictors: Array(0...3), response: 4))
    let two = try #require(
      try MergeableQRProductsTests.byReflections(repeated)
        .leastSquares(predictors: Array(0...3), response: 4))
    for (a, b) in zip(one.coefficients, two.coefficients) { #expect(abs(a - b) <= 4 * b.ulp) }
  }

  /// Rows in any block that are better factorised, or no numbers, are for someone else.
  @Test func whatIsNotForProducts() throws {
    let columns = MergeableQRProductsTests.block(rows: 40_000, predictors: 3, seed: 7)
    let response = try #require(columns.last)
    for row in [0, 20_000, 39_999] {
      var infinite = columns
      infinite[1][row] = .infinity
      let matrix = try Matrix(columns: Array(infinite.dropLast()))
      #expect(try MergeableQR.products(of: matrix, response: response, threads: 2) == nil)
    }
    for block in [0..<16_384, 32_768..<40_000] {
      var dependent = columns
      for row in block { dependent[2][row] = dependent[1][row] }
      let matrix = try Matrix(columns: Array(dependent.dropLast()))
      #expect(try MergeableQR.products(of: matrix, response: response, threads: 2) == nil)
    }
    let one = try Matrix(columns: [[1, 2, 3]])
    #expect(try MergeableQR.products(of: one, response: [1, 2, 3], threads: 2) == nil)
    #expect(throws: LinearAlgebraError.self) {
      try MergeableQR.products(of: one, response: [1], threads: 2)
    }
    #expect(throws: LinearAlgebraError.self) {
      try MergeableQR.products(of: one, response: [1, 2, 3], roots: [1], threads: 2)
    }
  }
}
