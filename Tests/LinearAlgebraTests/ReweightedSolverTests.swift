import Kernels
import TestSupport
import Testing

@testable import LinearAlgebra

/// Refits to other weights, against the QR factorisation of the weighted rows.
@Suite struct ReweightedSolverTests {
  /// Two routes of doubles to coefficients of size 1: some hundred roundings.
  static let tolerance = 1e-12

  struct Case {
    let x: Matrix
    let y: [Double]
    let coefficients: [Double]
    let pivots: [Int]
    let solver: ReweightedSolver

    init(rows: Int, predictors: Int, seed: UInt64) throws {
      let columns = MergeableQRProductsTests.block(rows: rows, predictors: predictors, seed: seed)
      x = try Matrix(columns: Array(columns.dropLast()))
      y = try #require(columns.last)
      let factors = try PivotedQR(x)
      let solution = try factors.solve(y, matrix: x)
      coefficients = solution.coefficients
      pivots = factors.pivots
      let q = try Matrix(
        columns: (0..<x.columns).map { k in
          var unit = [Double](repeating: 0, count: rows)
          unit[k] = 1
          return try factors.applyingQ(to: unit)
        })
      solver = try ReweightedSolver(
        q: q, triangle: try factors.unscaledTriangle(), residuals: solution.residuals)
    }

    func byFactorisation(_ weights: [Double]) throws -> [Double] {
      let roots = weights.map { $0.squareRoot() }
      let matrix = try x.scalingRows(by: roots)
      return try PivotedQR(matrix).solve(zip(y, roots).map { $0 * $1 }, matrix: matrix).coefficients
    }
  }

  @Test(arguments: [(30, 2), (257, 5), (1000, 9)])
  func asFactorised(rows: Int, predictors: Int) throws {
    let data = try Case(rows: rows, predictors: predictors, seed: 21)
    var generator = TestRandom(seed: 4)
    for _ in 0..<20 {
      let weights = (0..<rows).map { _ in Double(Int.random(in: 0...3, using: &generator)) }
      let move = try #require(try data.solver.move(weights: weights))
      let expected = try data.byFactorisation(weights)
      for (k, step) in move.enumerated() {
        let j = data.pivots[k]
        let size = max(abs(expected[j]), abs(step))
        #expect(abs(data.coefficients[j] + step - expected[j]) <= Self.tolerance * size)
      }
    }
  }

  @Test func everyProcessorTheSameBits() throws {
    defer { cutover_limit_kernel_level(CUTOVER_LEVEL_AVX512) }
    for rows in [30, 256, 300] {
      let data = try Case(rows: rows, predictors: 6, seed: 8)
      let weights = (0..<rows).map { Double($0 % 4) }
      let moves = try [CUTOVER_LEVEL_BASE, CUTOVER_LEVEL_AVX2, CUTOVER_LEVEL_AVX512].map {
        cutover_limit_kernel_level($0)
        return try data.solver.move(weights: weights)
      }
      #expect(moves[0] != nil && moves[0] == moves[1] && moves[1] == moves[2])
    }
  }

  /// Weights that leave fewer rows than columns say so, and do not answer.
  @Test func rowsThatCannotTellAreRefused() throws {
    let data = try Case(rows: 50, predictors: 4, seed: 2)
    let few = (0..<50).map { $0 < 3 ? 1.0 : 0 }
    #expect(try data.solver.move(weights: few) == nil)
    #expect(try data.solver.move(weights: [Double](repeating: 0, count: 50)) == nil)
    #expect(throws: LinearAlgebraError.self) { try data.solver.move(weights: [1]) }
  }
}
