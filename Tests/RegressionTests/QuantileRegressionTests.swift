import Foundation
import ModelCore
import Regression
import TestSupport
import Testing

@Suite struct QuantileRegressionTests {
  static let formula = "y ~ x + z + f"

  @Test(arguments: ["0.13", "0.53", "0.87"])
  func asInQuantreg(_ tau: String) throws {
    let fit = try QuantileRegression(tau: try #require(Double(tau))).fit(kindsDesign(Self.formula))
    let rest = try expectCoefficients(fit, "r", "quantile \(tau)", .printed)
    #expect(digits(fit.certificate.objective, try #require(rest["objective"])) > 12)
    for name in ["log_likelihood", "aic", "bic"] {
      #expect(digits(try #require(try glance(fit, name)), try #require(rest[name])) > 12, "\(name)")
    }
    #expect(fit.certificate.holds)
  }

  @Test func weighted() throws {
    let fit = try QuantileRegression(tau: 0.7).fit(kindsDesign("y ~ x + z", weights: "w"))
    try expectCoefficients(fit, "r", "quantile weighted", .printed)
    #expect(fit.certificate.holds)
    #expect(try glance(fit, "log_likelihood") == nil)
  }

  /// Koenker and Bassett's theorem 3.4: with an intercept, at most n tau residuals are negative
  /// and at least n tau are not positive; p of them are zero when nothing is tied.
  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func signsOfResiduals(_ seed: UInt64) throws {
    var draws = TestRandom(seed: seed)
    let count = 30 + draws.below(200)
    let x = (0..<count).map { _ in draws.unit() * 10 }
    let z = (0..<count).map { _ in draws.unit() }
    let y = x.map { 5 + $0 * draws.unit() }
    let tau = 0.02 + 0.96 * draws.unit()
    let table = try Table([
      Column("x", numbers: x), Column("z", numbers: z), Column("y", numbers: y),
    ])
    let fit = try QuantileRegression(tau: tau).fit(Design(Formula("y ~ x + z"), table))
    let residuals = fit.model.residuals
    let negative = residuals.count { $0 < 0 }
    let zero = residuals.count { $0 == 0 }
    #expect(zero == 3, "seed \(seed)")
    #expect(Double(negative) <= Double(count) * tau, "seed \(seed)")
    #expect(Double(negative + zero) >= Double(count) * tau, "seed \(seed)")
    #expect(fit.certificate.holds, "seed \(seed): \(fit.certificate)")
  }

  /// Ties, whole numbers and repeated rows: the objective is that of a search over all vertices.
  @Test(arguments: [21, 22, 23, 24, 25, 26] as [UInt64])
  func tiesAgainstEveryVertex(_ seed: UInt64) throws {
    var draws = TestRandom(seed: seed)
    let count = 14
    let x = (0..<count).map { _ in Double(draws.below(4)) }
    let y = (0..<count).map { _ in Double(draws.below(5)) }
    guard Set(x).count > 1 else { return }
    let tau = [0.25, 0.5, 0.75][draws.below(3)]
    let table = try Table([Column("x", numbers: x), Column("y", numbers: y)])
    let fit = try QuantileRegression(tau: tau).fit(Design(Formula("y ~ x"), table))
    var best = Double.infinity
    for i in 0..<count {
      for j in 0..<i where x[i] != x[j] {
        let slope = (y[i] - y[j]) / (x[i] - x[j])
        let sum = (0..<count).reduce(0.0) { sum, k in
          let r = y[k] - y[i] - slope * (x[k] - x[i])
          return sum + r * (r < 0 ? tau - 1 : tau)
        }
        best = min(best, sum)
      }
    }
    #expect(digits(fit.certificate.objective, best) > 8, "seed \(seed)")
    #expect(fit.certificate.holds, "seed \(seed): \(fit.certificate)")
  }

  @Test func manyRowsInBadUnits() throws {
    var draws = TestRandom(seed: 5)
    let count = 20_000
    let x = (0..<count).map { _ in 1e9 + 1e8 * draws.unit() }
    let z = (0..<count).map { _ in draws.unit() }
    let y = zip(x, z).map { 1e-6 * $0 + 50 * $1 + (draws.unit() < 0.01 ? 1e6 : draws.unit()) }
    let table = try Table([
      Column("x", numbers: x), Column("z", numbers: z), Column("y", numbers: y),
    ])
    let fit = try QuantileRegression(tau: 0.5).fit(Design(Formula("y ~ x + z"), table))
    #expect(fit.certificate.holds, "\(fit.certificate)")
    // The noise is uniform on [0, 1): its median moves the intercept alone.
    #expect(abs(try #require(fit.coefficients[1].estimate) * 1e6 - 1) < 1e-3)
    #expect(abs(try #require(fit.coefficients[2].estimate) - 50) < 0.05)
  }

  @Test func quantilesSurviveAChangeOfScale() throws {
    let fit = try QuantileRegression(tau: 0.9).fit(kindsDesign("log(t) ~ x"))
    let row = try fit.predict(kindsData(), level: 0.95)[0]
    let b = fit.coefficients.compactMap(\.estimate)
    let x = try #require(try kindsData().numbers("x")[0])
    #expect(digits(try #require(row.value), exp(b[0] + b[1] * x)) > 12)
    #expect(row.lower == nil && row.upper == nil)
    // As a confidence interval, it is taken back as well.
    let interval = try fit.saved.predict(kindsData(), interval: .confidence)[0]
    #expect(try #require(interval.lower) < #require(row.value))
  }

  @Test func aPerfectFit() throws {
    let table = try Table([
      Column("x", numbers: [1, 2, 3, 4]), Column("y", numbers: [1, 2, 3, 4]),
    ])
    let fit = try QuantileRegression(tau: 0.3).fit(Design(Formula("y ~ x"), table))
    #expect(fit.certificate.objective == 0 && fit.certificate.holds)
    #expect(fit.coefficients.allSatisfy { $0.standardError == nil })
    #expect(fit.notes.contains { $0.hasPrefix("no standard errors") })
  }

  @Test func faults() throws {
    for tau in [0, 1, -0.5, Double.nan] {
      guard
        case .setting(name: "tau", value: _, expected: _) = try kindError({
          _ = try QuantileRegression(tau: tau).fit(kindsDesign("y ~ x"))
        })
      else {
        Issue.record("tau \(tau)")
        continue
      }
    }
  }
}
