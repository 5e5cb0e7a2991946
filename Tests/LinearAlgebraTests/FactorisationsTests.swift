import LinearAlgebra
import Testing

/// The matrices and reference values of `Fixtures/linear_algebra/factorisations.csv`.
private struct Reference {
  let matrix: Matrix
  let rows: [[String: String]]

  init(_ name: String) throws {
    rows = try fixture("linear_algebra/factorisations.csv").filter { $0["case"] == name }
    let elements = rows.filter { $0["kind"] == "element" }
    let m = try (elements.map { Int(try number($0, "i")) }.max() ?? -1) + 1
    let n = try (elements.map { Int(try number($0, "j")) }.max() ?? -1) + 1
    var matrix = Matrix(rows: m, columns: n)
    for element in elements {
      matrix[Int(try number(element, "i")), Int(try number(element, "j"))] =
        try number(element, "value")
    }
    self.matrix = matrix
  }

  func values(_ kind: String) throws -> [Double] {
    try rows.filter { $0["kind"] == kind }.map { try number($0, "value") }
  }
}

private func product(_ a: Matrix, _ b: Matrix) throws -> Matrix {
  try Matrix(columns: (0..<b.columns).map { try a.multiplied(by: Array(b.column($0))) })
}

private func transposed(_ a: Matrix) throws -> Matrix {
  try Matrix(columns: (0..<a.rows).map { a.row($0) })
}

private func largestDifference(_ a: Matrix, _ b: Matrix) -> Double {
  zip(a.storage, b.storage).reduce(a.storage.count == b.storage.count ? 0 : .infinity) {
    max($0, abs($1.0 - $1.1))
  }
}

private func identity(_ n: Int) -> Matrix {
  var answer = Matrix(rows: n, columns: n)
  for i in 0..<n { answer[i, i] = 1 }
  return answer
}

@Suite struct SingularValuesTests {
  /// Rounding of an SVD of a few columns: some spacings of doubles at the largest value.
  static let rounding = 1e-14

  @Test(arguments: ["hilbert4", "hilbert6", "tall", "wide", "square", "gram"])
  func agreesWithLongArithmetic(_ name: String) throws {
    let reference = try Reference(name)
    let decomposition = try SingularValueDecomposition(reference.matrix)
    let expected = try reference.values("singular")
    #expect(decomposition.values.count == expected.count)
    for (value, wanted) in zip(decomposition.values, expected) {
      #expect(abs(value - wanted) <= Self.rounding * expected[0], "\(name): \(value), \(wanted)")
    }
    // The smallest value carries the rounding of the largest one.
    let condition = try #require(reference.values("condition2").first)
    #expect(abs(decomposition.condition / condition - 1) < 1e-14 * condition, "\(name)")
    #expect(decomposition.rank() == expected.count)
    var scaled = try transposed(decomposition.rightTransposed)
    for j in 0..<scaled.columns {
      for i in 0..<scaled.rows { scaled[i, j] *= decomposition.values[j] }
    }
    let rebuilt = try product(decomposition.left, transposed(scaled))
    #expect(largestDifference(rebuilt, reference.matrix) <= Self.rounding * expected[0])
    let k = decomposition.values.count
    let left = try product(transposed(decomposition.left), decomposition.left)
    #expect(largestDifference(left, identity(k)) < Self.rounding)
  }

  @Test func minimumNorm() throws {
    // Of all x with x1 + x2 = 2 the shortest; the second row says the same.
    let matrix = try Matrix(rows: 2, columns: 2, storage: [1, 2, 1, 2])
    let decomposition = try SingularValueDecomposition(matrix)
    #expect(decomposition.rank() == 1 && decomposition.condition > 1e15)
    let x = try decomposition.minimumNormSolution([2, 4])
    #expect(x.allSatisfy { abs($0 - 1) < Self.rounding })
    #expect(throws: LinearAlgebraError.self) { try decomposition.minimumNormSolution([1]) }
    #expect(throws: LinearAlgebraError.notFinite("a vector")) {
      try decomposition.minimumNormSolution([1, .nan])
    }
  }

  @Test func limits() throws {
    let zero = try SingularValueDecomposition(Matrix(rows: 2, columns: 3))
    #expect(zero.rank() == 0 && zero.condition == .infinity)
    #expect(throws: LinearAlgebraError.self) {
      try SingularValueDecomposition(Matrix(rows: 0, columns: 3))
    }
    #expect(throws: LinearAlgebraError.notFinite("a matrix")) {
      try SingularValueDecomposition(Matrix(rows: 1, columns: 1, storage: [.infinity]))
    }
  }
}

