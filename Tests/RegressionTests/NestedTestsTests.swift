import LinearAlgebra
import ModelCore
import Regression
import Testing

@Suite struct NestedTestsTests {
  /// R: anova, lmtest::lrtest and car::linearHypothesis.
  @Test(arguments: ReferenceCase.all("r.csv"))
  func agreeWithR(_ reference: ReferenceCase) throws {
    let larger = try reference.fit()
    let text = try #require(reference.rows("smaller").first?["name"])
    let weighted = reference.name.hasSuffix("| w")
    // The smaller model on the rows of the larger one, as in the reference.
    let data = try referenceData().selecting(larger.design.rows)
    let weights = weighted ? "w" : nil
    let first = try RegressionTests.fit(larger.design.formula.description, data, weights: weights)
    let smaller = try RegressionTests.fit(text, data, weights: weights)
    let tests = [
      "nested_f": try first.fTest(against: smaller),
      "likelihood_ratio": try first.likelihoodRatioTest(against: smaller),
    ]
    var compared = 0
    for row in reference.rows("test") {
      guard let test = tests[row["name"] ?? ""] else { continue }
      let value: Double? =
        switch row["row"] {
        case "statistic": test.statistic
        case "df": test.degrees.map(Double.init)
        case "df_residual": test.residualDegrees.map(Double.init)
        default: test.pValue
        }
      #expect(closeRelative(value, try number(row, "value"), otherSolver * 10), "\(row)")
      compared += 1
    }
    #expect(compared == 7)
    let wald = reference.rows("wald")
    let names = (wald.first?["name"] ?? "").split(separator: "|").map(String.init)
    let units = try reference.rows("unit").map { try number($0, "value") }
    let hypotheses = [
      LinearHypothesis([names[0]: units[0]], equals: 0.1),
      LinearHypothesis([names[1]: 2 * units[1], names[0]: -units[0]], equals: 0),
    ]
    for covariance in [nil, first.covariance] {
      let test = try first.waldTest(hypotheses, covariance: covariance)
      #expect(test.degrees == 2 && test.residualDegrees == first.summary.degreesOfFreedom)
      for row in wald {
        let value = row["row"] == "statistic" ? test.statistic : test.pValue
        // The p value of a large statistic magnifies its error.
        #expect(closeRelative(value, try number(row, "value"), otherSolver * 100), "\(row)")
      }
    }
  }

  /// Two routes: the F test of leaving a term out is the Wald test that it is zero.
  @Test(arguments: ["w", nil] as [String?])
  func waldIsTheFTest(_ weights: String?) throws {
    let data = try referenceData()
    let larger = try RegressionTests.fit(
      "log(total_time_s) ~ log(memory_bytes) + technique", data, weights: weights)
    let smaller = try RegressionTests.fit(
      "log(total_time_s) ~ log(memory_bytes)", data.selecting(larger.design.rows),
      weights: weights)
    let same = try RegressionTests.fit(
      larger.design.formula.description, data.selecting(larger.design.rows), weights: weights)
    let f = try same.fTest(against: smaller)
    let wald = try same.waldTest(zero: ["techniquepostcopy", "techniqueprecopy"])
    #expect(closeRelative(wald.statistic, f.statistic, ownRoutes))
    #expect(closeRelative(wald.pValue, f.pValue, ownRoutes * 100))
  }

  static func error(_ body: () throws(ValidationError) -> TestResult) -> ValidationError? {
    do {
      _ = try body()
      return nil
    } catch { return error }
  }

  @Test func nestingIsVerified() throws {
    let table = try simulated(rows: 40, seed: 5)
    let x = try RegressionTests.fit("y ~ x", table)
    let z = try RegressionTests.fit("y ~ z", table)
    let both = try RegressionTests.fit("y ~ x + z", table)
    let sum = try RegressionTests.fit("y ~ I(x + 2 * z)", table)
    let curve = try RegressionTests.fit("y ~ poly(x, 2) + z", table)
    // By another name, or as a combination: nesting is of spaces, not of words.
    #expect(try both.fTest(against: sum).degrees == 1)
    #expect(try curve.fTest(against: both).degrees == 1)
    #expect(try both.fTest(against: RegressionTests.fit("y ~ 1", table)).degrees == 2)
    #expect(
      Self.error { () throws(ValidationError) in try x.fTest(against: z) }
        == .notNested(smaller: "y ~ z", larger: "y ~ x", term: "z"))
    let again = try RegressionTests.fit("y ~ z + I(3 * x - 1)", table)
    #expect(
      Self.error { () throws(ValidationError) in try both.fTest(against: again) }
        == .sameSpace("y ~ z + I(3 * x - 1)", "y ~ x + z"))
  }

  @Test func sameDataIsVerified() throws {
    let table = try simulated(rows: 40, seed: 6)
    let both = try RegressionTests.fit("y ~ x + z", table)
    for (text, weights, data) in [
      ("y ~ x", nil, table.selecting(Array(1..<40))), ("log(y + 100) ~ x", nil, table),
      ("y ~ x", "x + 1", table),
    ] as [(String, String?, Table)] {
      let other = try RegressionTests.fit(text, data, weights: weights)
      let error = Self.error { () throws(ValidationError) in try both.fTest(against: other) }
      guard case .notComparable = error else {
        Issue.record("\(text): \(String(describing: error))")
        continue
      }
    }
  }

  @Test func hypothesesAreVerified() throws {
    let fit = try RegressionTests.fit("y ~ x + z", simulated(rows: 40, seed: 7))
    let mistakes: [[LinearHypothesis]] = [
      [], [LinearHypothesis(["X": 1])], [LinearHypothesis(["x": 1]), LinearHypothesis(["x": 2])],
      [LinearHypothesis(["x": .infinity])], [LinearHypothesis(["x": 0])],
    ]
    for hypotheses in mistakes {
      let error = Self.error { () throws(ValidationError) in try fit.waldTest(hypotheses) }
      guard case .hypothesis = error else {
        Issue.record("\(hypotheses): \(String(describing: error))")
        continue
      }
    }
    let small = Matrix(rows: 2, columns: 2)
    let error = Self.error { () throws(ValidationError) in
      try fit.waldTest(zero: ["x"], covariance: small)
    }
    #expect(error != nil)
  }
}
