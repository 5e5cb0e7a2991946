import ModelCore
import Regression
import TestSupport
import Testing

@Suite struct NonlinearStartsTests {
  private let bounds: [String: ParameterBounds] = [
    "a": .init(lower: -5, upper: 15), "b": .init(lower: 1e-4, upper: 100),
  ]

  /// Every part of every range is used once; wide positive ranges by their logarithm.
  @Test func randomStartsAreAHypercube() throws {
    let count = 16
    let fit = try nonlinearFit(
      NonlinearFitTests.saturation, saturationData(),
      starts: NonlinearStarts([["a": 1, "b": 1]], randomCount: count, seed: 9), bounds: bounds,
      options: NonlinearOptions(maximumIterations: 3))
    #expect(fit.reports.count == count + 1)
    #expect(fit.reports[0].start == [1, 1])
    let random = fit.reports.dropFirst().map(\.start)
    let linear = random.map { Int(($0[0] + 5) / 20 * Double(count)) }
    let logarithmic = random.map {
      Int(Double.log($0[1] / 1e-4) / Double.log(1e6) * Double(count))
    }
    #expect(linear.sorted() == Array(0..<count))
    #expect(logarithmic.sorted() == Array(0..<count))
    let other = try nonlinearFit(
      NonlinearFitTests.saturation, saturationData(),
      starts: NonlinearStarts(randomCount: count, seed: 10), bounds: bounds,
      options: NonlinearOptions(maximumIterations: 3))
    #expect(other.reports.map(\.start) != Array(random))
  }

  /// Two minima: the nearer start finds the worse one, several starts the better.
  @Test func severalStartsFindTheBetterMinimum() throws {
    let x = (0..<30).map { 0.2 * Double($0) }
    let data = try Table([
      Column("x", numbers: x), Column("y", numbers: x.map { 3 * Double.apply(.sin, 2.5 * $0) }),
    ])
    let formula = "y ~ a * sin(b * x)"
    let single = try nonlinearFit(formula, data, starts: NonlinearStarts([["a": 1, "b": 7]]))
    #expect((single.report.objectiveAtEnd ?? 0) > 1)
    let many = try nonlinearFit(
      formula, data, starts: NonlinearStarts([["a": 1, "b": 7]], randomCount: 20, seed: 4),
      bounds: ["a": .init(lower: 0.1, upper: 10), "b": .init(lower: 0.1, upper: 8)])
    #expect(many.isConverged && many.best > 0)
    #expect((many.report.objectiveAtEnd ?? 1) < 1e-20)
    #expect(digits(try #require(many.estimates["b"]), 2.5) > 9)
    #expect(many.notes.contains { $0.contains("of 21 starts converged; start \(many.best + 1)") })
    for report in many.reports where report.status.isConverged {
      let mine = try #require(many.report.objectiveAtEnd)
      #expect(mine <= (report.objectiveAtEnd ?? .infinity))
    }
    #expect(try many.runs().rowCount == 42)
  }
}
