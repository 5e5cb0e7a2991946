import LinearAlgebra
import Testing

@Suite struct IndependentColumnsTests {
  @Test func theLaterOfTwoGoes() throws {
    let ones = [1.0, 1, 1, 1, 1]
    let x = [1.0, 2, 3, 5, 8]
    let matrix = try Matrix(columns: [
      ones, x, zip(ones, x).map { 1e6 * $0 - 3 * $1 }, [0, 0, 0, 0, 0], x.map { $0 * $0 },
      x.map { 1e-30 * $0 },
    ])
    #expect(try independentColumns(of: matrix, tolerance: 1e-13) == [0, 1, 4])
  }

  @Test func neverMoreThanRows() throws {
    let matrix = try noise(3, 7, seed: 1)
    #expect(try independentColumns(of: matrix, tolerance: 1e-13) == [0, 1, 2])
    #expect(throws: LinearAlgebraError.self) {
      try independentColumns(of: Matrix(columns: [[.infinity]]), tolerance: 1e-13)
    }
  }
}
