import ModelCore
import TestSupport
import Testing

@testable import Regression

@Suite struct PolynomialScanTests {
  /// Against the polynomials made from all values at hand; coefficients agree with R's `poly` by
  /// `StreamedFitTests.agreesWithR`.
  @Test(arguments: [1, 2, 5, 12], [0, 1e6, -1e9] as [Double])
  func agreesWithThoseOfAllValues(_ degree: Int, _ offset: Double) throws {
    var draws = TestRandom(seed: 21)
    let x = (0..<400).map { _ in offset + 100 * draws.unit() }
    let plain = try Polynomial(x, degree: degree)
    var measure = DiscreteMeasure(size: degree + 1)
    for value in x { measure.add(value) }
    let scanned = try #require(Polynomial(measure, degree: degree))
    for (one, two) in zip(plain.columns(x), scanned.columns(x)) {
      let gap = zip(one, two).reduce(0) { max($0, abs($1.0 - $1.1)) }
      // Columns have length 1; the recurrence loses some digits by degree 12.
      #expect(gap < 2e-13 * Double(degree), "degree \(degree), offset \(offset): \(gap)")
    }
  }

  @Test func repeatedValuesInAnyOrder() throws {
    var draws = TestRandom(seed: 22)
    let values: [Double] = [8, 1, 4, 2, 16]
    let x = [8, 8, 8, 8, 8, 8, 1] + (0..<200).map { _ in values[draws.below(5)] }
    let plain = try Polynomial(x, degree: 4)
    var measure = DiscreteMeasure(size: 5)
    for value in x { measure.add(value) }
    let scanned = try #require(Polynomial(measure, degree: 4))
    for (one, two) in zip(plain.columns(values), scanned.columns(values)) {
      for (a, b) in zip(one, two) { #expect(abs(a - b) < 1e-13) }
    }
  }

  @Test func refusals() throws {
    let formula = try Formula("y ~ poly(x, 3)")
    let data = try Table([
      Column("x", numbers: [1, 2, 3, 3, nil]), Column("y", numbers: [1, 2, 3, 4, 5]),
    ])
    #expect(PolynomialScan.isNeeded(for: formula))
    #expect(try !PolynomialScan.isNeeded(for: Formula("y ~ x")))
    #expect(throws: RegressionError.stream(.polynomialNeedsFirstPass(term: "poly(x, 3)"))) {
      try StreamingDesign(formula, like: data)
    }
    var scan = PolynomialScan(formula)
    try scan.add(data)
    #expect(scan.rows == 4)
    #expect(
      throws: RegressionError.polynomial(term: "poly(x, 3)", degree: 3, differentValues: 3)
    ) { try StreamingDesign(formula, like: data, polynomials: scan) }
    // The pass of another formula does not know this one's polynomials.
    #expect(throws: RegressionError.self) {
      try StreamingDesign(
        formula, like: data, polynomials: PolynomialScan(Formula("y ~ poly(x, 2)")))
    }
    var huge = PolynomialScan(formula)
    try huge.add(
      Table([
        Column("x", numbers: [-1e308, 1e308, 0, 5e307, 1]), Column("y", numbers: [1, 2, 3, 4, 5]),
      ]))
    #expect(throws: RegressionError.outOfRange(term: "poly(x, 3)")) {
      try StreamingDesign(formula, like: data, polynomials: huge)
    }
  }
}