@Suite struct CholeskyTests {
  @Test(arguments: ["hilbert4", "hilbert6", "gram"])
  func agreesWithLongArithmetic(_ name: String) throws {
    let reference = try Reference(name)
    let factors = try Cholesky(reference.matrix)
    let condition = try #require(reference.values("condition1").first)
    // A factor of Cholesky is as sure as condition times rounding.
    let tolerance = 1e-15 * condition + 1e-14
    var packed: [Double] = []
    for j in 0..<factors.factor.order {
      for i in 0...j { packed.append(factors.factor.matrix[i, j]) }
    }
    let expected = try reference.values("cholesky")
    #expect(packed.count == expected.count)
    for (value, wanted) in zip(packed, expected) {
      #expect(abs(value - wanted) <= tolerance * abs(wanted), "\(name): \(value), \(wanted)")
    }
    let solution = try factors.solve([Double](repeating: 1, count: factors.factor.order))
    for (value, wanted) in zip(solution, try reference.values("solution")) {
      #expect(abs(value - wanted) <= 10 * tolerance * abs(wanted), "\(name): \(value), \(wanted)")
    }
    // An estimate from below, within a factor of 3 (LAPACK's experience).
    let estimate = try factors.conditionEstimate()
    #expect(estimate <= condition * (1 + 1e-6) && estimate >= condition / 3)
  }

  @Test func namesTheMinor() throws {
    let matrix = try Matrix(rows: 3, columns: 3, storage: [4, 0, 0, 2, 1, 0, 0, 0, 1])
    #expect(throws: LinearAlgebraError.notPositive(minor: 2)) { try Cholesky(matrix) }
    #expect(throws: LinearAlgebraError.notPositive(minor: 1)) {
      try Cholesky(Matrix(rows: 2, columns: 2))
    }
    #expect(
      LinearAlgebraError.notPositive(minor: 2).description
        == "a matrix is not positive definite: its leading minor of order 2 is not positive")
    #expect(throws: LinearAlgebraError.self) { try Cholesky(Matrix(rows: 2, columns: 3)) }
    #expect(throws: LinearAlgebraError.notFinite("a matrix")) {
      try Cholesky(Matrix(rows: 1, columns: 1, storage: [.nan]))
    }
    #expect(throws: LinearAlgebraError.self) { try Cholesky(identity(2)).solve([1]) }
  }

  @Test func readsTheUpperTriangleOnly() throws {
    let matrix = try Matrix(rows: 2, columns: 2, storage: [4, .nan, 2, 5])
    #expect(try Cholesky(matrix).solve([8, 12]) == [1, 2])
  }
}

@Suite struct UnpivotedQRTests {
  @Test(arguments: ["tall", "wide", "square", "hilbert6"])
  func keepsTheProducts(_ name: String) throws {
    let matrix = try Reference(name).matrix
    let triangle = try unpivotedTriangle(of: matrix)
    #expect(triangle.rows == min(matrix.rows, matrix.columns))
    for j in 0..<triangle.columns {
      for i in 0..<triangle.rows where i > j { #expect(triangle[i, j] == 0) }
    }
    let (one, two) = (
      try product(transposed(triangle), triangle), try product(transposed(matrix), matrix)
    )
    let size = two.storage.reduce(0) { max($0, abs($1)) }
    #expect(largestDifference(one, two) < 1e-14 * size)
    #expect(throws: LinearAlgebraError.self) {
      try unpivotedTriangle(of: Matrix(rows: 3, columns: 0))
    }
  }
}
