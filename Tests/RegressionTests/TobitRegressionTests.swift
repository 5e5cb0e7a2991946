import Foundation
import ModelCore
import Regression
import TestSupport
import Testing

@Suite struct TobitRegressionTests {
  static let timeouts = CensoringRule.status(column: "status", right: ["timeout"])

  @Test func asInSurvreg() throws {
    for (name, formula, rule, weights) in [
      ("tobit right", "log(t) ~ x + z", Self.timeouts, nil),
      ("tobit weighted", "log(t) ~ x + z", Self.timeouts, "w"),
      ("tobit left", "left ~ x + z + f", .limits(lower: 0), nil),
    ] {
      let fit = try TobitRegression(rule).fit(kindsDesign(formula, weights: weights))
      #expect(fit.convergence.isConverged && fit.convergence.iterations < 12)
      let rest = try expectCoefficients(fit, "r", name, .iterated)
      #expect(digits(fit.sigma, try #require(rest["sigma"])) > 8)
      #expect(
        digits(
          try #require(fit.logSigmaStandardError), try #require(rest["log_sigma_std_error"])) > 8)
      #expect(
        digits(
          try #require(try glance(fit, "log_likelihood")), try #require(rest["log_likelihood"]))
          > 11)
    }
  }

  /// The same marks by a limit on the original scale and by the status.
  @Test func limitsAreOnTheOriginalScale() throws {
    let design = try kindsDesign("log(t) ~ x + z")
    let limit = try #require(design.observed.max())
    let byLimit = try TobitRegression(.limits(upper: limit)).fit(design)
    let byStatus = try TobitRegression(Self.timeouts).fit(design)
    #expect(byLimit.rightCensored == byStatus.rightCensored && byLimit.rightCensored == 18)
    #expect(byLimit.coefficients == byStatus.coefficients)
  }

  /// Without a censored row the maximum is least squares with sigma^2 = S / n.
  @Test func nothingCensoredIsLeastSquares() throws {
    let design = try kindsDesign("y ~ x + z + f")
    let fit = try TobitRegression(.limits()).fit(design)
    let plain = try LeastSquares().fit(design)
    for (a, b) in zip(fit.coefficients, plain.coefficients) {
      #expect(digits(try #require(a.estimate), try #require(b.estimate)) > 11)
      let factor = (Double(plain.summary.degreesOfFreedom) / 60).squareRoot()
      #expect(digits(try #require(a.standardError), try #require(b.standardError) * factor) > 11)
    }
    #expect(
      digits(
        try #require(try glance(fit, "log_likelihood")), try #require(plain.summary.logLikelihood))
        > 12)
    #expect(digits(try #require(try glance(fit, "aic")), try #require(plain.summary.aic)) > 12)
    // log sigma of a normal sample has the error 1 / sqrt(2 n).
    #expect(digits(try #require(fit.logSigmaStandardError), 1 / 120.0.squareRoot()) > 11)
  }

  /// By mpmath with 40 digits, on both sides of where the series takes over.
  @Test(arguments: [
    (-29.5, -439.42947460915023, 29.533820844167983),
    (-30.5, -469.46273732291211, 30.532716770660158),
    (-40, -804.60844201375379, 40.024968847207264),
    (-500, -125007.13355063159, 500.00199998400032),
    (-10000, -50000010.129278915, 10000.000099999998),
    (0, -0.69314718055994531, 0.79788456080286536),
    (3, -0.0013508099647481938, 0.0044378390421256638),
  ])
  func normalTail(_ u: Double, _ log: Double, _ ratio: Double) throws {
    let found = try NormalTail.logAndRatio(u)
    #expect(digits(found.log, log) > 12 && digits(found.ratio, ratio) > 12)
  }

  /// Censored rows beyond 40 standard deviations, where the distribution function is 0.
  @Test func farTails() throws {
    var draws = TestRandom(seed: 3)
    let x = (0..<50).map { Double($0) }
    var y = x.map { 100 * $0 + draws.unit() }
    y[10] = 5e3
    let table = try Table([
      Column("x", numbers: x), Column("y", numbers: y),
      Column("s", text: (0..<50).map { $0 == 10 ? "c" : "o" }),
    ])
    let fit = try TobitRegression(.status(column: "s", right: ["c"])).fit(
      Design(Formula("y ~ x"), table))
    #expect(fit.convergence.isConverged)
    #expect(try #require(try glance(fit, "log_likelihood")).isFinite)
  }

  @Test func lognormalMean() throws {
    let fit = try TobitRegression(Self.timeouts).fit(kindsDesign("log(t) ~ x + z"))
    let table = try kindsData()
    let prediction = try fit.predict(table, level: 0.95)[0]
    let form = fit.model.fitted[0]
    let value = try #require(prediction.value)
    #expect(digits(value, exp(form + fit.sigma * fit.sigma / 2)) > 12)
    #expect(try #require(prediction.lower) < value && #require(prediction.upper) > value)
    let ten = try TobitRegression(Self.timeouts).fit(kindsDesign("log10(t) ~ x + z"))
    #expect(digits(try #require(try ten.predict(table, level: 0.95)[0].value), value) > 9)
  }

  @Test func nonConvergenceIsReported() throws {
    let fit = try TobitRegression(Self.timeouts, maximumIterations: 1).fit(
      kindsDesign("log(t) ~ x + z"))
    #expect(!fit.convergence.isConverged && fit.logSigmaStandardError == nil)
    #expect(fit.notes[0].hasPrefix("NOT CONVERGED"))
    #expect(fit.coefficients.allSatisfy { $0.standardError == nil })
    #expect(try glance(fit, "log_likelihood") == nil)
  }

  /// One group is censored throughout: its effect goes to infinity, and no maximum exists.
  @Test func anInfiniteEffectIsNotAnAnswer() throws {
    var draws = TestRandom(seed: 8)
    let group = (0..<40).map { $0 % 4 == 0 ? "all" : "some" }
    let y = (0..<40).map { _ in 5 + draws.unit() }
    let table = try Table([
      Column("g", text: group), Column("y", numbers: y),
      Column("s", text: group.map { $0 == "all" ? "timeout" : "completed" }),
    ])
    let rule = CensoringRule.status(column: "s", right: ["timeout"])
    do {
      let fit = try TobitRegression(rule).fit(Design(Formula("y ~ g"), table))
      #expect(!fit.convergence.isConverged)
      #expect(fit.coefficients.allSatisfy { $0.standardError == nil })
    } catch {
      // The information runs out before the iterations do.
      guard case .kind(.singular) = error as? RegressionError else { throw error }
    }
  }

  @Test func faults() throws {
    let design = try kindsDesign("log(t) ~ x")
    #expect(
      try kindError {
        _ = try TobitRegression(.status(column: "status", right: ["timed-out"])).fit(design)
      }
        == .unknownStatus("timed-out", column: "status", known: ["completed", "timeout"]))
    #expect(throws: RegressionError.table(.unknownColumn("state", nearest: ["status"]))) {
      try TobitRegression(.status(column: "state", right: ["timeout"])).fit(design)
    }
    #expect(
      try kindError { _ = try TobitRegression(.limits(upper: 0)).fit(design) }
        == .censored(observed: 0, needed: 3))
    let holes = try Table(
      [
        Column("x", numbers: [1, 2, 3, 4]), Column("y", numbers: [1, 2, 2, 5]),
        Column("s", text: ["a", "a", nil, "a"]),
      ], source: "t.csv")
    #expect(
      try kindError {
        _ = try TobitRegression(.status(column: "s", right: ["a"])).fit(
          Design(Formula("y ~ x"), holes))
      } == .missingMark(place: "t.csv, row 3", column: "s"))
  }
}
