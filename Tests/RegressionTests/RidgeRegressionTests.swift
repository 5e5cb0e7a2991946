import ModelCore
import Regression
import Testing

@Suite struct RidgeRegressionTests {
  static let formula = "y ~ x + u + z + v"

  @Test(arguments: ["0.01", "2.5", "40"])
  func asInMASS(_ lambda: String) throws {
    let fit = try RidgeRegression(.fixed(try #require(Double(lambda)))).fit(
      kindsDesign(Self.formula))
    let rest = try expectCoefficients(fit, "r", "ridge \(lambda)", .printed)
    #expect(digits(fit.effectiveDegreesOfFreedom, try #require(rest["edf"])) > 11)
    #expect(digits(fit.gcvScore, try #require(rest["gcv"])) > 11)
    // The leverages add up to the trace, and the glance row says what is left of the rows.
    let hat = try #require(fit.model.hat)
    #expect(digits(hat.reduce(0, +), fit.effectiveDegreesOfFreedom) > 12)
    #expect(
      digits(try #require(try glance(fit, "df_residual")), 60 - fit.effectiveDegreesOfFreedom) > 12)
  }

  @Test func lambdaByGeneralisedCrossValidation() throws {
    let fit = try RidgeRegression(.generalisedCrossValidation).fit(kindsDesign(Self.formula))
    let expected = try #require(try kindsReference("r", "ridge gcv")[""])
    // A minimum is flat: its place is known to half the digits of its value.
    #expect(digits(fit.lambda, try #require(expected["lambda"])) > 5)
    #expect(digits(fit.gcvScore, try #require(expected["gcv"])) > 11)
    #expect(fit.notes.contains { $0.contains("generalised cross-validation") })
  }

  @Test func noPenaltyIsLeastSquares() throws {
    for weights in [nil, "w"] {
      let design = try kindsDesign("y ~ x + z + f + I(2 * x)", weights: weights)
      let plain = try LeastSquares().fit(design)
      let none = try RidgeRegression(.fixed(0)).fit(design)
      #expect(none.coefficients.map(\.estimate) == plain.coefficients.map(\.estimate))
      #expect(none.coefficients.last?.estimate == nil)
      // The limit from above, where nothing is redundant; its rate is lambda itself.
      let whole = try kindsDesign("y ~ x + z + f", weights: weights)
      let limit = try RidgeRegression(.fixed(1e-9)).fit(whole)
      let least = try LeastSquares().fit(whole)
      for (a, b) in zip(limit.coefficients, least.coefficients) {
        #expect(digits(try #require(a.estimate), try #require(b.estimate)) > 9)
        #expect(digits(try #require(a.standardError), try #require(b.standardError)) > 9)
      }
      #expect(
        digits(try #require(try glance(limit, "sigma")), try #require(least.summary.sigma)) > 9)
    }
  }

  @Test func unitsAndWeightFactorsDoNotMatter() throws {
    let fit = try RidgeRegression(.fixed(3)).fit(kindsDesign("y ~ x + z", weights: "w"))
    let scaled = try RidgeRegression(.fixed(3)).fit(
      kindsDesign("y ~ x + I(z * 1e9)", weights: "w * 7"))
    let (a, b) = (fit.coefficients, scaled.coefficients)
    #expect(digits(try #require(a[1].estimate), try #require(b[1].estimate)) > 11)
    #expect(digits(try #require(a[2].estimate), try #require(b[2].estimate) * 1e9) > 11)
    #expect(digits(try #require(a[1].standardError), try #require(b[1].standardError)) > 11)
  }

  @Test func equalColumnsShareAndAConstantHasNoEstimate() throws {
    let fit = try RidgeRegression(.fixed(1)).fit(kindsDesign("y ~ x + I(x + 0) + I(0 * x + 3)"))
    let values = fit.coefficients.map(\.estimate)
    #expect(digits(try #require(values[1]), try #require(values[2])) > 10)
    #expect(values[3] == nil)
    #expect(fit.notes.contains { $0.contains("no estimate for I(0 * x + 3)") })
    let new = try Table([Column("x", numbers: [4])])
    #expect(try fit.predict(new, level: 0.9)[0].value != nil)
  }

  @Test func saysWhatItDoesNotKnow() throws {
    let fit = try RidgeRegression(.fixed(1)).fit(kindsDesign("y ~ x"))
    #expect(fit.coefficients.allSatisfy { $0.standardError != nil && $0.pValue == nil })
    let prediction = try fit.predict(kindsData(), level: 0.95)[0]
    #expect(prediction.value != nil && prediction.lower == nil)
    let confidence = try fit.saved.predict(kindsData(), interval: .confidence)[0]
    #expect(confidence.value == prediction.value && confidence.lower == nil)
    // With as many terms as rows a small penalty leaves next to no degrees of freedom.
    let few = try Design(Formula("y ~ x + z"), kindsData().selecting([3, 9, 20]))
    let tight = try RidgeRegression(.fixed(1e-7)).fit(few)
    #expect(try tight.predict(kindsData(), level: 0.95)[0].value != nil)
    #expect(try tight.augment().rowCount == 3)
    #expect(throws: RegressionError.level(2)) {
      try RidgeRegression(.fixed(1), level: 2).fit(few)
    }
    for lambda in [-1, Double.nan, .infinity] {
      guard
        case .setting(name: "lambda", value: _, expected: _) = try kindError({
          _ = try RidgeRegression(.fixed(lambda)).fit(kindsDesign("y ~ x"))
        })
      else {
        Issue.record("lambda \(lambda)")
        continue
      }
    }
  }
}
