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
      let counts = (0..<rows).map { _ in Int32.random(in: 0...3, using: &generator) }
      let move = try #require(try data.solver.moves(counts: [counts])[0])
      let expected = try data.byFactorisation(counts.map(Double.init))
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
      let counts = (0..<rows).map { Int32($0 % 4) }
      let moves = try [CUTOVER_LEVEL_BASE, CUTOVER_LEVEL_AVX2, CUTOVER_LEVEL_AVX512].map {
        cutover_limit_kernel_level($0)
        return try data.solver.moves(counts: [counts])[0]
      }
      #expect(moves[0] != nil && moves[0] == moves[1] && moves[1] == moves[2])
    }
  }

  /// A replicate does not notice those that are made with it, in full groups and others.
  @Test(arguments: [1, 3, 4, 8, 9])
  func togetherTheSameBits(replicates: Int) throws {
    let data = try Case(rows: 301, predictors: 5, seed: 12)
    var generator = TestRandom(seed: 31)
    let counts = (0..<replicates).map { _ in
      (0..<301).map { _ in Int32.random(in: 0...3, using: &generator) }
    }
    let together = try data.solver.moves(counts: counts)
    for (list, move) in zip(counts, together) {
      #expect(try move != nil && data.solver.moves(counts: [list])[0] == move)
    }
  }

  /// Weights that leave fewer rows than columns say so, and do not answer.
  @Test func rowsThatCannotTellAreRefused() throws {
    let data = try Case(rows: 50, predictors: 4, seed: 2)
    let few = (0..<50).map { Int32($0 < 3 ? 1 : 0) }
    let none = [Int32](repeating: 0, count: 50)
    let all = [Int32](repeating: 1, count: 50)
    let moves = try data.solver.moves(counts: [few, all, none])
    #expect(moves[0] == nil && moves[1] != nil && moves[2] == nil)
    #expect(try data.solver.moves(counts: []).isEmpty)
    #expect(throws: LinearAlgebraError.self) { try data.solver.moves(counts: [all, [1]]) }
  }
}
