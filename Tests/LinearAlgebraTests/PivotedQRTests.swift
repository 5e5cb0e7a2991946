import Foundation
import LinearAlgebra
import Testing

/// A matrix of reproducible noise in [-1, 1).
func noise(_ rows: Int, _ columns: Int, seed: UInt64) throws -> Matrix {
  var state = seed
  let values = (0..<(rows * columns)).map { _ -> Double in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(Int64(bitPattern: state) >> 11) * 0x1p-52
  }
  return try Matrix(rows: rows, columns: columns, storage: values)
}

@Suite struct PivotedQRTests {
  /// Rounding of a factorisation with tens of rows and columns of length about 1.
  static let rounding = 1e-13

  @Test(arguments: [(5, 3), (40, 7), (6, 6), (3, 8)])
  func productGivesTheMatrixBack(_ rows: Int, _ columns: Int) throws {
    let matrix = try noise(rows, columns, seed: 17)
    let qr = try PivotedQR(matrix)
    #expect(qr.rank == min(rows, columns))
    #expect(Set(qr.pivots).count == columns)
    let r = try qr.unscaledTriangle()
    for k in 0..<qr.rank {
      // Column k of Q R, by applying Q to the column of R.
      var column = [Double](repeating: 0, count: rows)
      for i in 0...k { column[i] = r.matrix[i, k] }
      let product = try qr.applyingQ(to: column)
      for i in 0..<rows {
        #expect(abs(product[i] - matrix[i, qr.pivots[k]]) < Self.rounding)
      }
    }
    let vector = (0..<rows).map { Double($0) - 1 }
    let back = try qr.applyingQ(to: qr.applyingQTransposed(to: vector))
    #expect(zip(back, vector).allSatisfy { abs($0 - $1) < Self.rounding * Double(rows) })
  }

  @Test func rankDoesNotDependOnUnits() throws {
    var columns = (0..<4).map { j in (0..<20).map { i in sin(Double(i * (j + 2)) + 1) } }
    #expect(try PivotedQR(Matrix(columns: columns)).rank == 4)
    columns[1] = columns[1].map { $0 * 1e200 }
    columns[2] = columns[2].map { $0 * 1e-200 }
    #expect(try PivotedQR(Matrix(columns: columns)).rank == 4)
    columns.append(zip(columns[0], columns[3]).map { 3 * $0 - 0.1 * $1 })
    let deficient = try PivotedQR(Matrix(columns: columns))
    #expect(deficient.rank == 4 && deficient.basis.count == 4)
    #expect(try PivotedQR(Matrix(rows: 5, columns: 2)).rank == 0)
  }

  @Test func hatDiagonalIsAProjection() throws {
    let matrix = try noise(30, 5, seed: 3)
    let qr = try PivotedQR(matrix)
    let hat = try qr.hatDiagonal()
    #expect(abs(hat.reduce(0, +) - 5) < Self.rounding && hat.allSatisfy { (0...1).contains($0) })
    // The second route: x' (X'X)^-1 x.
    let gram = try qr.inverseGram()
    for i in 0..<30 {
      let x = matrix.row(i)
      let form = try zip(x, gram.multiplied(by: x)).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(form - hat[i]) < Self.rounding)
    }
  }

  @Test func inverseGramInverts() throws {
    let matrix = try noise(25, 4, seed: 9)
    let gram = try PivotedQR(matrix).inverseGram()
    for j in 0..<4 {
      let cross = (0..<4).map { i in
        zip(matrix.column(i), matrix.column(j)).reduce(0) { $0 + $1.0 * $1.1 }
      }
      let unit = try gram.multiplied(by: cross)
      for i in 0..<4 { #expect(abs(unit[i] - (i == j ? 1 : 0)) < Self.rounding) }
    }
  }

  @Test func conditionOfKnownMatrices() throws {
    let identity = try Matrix(columns: [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    #expect(try PivotedQR(identity).conditionEstimate() == 1)
    // Hilbert's matrix of order 8: 3.4e10 in the 1-norm, less after equilibration.
    let hilbert = try Matrix(
      columns: (0..<8).map { j in (0..<8).map { 1 / Double($0 + j + 1) } })
    let condition = try PivotedQR(hilbert).conditionEstimate()
    #expect(condition > 1e9 && condition < 3.4e10)
  }

  @Test func mistakes() throws {
    #expect(throws: LinearAlgebraError.notFinite("a matrix")) {
      try PivotedQR(Matrix(columns: [[1, .nan]]))
    }
    #expect(throws: LinearAlgebraError.self) { try PivotedQR(Matrix(rows: 0, columns: 3)) }
    #expect(throws: LinearAlgebraError.self) {
      try PivotedQR(Matrix(columns: [[1, 2]]), tolerance: 1)
    }
    let qr = try PivotedQR(Matrix(columns: [[1, 2]]))
    #expect(throws: LinearAlgebraError.self) { try qr.applyingQ(to: [1]) }
    #expect(throws: LinearAlgebraError.self) {
      try qr.solve([1, 2, 3], matrix: Matrix(columns: [[1, 2]]))
    }
    #expect(throws: LinearAlgebraError.notFinite("the response")) {
      try qr.solve([1, .infinity], matrix: Matrix(columns: [[1, 2]]))
    }
  }
}

@Suite struct PivotedQRThreadsTests {
  #if os(Linux)
    /// OpenBLAS takes one thread: sums of several are added up in another order, and the answer would
    /// depend on the number of cores.
    @Test func oneThreadForSums() throws {
      _ = try PivotedQR(Matrix(columns: [[1, 2], [2, 1]]))
      let everywhere = try #require(dlopen(nil, RTLD_NOW))
      let address = try #require(dlsym(everywhere, "openblas_get_num_threads"))
      let threads = unsafeBitCast(address, to: (@convention(c) () -> CInt).self)
      #expect(threads() == 1)
    }
  #endif

  /// One factorisation, used by several threads at once, gives each the same bits: LAPACK writes to
  /// the reflectors while it applies them, so each call must have its own.
  @Test func sharedFactorisation() async throws {
    let rows = 60
    var storage = [Double](repeating: 1, count: rows)
    storage += (0..<rows).map { Double(($0 * 7919) % 1009) / 1009 }
    storage += (0..<rows).map { Double(($0 * 104_729) % 2003) / 2003 }
    let factors = try PivotedQR(Matrix(rows: rows, columns: 3, storage: storage))
    let vector = (0..<rows).map { Double(($0 * 31) % 17) }
    let alone = try factors.applyingQTransposed(to: vector)
    let different = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<20_000).count { _ in (try? factors.applyingQTransposed(to: vector)) != alone }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(different == 0)
  }
}
