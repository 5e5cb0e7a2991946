import ModelCore
import Regression
import Testing

@Suite struct ConstrainedLeastSquaresTests {
  @Test func asBySubstitution() throws {
    let fit = try ConstrainedLeastSquares([EqualityConstraint(parsing: "x + u = 1")]).fit(
      kindsDesign("y ~ x + u + z"))
    let rest = try expectCoefficients(fit, "r", "constrained", .direct)
    let squares = fit.model.residuals.reduce(0) { $0 + $1 * $1 }
    #expect(digits(squares, try #require(rest["rss"])) > 12)
    #expect(fit.constraintRank == 1 && fit.constraintResidual < 1e-13)
    #expect(try glance(fit, "df_residual") == 57 && glance(fit, "rank") == 3)
    #expect(digits(try #require(fit.model.hat).reduce(0, +), 3) > 12)
  }

  @Test func noneIsLeastSquares() throws {
    let design = try kindsDesign("log(t) ~ x + z + f", weights: "w")
    let plain = try LeastSquares().fit(design)
    let fit = try ConstrainedLeastSquares([]).fit(design)
    for (a, b) in zip(fit.coefficients, plain.coefficients) {
      #expect(digits(try #require(a.estimate), try #require(b.estimate)) > 11)
      #expect(digits(try #require(a.confidenceHigh), try #require(b.confidenceHigh)) > 10)
    }
    #expect(digits(try #require(try glance(fit, "bic")), try #require(plain.summary.bic)) > 12)
  }

  /// Effects that sum to zero: the equation supplies the rank that the data lack.
  @Test func sumToZero() throws {
    let data = try kindsData().appending([
      Column("a", numbers: (0..<60).map { $0 % 3 == 0 ? 1 : 0 }),
      Column("b", numbers: (0..<60).map { $0 % 3 == 1 ? 1 : 0 }),
      Column("c", numbers: (0..<60).map { $0 % 3 == 2 ? 1 : 0 }),
    ])
    let design = try Design(Formula("y ~ a + b + c + x"), data)
    let fit = try ConstrainedLeastSquares([EqualityConstraint(parsing: "a + b + c = 0")]).fit(
      design)
    let treatment = try RegressionTests.fit("y ~ f + x", data)
    let estimates = fit.coefficients.compactMap(\.estimate)
    #expect(estimates.count == 5 && abs(estimates[1] + estimates[2] + estimates[3]) < 1e-12)
    #expect(
      digits(estimates[2] - estimates[1], try #require(treatment.coefficients[1].estimate)) > 10)
    for (a, b) in zip(fit.model.fitted, treatment.fitted) { #expect(abs(a - b) < 1e-11) }
    // Without the equation there is nothing to tell the columns apart by.
    #expect(
      try kindError { _ = try ConstrainedLeastSquares([]).fit(design) }
        == .singular(
          what: "the model matrix under the equations", terms: "(Intercept), a, b, c, x"))
  }

  @Test func fixedCoefficientsHaveNoError() throws {
    let fit = try ConstrainedLeastSquares([
      EqualityConstraint(["x": 2], equals: 1), EqualityConstraint(parsing: "4 * x = 2"),
    ]).fit(kindsDesign("y ~ x + z"))
    #expect(digits(try #require(fit.coefficients[1].estimate), 0.5) > 14)
    #expect(fit.coefficients[1].standardError == nil && fit.coefficients[1].pValue == nil)
    #expect(fit.coefficients[2].standardError != nil && fit.constraintRank == 1)
    #expect(fit.notes.contains { $0 == "fixed by the equations alone: x." })
    let all = try ConstrainedLeastSquares([
      EqualityConstraint(["x": 1], equals: 1), EqualityConstraint(["(Intercept)": 1], equals: 0),
    ]).fit(kindsDesign("y ~ x"))
    #expect(all.coefficients.map { ($0.estimate ?? 9).rounded() } == [0, 1])
    #expect(try glance(all, "df_residual") == 60)
  }

  @Test func equationsAsText() throws {
    let parsed = try EqualityConstraint(parsing: "2 * log(x) - `a:b` / 4 + `(Intercept)` = -1.5")
    #expect(parsed.factors == ["log(x)": 2, "a:b": -0.25, "(Intercept)": 1])
    #expect(parsed.value == -1.5)
    for text in ["x + y", "x = y", "x * y = 1", "1 = 1", "x + 1 = 2", "x = 1 = 2", "x = inf"] {
      #expect(throws: RegressionError.self, "\(text)") { try EqualityConstraint(parsing: text) }
    }
  }

  @Test func faults() throws {
    let design = try kindsDesign("y ~ x + z")
    let first = try EqualityConstraint(parsing: "x + z = 1")
    let second = try EqualityConstraint(parsing: "2 * x + 2 * z = 3")
    #expect(
      try kindError { _ = try ConstrainedLeastSquares([first, second]).fit(design) }
        == .contradiction("x + z = 1; 2 * x + 2 * z = 3"))
    #expect(
      try kindError {
        _ = try ConstrainedLeastSquares([EqualityConstraint(["zz": 1], equals: 0)]).fit(design)
      } == .unknownTerm("zz", nearest: ["z"]))
    #expect(
      try kindError {
        _ = try ConstrainedLeastSquares([EqualityConstraint(["z": 0], equals: 1)]).fit(design)
      } == .contradiction("0 * z = 1"))
  }
}
