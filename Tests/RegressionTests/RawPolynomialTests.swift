import Foundation
import LinearAlgebra
import ModelCore
import Regression
import TestSupport
import Testing

@Suite struct RawPolynomialTests {
  @Test func spellings() throws {
    for word in ["TRUE", "true", "T"] {
      let formula = try Formula("y ~ poly( log(x) , 3,raw=\(word))")
      #expect(formula.description == "y ~ poly(log(x), 3, raw = \(word))")
      #expect(try Formula(formula.description) == formula)
      #expect(formula.columnsRead == ["x"])
    }
    for word in ["FALSE", "false", "F"] {
      #expect(try Formula("y ~ poly(x, 3, raw = \(word))") == Formula("y ~ poly(x, 3)"))
    }
    for (text, part) in [
      ("y ~ poly(x, 2, raw = 1)", "TRUE or FALSE"), ("y ~ poly(x, 2, raw)", "'=' after raw"),
      ("y ~ poly(x, 2, rwa = TRUE)", "comparisons"), ("y ~ poly(x, 2, TRUE)", "raw = TRUE"),
      ("y ~ poly(x, 2, raw == TRUE)", "comparisons"), ("y ~ raw = 2", "comparisons"),
      ("y ~ poly(x, 2, raw = maybe)", "TRUE or FALSE"), ("y ~ poly(x, 2, raw = TRUE", "')'"),
    ] {
      let error = try #require(throws: FormulaError.self, "\(text)") { try Formula(text) }
      #expect(error.message.contains(part), "\(text): \(error.message)")
    }
    // A column of that name stays a column.
    #expect(try Formula("y ~ raw + poly(raw, 2)").columnsRead == ["raw"])
  }

  @Test func powersNamedAsInR() throws {
    let table = try Table([
      Column("x", numbers: [-2, 0.5, 3, 1, 7]), Column("y", numbers: [1, 2, 4, 3, 9]),
    ])
    let design = try Design(Formula("y ~ poly(x, 3, raw = TRUE)"), table)
    #expect(
      design.recipe.columnNames == ["(Intercept)"]
        + (1...3).map { "poly(x, 3, raw = TRUE)\($0)" })
    #expect(
      design.matrix.row(0) == [1, -2, 4, -8] && design.matrix.row(1) == [1, 0.5, 0.25, 0.125])
    let one = try Design(Formula("y ~ poly(x, 1, raw = T)"), table)
    #expect(one.recipe.columnNames == ["(Intercept)", "poly(x, 1, raw = T)"])
  }

  @Test func savedAndPredicted() throws {
    let data = try kindsData()
    let raw = try fit("log(t) ~ poly(x, 3, raw = true) * f", data).formulaFit
    let orthogonal = try fit("log(t) ~ poly(x, 3) * f", data).formulaFit
    let back = try JSONDecoder().decode(FormulaFit.self, from: JSONEncoder().encode(raw))
    #expect(back == raw)
    for (a, b) in zip(try back.predict(data), try orthogonal.predict(data)) {
      #expect(digits(try #require(a.value), try #require(b.value)) > 9)
    }
    let hole = try Table([Column("x", numbers: [nil, 1e200]), Column("f", text: ["a", "b"])])
    let rows = try back.predict(hole)
    #expect(rows[0].reason == "x is missing")
    #expect(rows[1].reason == "a term of the model is beyond the range of doubles")
  }

  /// The most ill-conditioned of NIST's linear sets, by the formula that people type.
  @Test func filip() throws {
    let data = try table(of: fixture("nist/linear/filip.csv"), numbers: ["x", "y"])
    let plain = try fit("y ~ poly(x, 10, raw = true)", data)
    let certified = try fixture("nist/linear/certified.csv").filter { $0["dataset"] == "filip" }
    #expect(certified.count == 11 && plain.coefficients.count == 11)
    var least = 16.0
    for (row, coefficient) in zip(certified, plain.coefficients) {
      least = min(
        least, digits(try #require(coefficient.estimate), try number(row, "estimate")))
    }
    #expect(least >= 7, "\(least) digits")
  }

  /// A power law and an exponential by transformation: Duan's factor makes means of medians.
  @Test func powerLawAndExponential() throws {
    var draws = TestRandom(seed: 17)
    let x = (0..<400).map { _ in 1 + 9 * draws.unit() }
    // Errors of log y are uniform on (-1, 1): their exponential has the mean sinh(1).
    let noise = x.map { _ in 2 * draws.unit() - 1 }
    let power = zip(x, noise).map { 3 * pow($0, 0.7) * exp($1) }
    let growth = zip(x, noise).map { 0.5 * exp(0.3 * $0 + $1) }
    let data = try Table([
      Column("x", numbers: x), Column("p", numbers: power), Column("g", numbers: growth),
    ])
    let new = try Table([Column("x", numbers: [4])])
    for (formula, slope, mean) in [
      ("log(p) ~ log(x)", 0.7, 3 * pow(4, 0.7) * sinh(1)),
      ("log(g) ~ x", 0.3, 0.5 * exp(1.2) * sinh(1)),
    ] {
      let found = try fit(formula, data)
      let error = try #require(found.coefficients[1].standardError)
      #expect(abs(try #require(found.coefficients[1].estimate) - slope) < 3 * error, "seed 17")
      // The factor of 400 rows is known to about 2 %, the mean at 4 to about 3 %.
      #expect(abs(found.smearing / sinh(1) - 1) < 0.06, "seed 17: \(found.smearing)")
      let value = try #require(try found.predict(new)[0].value)
      #expect(abs(value / mean - 1) < 0.1, "seed 17: \(value), \(mean)")
    }
  }
}
