import LinearAlgebra
import Testing

@Suite struct SingularValueDecompositionTests {
  /// U diag(s) V' is the matrix again, and both are orthonormal.
  @Test(arguments: [(7, 3), (3, 7), (4, 4), (1, 5), (5, 1)])
  func putsTheMatrixTogether(_ rows: Int, _ columns: Int) throws {
    var matrix = Matrix(rows: rows, columns: columns)
    for j in 0..<columns {
      for i in 0..<rows {
        let hash = i * 7 + j * j * 3 + i * j
        matrix[i, j] = Double(hash % 11) - 4.5
      }
    }
    let parts = try SingularValueDecomposition(matrix)
    let k = min(rows, columns)
    #expect(parts.values.count == k && parts.values == parts.values.sorted(by: >))
    // A few roundings of the largest value.
    let limit = 1e-14 * parts.values[0] * Double(max(rows, columns))
    for i in 0..<rows {
      for j in 0..<columns {
        var sum = 0.0
        for l in 0..<k { sum += parts.left[i, l] * parts.values[l] * parts.rightTransposed[l, j] }
        #expect(abs(sum - matrix[i, j]) <= limit)
      }
    }
    for a in 0..<k {
      for b in 0..<k {
        var (u, v) = (0.0, 0.0)
        for i in 0..<rows { u += parts.left[i, a] * parts.left[i, b] }
        for j in 0..<columns { v += parts.rightTransposed[a, j] * parts.rightTransposed[b, j] }
        let expected: Double = a == b ? 1 : 0
        #expect(abs(u - expected) <= 1e-13 && abs(v - expected) <= 1e-13)
      }
    }
  }

  @Test func knownValues() throws {
    // [[3, 0], [4, 5]] has the singular values sqrt(45) and sqrt(5).
    let parts = try SingularValueDecomposition(
      Matrix(rows: 2, columns: 2, storage: [3, 4, 0, 5]))
    #expect(abs(parts.values[0] - 45.0.squareRoot()) < 1e-14)
    #expect(abs(parts.values[1] - 5.0.squareRoot()) < 1e-14)
  }

  @Test func mistakes() throws {
    #expect(throws: LinearAlgebraError.notFinite("a matrix")) {
      try SingularValueDecomposition(Matrix(rows: 1, columns: 2, storage: [1, .nan]))
    }
    #expect(throws: LinearAlgebraError.self) {
      try SingularValueDecomposition(Matrix(rows: 0, columns: 2))
    }
  }
}
