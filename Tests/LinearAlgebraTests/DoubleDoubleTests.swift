import Testing

@testable import LinearAlgebra

@Suite struct DoubleDoubleTests {
  @Test func keepsWhatADoubleLoses() {
    var sum = DoubleDouble(0)
    sum.addProduct(1e16, 1)
    sum.addProduct(1, 1)
    sum.addProduct(-1e16, 1)
    #expect(sum.value == 1)
  }

  /// (1 + e)(1 - e) - 1 = -e^2, which the product in double rounds to 0.
  @Test func productsAreExact() {
    let e = 0x1p-40
    var sum = DoubleDouble(-1)
    sum.addProduct(1 + e, 1 - e)
    #expect(sum.value == -e * e)
  }
}
