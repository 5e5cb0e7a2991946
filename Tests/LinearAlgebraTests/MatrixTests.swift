import LinearAlgebra
import Testing

@Suite struct MatrixTests {
  @Test func layoutAndProducts() throws {
    let matrix = try Matrix(rows: 2, columns: 3, storage: [1, 2, 3, 4, 5, 6])
    #expect(matrix[1, 0] == 2 && matrix[0, 2] == 5)
    #expect(matrix.row(1) == [2, 4, 6] && Array(matrix.column(1)) == [3, 4])
    #expect(try matrix.multiplied(by: [1, 0, -1]) == [-4, -4])
    #expect(try matrix.scalingRows(by: [2, 0]).row(0) == [2, 6, 10])
    #expect(matrix.selectingColumns([2, 0]).storage == [5, 6, 1, 2])
  }

  @Test func mistakes() {
    #expect(throws: LinearAlgebraError.self) { try Matrix(rows: 2, columns: 2, storage: [1]) }
    #expect(throws: LinearAlgebraError.self) { try Matrix(rows: -1, columns: -1, storage: [1]) }
    #expect(throws: LinearAlgebraError.self) { try Matrix(rows: .max, columns: 2, storage: []) }
    #expect(throws: LinearAlgebraError.self) { try Matrix(columns: [[1], [1, 2]]) }
    #expect(throws: LinearAlgebraError.self) { try Matrix(columns: []) }
    #expect(throws: LinearAlgebraError.self) {
      try Matrix(rows: 1, columns: 2).multiplied(by: [1])
    }
    #expect(throws: LinearAlgebraError.self) {
      try Matrix(rows: 2, columns: 2).scalingRows(by: [1])
    }
  }
}
