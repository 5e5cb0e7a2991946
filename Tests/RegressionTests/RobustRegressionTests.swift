import Foundation
import LinearAlgebra
import ModelCore
import Regression
import TestSupport
import Testing

@Suite struct RobustRegressionTests {
  static let formula = "y ~ x + z + f"

  @Test func asInStatsmodels() throws {
    for (name, loss) in [
      ("huber", RobustRegression.Loss.huber()), ("bisquare", .bisquare()),
    ] {
      let fit = try RobustRegression(loss).fit(kindsDesign(Self.formula))
      #expect(fit.convergence.isConverged)
      let rest = try expectCoefficients(fit, "python", name, .iterated)
      #expect(digits(fit.scale, try #require(rest["scale"])) > 8)
    }
  }

  /// MASS divides the variance in K by n - 1 instead of n.
  @Test func asInMASS() throws {
    for (name, loss) in [
      ("huber", RobustRegression.Loss.huber()), ("bisquare", .bisquare()),
    ] {
      for weights in [nil, "w"] {
        let fit = try RobustRegression(loss).fit(kindsDesign(Self.formula, weights: weights))
        let rest = try expectCoefficients(
          fit, "r", name + (weights == nil ? "" : " weighted"), .roundedQuartile,
          errors: Closeness(digits: 2.5, reason: "and the divisor n - 1 in K"))
        #expect(digits(fit.scale, try #require(rest["scale"])) > 3.5)
      }
    }
    let second = try RobustRegression(scale: .huberProposal2()).fit(kindsDesign(Self.formula))
    let rest = try expectCoefficients(second, "r", "huber proposal 2", .iterated)
    #expect(digits(second.scale, try #require(rest["scale"])) > 8)
  }

  /// The definition itself: at the answer, sum psi(r / s) x is zero.
  @Test func solvesItsEquations() throws {
    let design = try kindsDesign(Self.formula)
    for loss in [RobustRegression.Loss.huber(), .bisquare()] {
      let fit = try RobustRegression(loss).fit(design)
      for j in 0..<design.matrix.columns {
        var (sum, size) = (0.0, 0.0)
        for (i, x) in design.matrix.column(j).enumerated() {
          let term = fit.robustWeights[i] * fit.model.residuals[i] * x
          sum += term
          size += abs(term)
        }
        #expect(abs(sum) <= 1e-9 * size, "column \(j)")
      }
    }
  }

  @Test func farOutliersDoNotCount() throws {
    var draws = TestRandom(seed: 11)
    let count = 80
    let x = (0..<count).map { _ in draws.unit() * 10 }
    let y = x.map { 3 + 2 * $0 + (draws.unit() - 0.5) }
    var spoilt = y
    for i in stride(from: 0, to: count, by: 8) { spoilt[i] += 1e4 }
    func design(_ y: [Double]) throws -> Design {
      try Design(
        Formula("y ~ x"), Table([Column("x", numbers: x), Column("y", numbers: y)]))
    }
    let fit = try RobustRegression(.bisquare()).fit(design(spoilt))
    #expect(fit.robustWeights.count { $0 == 0 } == 10)
    let slope = try #require(fit.coefficients[1].estimate)
    #expect(abs(slope - 2) < 0.1, "seed 11: \(slope)")
    // Least squares, for comparison, is lost.
    let lost = try #require(try LeastSquares().fit(design(spoilt)).coefficients[0].estimate)
    #expect(abs(lost - 3) > 100)
    let weights = try fit.augment().numbers(".weight")
    #expect(weights[0] == 0 && weights.count == count)
  }

  @Test func aLargeConstantIsLeastSquares() throws {
    let design = try kindsDesign(Self.formula, weights: "w")
    let plain = try LeastSquares().fit(design)
    let fit = try RobustRegression(.huber(k: 1e6)).fit(design)
    for (a, b) in zip(fit.coefficients, plain.coefficients) {
      #expect(digits(try #require(a.estimate), try #require(b.estimate)) > 12)
      #expect(digits(try #require(a.standardError), try #require(b.standardError)) > 12)
    }
  }

  @Test func nonConvergenceIsReported() throws {
    let fit = try RobustRegression(.huber(), maximumIterations: 2).fit(kindsDesign(Self.formula))
    #expect(!fit.convergence.isConverged && fit.convergence.iterations == 2)
    #expect(fit.notes[0].hasPrefix("NOT CONVERGED after 2 iterations"))
    #expect(fit.coefficients.allSatisfy { $0.standardError == nil && $0.estimate != nil })
  }

  @Test func faults() throws {
    let exact = try Table([
      Column("x", numbers: [1, 2, 3, 4, 5, 6]), Column("y", numbers: [2, 4, 6, 8, 10, 50]),
    ])
    #expect(
      try kindError { _ = try RobustRegression().fit(Design(Formula("y ~ 0 + x"), exact)) }
        == .zeroScale(method: "Huber's M-estimation"))
    #expect(
      try kindError {
        _ = try RobustRegression(.bisquare(c: -1)).fit(kindsDesign(Self.formula))
      } == .setting(name: "the tuning constant c", value: -1, expected: "a finite number > 0"))
  }
}
