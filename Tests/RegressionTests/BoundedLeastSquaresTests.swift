import LinearAlgebra
import ModelCore
import Regression
import TestSupport
import Testing

@Suite struct BoundedLeastSquaresTests {
  static func squares(_ fit: BoundedFit) -> Double {
    fit.model.residuals.reduce(0) { $0 + $1 * $1 }
  }

  @Test func nonNegativeAsInR() throws {
    let fit = try BoundedLeastSquares(isNonNegative: true).fit(kindsDesign("y ~ 0 + x + z + v + u"))
    let rest = try expectCoefficients(fit, "r", "nnls", .printed)
    #expect(digits(Self.squares(fit), try #require(rest["rss"])) > 12)
    #expect(Set(fit.atBound) == ["z", "u"] && fit.certificate.holds)
    #expect(fit.certificate.stationarity < 1e-13)
    #expect(try glance(fit, "rank") == 2)
  }

  @Test func boundsAsInSciPy() throws {
    let fit = try BoundedLeastSquares([
      TermBound(parsing: "0.1 <= x <= 0.6"), TermBound(parsing: "z <= -0.015"),
      TermBound(parsing: "v >= 0.05"), TermBound("u", lower: 0),
    ]).fit(kindsDesign("y ~ x + z + v + u"))
    let rest = try expectCoefficients(fit, "python", "bounded", .printed)
    #expect(digits(Self.squares(fit), try #require(rest["rss"])) > 11)
    #expect(fit.atBound == ["x", "v"] && fit.certificate.holds)
    // A coefficient at its bound has no error of its own.
    #expect(fit.coefficients[1].standardError == nil && fit.coefficients[2].standardError != nil)
  }

  /// Against every choice of terms at a bound: the best admissible one is the answer.
  @Test(arguments: [31, 32, 33, 34, 35, 36, 37, 38] as [UInt64])
  func againstEveryActiveSet(_ seed: UInt64) throws {
    var draws = TestRandom(seed: seed)
    let (rows, terms) = (12, 5)
    let names = (0..<terms).map { "x\($0)" }
    var columns = names.map { name in
      Column(name, numbers: (0..<rows).map { _ in draws.unit() - 0.3 })
    }
    columns.append(Column("y", numbers: (0..<rows).map { _ in draws.unit() - 0.5 }))
    let design = try Design(
      Formula("y ~ 0 + " + names.joined(separator: " + ")), Table(columns))
    let fit = try BoundedLeastSquares(isNonNegative: true).fit(design)
    var best = design.response.reduce(0) { $0 + $1 * $1 }
    for set in 1..<(1 << terms) {
      let used = (0..<terms).filter { set & (1 << $0) != 0 }
      let part = design.matrix.selectingColumns(used)
      let solution = try PivotedQR(part).solve(design.response, matrix: part)
      if solution.coefficients.allSatisfy({ $0 >= 0 }) {
        best = min(best, solution.residuals.reduce(0) { $0 + $1 * $1 })
      }
    }
    #expect(digits(Self.squares(fit), best) > 10, "seed \(seed)")
    #expect(fit.certificate.holds, "seed \(seed): \(fit.certificate)")
    #expect(fit.coefficients.allSatisfy { ($0.estimate ?? -1) >= 0 }, "seed \(seed)")
  }

  @Test func wideBoundsAreLeastSquares() throws {
    let design = try kindsDesign("log(t) ~ x + z + f", weights: "w")
    let plain = try LeastSquares().fit(design)
    let wide = plain.coefficients.map { TermBound($0.term, lower: -1e6, upper: 1e6) }
    let fit = try BoundedLeastSquares(wide).fit(design)
    for (a, b) in zip(fit.coefficients, plain.coefficients) {
      #expect(digits(try #require(a.estimate), try #require(b.estimate)) > 11)
      #expect(digits(try #require(a.standardError), try #require(b.standardError)) > 11)
    }
    #expect(
      fit.atBound.isEmpty && fit.notes.contains { $0.hasPrefix("no coefficient is at a bound") })
    let prediction = try fit.predict(kindsData(), level: 0.9)[5]
    let other = try plain.predict(kindsData(), level: 0.9)[5]
    #expect(digits(try #require(prediction.upper), try #require(other.upper)) > 10)
  }

  @Test func oppositeColumnsAndFixedTerms() throws {
    // x and -x, both to be >= 0: only one of them can serve, and neither is redundant.
    let fit = try BoundedLeastSquares(isNonNegative: true).fit(
      kindsDesign("y ~ I(-x) + x"))
    #expect(fit.coefficients[1].estimate == 0)
    #expect(try #require(fit.coefficients[2].estimate) > 0.5)
    let held = try BoundedLeastSquares([TermBound("x", lower: 0.25, upper: 0.25)]).fit(
      kindsDesign("y ~ x + z"))
    #expect(held.coefficients[1].estimate == 0.25 && held.certificate.holds)
  }

  @Test func faults() throws {
    let design = try kindsDesign("y ~ x + z")
    #expect(
      try kindError { _ = try BoundedLeastSquares([TermBound("xx", lower: 0)]).fit(design) }
        == .unknownTerm("xx", nearest: ["x"]))
    #expect(
      try kindError {
        _ = try BoundedLeastSquares([TermBound("x", lower: 2, upper: 1)]).fit(design)
      } == .emptyBounds(term: "x", lower: 2, upper: 1))
    for text in ["x > 1", "x >= ", ">= 3", "x", "1 <= x <= y", "1 >= x"] {
      guard case .syntax = try kindError({ _ = try TermBound(parsing: text) }) else {
        Issue.record("\(text)")
        continue
      }
    }
    #expect(try TermBound(parsing: " log(a <b) <= 1e3 ").term == "log(a <b)")
  }
}
