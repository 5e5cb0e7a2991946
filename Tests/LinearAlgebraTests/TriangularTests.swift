import LinearAlgebra
import Testing

@Suite struct TriangularTests {
  let upper = try! UpperTriangle(Matrix(columns: [[2, 9, 9], [1, 4, 9], [-1, 2, 8]]))

  @Test func solvesByHand() throws {
    // What is below the diagonal (9s) is not read.
    #expect(try upper.solve([2, 8, 8]) == [0.75, 1.5, 1])
    #expect(try upper.solveTransposed([2, 5, 9]) == [1, 1, 1])
    let inverse = try upper.inverted()
    #expect(inverse.storage == [0.5, 0, 0, -0.125, 0.25, 0, 0.09375, -0.0625, 0.125])
    #expect(try upper.conditionEstimate() >= 1)
  }

  @Test func mistakes() {
    #expect(throws: LinearAlgebraError.routine("dtrtrs", info: 2)) {
      try UpperTriangle(Matrix(columns: [[1, 0], [1, 0]]))
    }
    #expect(throws: LinearAlgebraError.self) { try UpperTriangle(Matrix(rows: 1, columns: 2)) }
    #expect(throws: LinearAlgebraError.notFinite("a triangular matrix")) {
      try UpperTriangle(Matrix(columns: [[.nan]]))
    }
    #expect(throws: LinearAlgebraError.self) { try upper.solve([1]) }
  }
}
