import LinearAlgebra
import ModelCore
import Regression
import Testing

@Suite struct PolynomialTests {
  /// Orthonormal columns, orthogonal to the constant: the definition, up to degree 8.
  @Test func columnsAreOrthonormal() throws {
    let x = (0..<40).map { 1e9 * (Double($0) + 0.3 * Double($0 % 7)) }
    let table = try Table([Column("y", numbers: x), Column("x", numbers: x)])
    let design = try Design(Formula("y ~ poly(x, 8)"), table)
    for a in 1...8 {
      let first = design.matrix.column(a)
      // Rounding of 40 products of size 1/40, carried through 8 steps of the recurrence.
      #expect(abs(first.reduce(0, +)) < 1e-13)
      for b in 1...8 {
        let product = zip(first, design.matrix.column(b)).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (a == b ? 1 : 0)) < 1e-13)
      }
    }
  }

  /// The fit does not depend on the basis: poly(x, 2) and x + I(x^2) predict the same anywhere.
  @Test func newDataMeetTheSamePolynomials() throws {
    let table = try referenceData()
    let orthogonal = try fit("total_time_s ~ poly(vcpus, 3) + technique", table)
    let plain = try fit("total_time_s ~ vcpus + I(vcpus^2) + I(vcpus^3) + technique", table)
    let new = try Table([
      Column("vcpus", numbers: [3, 30]), Column("technique", text: ["hybrid", "precopy"]),
    ])
    for (a, b) in zip(try orthogonal.predict(new), try plain.predict(new)) {
      for (left, right) in [(a.value, b.value), (a.lower, b.lower), (a.upper, b.upper)] {
        // The plain cubic has a condition number of about 1e3.
        #expect(digits(try #require(left), try #require(right)) > 11)
      }
    }
  }
}
