import LinearAlgebra
import Testing

@Suite struct TriangularSVDTests {
  /// [[3, 4], [0, 5]] has singular values sqrt(45) and sqrt(5).
  @Test func byHand() throws {
    let triangle = try UpperTriangle(Matrix(rows: 2, columns: 2, storage: [3, 0, 4, 5]))
    let svd = try TriangularSVD(triangle)
    #expect(abs(svd.values[0] - 45.0.squareRoot()) < 1e-14)
    #expect(abs(svd.values[1] - 5.0.squareRoot()) < 1e-14)
    // |R v_k| is value k, and the v are orthonormal.
    for k in 0..<2 {
      let v = Array(svd.rightVectors.column(k))
      let image = try triangle.matrix.multiplied(by: v)
      let length = (image[0] * image[0] + image[1] * image[1]).squareRoot()
      #expect(abs(length - svd.values[k]) < 1e-14)
    }
    let product =
      svd.rightVectors[0, 0] * svd.rightVectors[0, 1]
      + svd.rightVectors[1, 0] * svd.rightVectors[1, 1]
    #expect(abs(product) < 1e-15)
  }

  /// A tiny singular value keeps its digits: unit columns at an angle of 1e-9.
  @Test func smallValuesAreAccurate() throws {
    let gap = 1e-9
    let triangle = try UpperTriangle(Matrix(rows: 2, columns: 2, storage: [1, 0, 1, gap]))
    let svd = try TriangularSVD(triangle)
    // The product of the values is the determinant, the sum of their squares the sum of squares.
    #expect(abs(svd.values[0] * svd.values[1] / gap - 1) < 1e-14)
    #expect(abs(svd.values[0] - 2.0.squareRoot()) < 1e-15 * 4)
  }

  @Test func empty() throws {
    let svd = try TriangularSVD(UpperTriangle(Matrix(rows: 0, columns: 0)))
    #expect(svd.values.isEmpty && svd.rightVectors.rows == 0)
    let one = try TriangularSVD(UpperTriangle(Matrix(rows: 1, columns: 1, storage: [-2])))
    #expect(one.values == [2])
  }
}
