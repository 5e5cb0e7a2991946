import Foundation
import ModelCore
import Regression
import TestSupport
import Testing

/// The saved form: predicts as the fit does, and refuses what contradicts itself.
@Suite struct NonlinearFormulaFitTests {
  private func saved(_ fit: NonlinearFit) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(fit.formulaFit), as: UTF8.self)
  }

  private func read(_ text: String) throws -> NonlinearFormulaFit {
    try JSONDecoder().decode(NonlinearFormulaFit.self, from: Data(text.utf8))
  }

  private func fits() throws -> [NonlinearFit] {
    let data = try saturationData()
    return [
      try nonlinearFit(NonlinearFitTests.saturation, data, starts: NonlinearFitTests.start),
      try nonlinearFit(
        "log(y) ~ log(a) + b * log(x / (1 + x))", data, starts: NonlinearFitTests.start,
        weights: "w"),
      try nonlinearFit(
        "y ~ a * k * (1 - exp(-b * x))", data,
        starts: NonlinearStarts([["a": 2, "b": 0.5, "k": 2]]),
        bounds: ["b": .init(lower: 0.45, upper: 2)],
        options: NonlinearOptions(loss: .huber(scale: 0.2))),
      try nonlinearFit(
        NonlinearFitTests.saturation, data, starts: NonlinearStarts([["a": 400, "b": 9]]),
        options: NonlinearOptions(maximumIterations: 1)),
      // All rows are outliers where this one ends, so that there is no sigma to save.
      try nonlinearFit(
        "y ~ a + 0 * x", data, starts: NonlinearStarts([["a": 100]]),
        options: NonlinearOptions(maximumIterations: 1, loss: .cauchy(scale: 0.01))),
    ]
  }

  @Test func survivesAFile() throws {
    let new = try Table([Column("x", numbers: [0.1, 2, nil, 50])])
    for fit in try fits() {
      let again = try read(saved(fit))
      #expect(again == fit.formulaFit)
      #expect(again.sigma == fit.inference.sigma)
      for interval in IntervalKind.allCases {
        #expect(
          try again.predict(new, level: 0.8, interval: interval)
            == fit.formulaFit.predict(new, level: 0.8, interval: interval))
      }
      #expect(try fit.predict(new, level: 0.8) == fit.formulaFit.predict(new, level: 0.8))
      #expect(try again.predict(new)[2].reason == "x is missing")
      #expect(again.columnsRead == ["x"])
      let outside = try again.extrapolations(in: new)
      #expect(outside.map(\.column) == ["x"] && outside.map(\.rows) == [[0, 3]])
    }
  }

  @Test func aFitMayLackASigma() throws {
    let last = try #require(try fits().last)
    #expect(!last.isConverged && last.formulaFit.sigma == nil)
    #expect(last.formulaFit.degreesOfFreedom == 39)
  }

  @Test func refusesContradictions() throws {
    let text = try saved(try fits()[0])
    func broken(_ from: String, _ to: String) throws {
      #expect(text.contains(from), "\(from) is not in \(text)")
      #expect(throws: (any Error).self, "\(from) -> \(to)") {
        try read(text.replacingOccurrences(of: from, with: to))
      }
    }
    try broken("\"kind\":\"nonlinear\"", "\"kind\":\"linear\"")
    try broken("\"version\":1", "\"version\":2")
    try broken("exp(-b * x)", "exp(-b * x")
    try broken("exp(-b * x)", "exp(-d * x)")
    try broken("\"parameters\":[\"a\",\"b\"]", "\"parameters\":[\"a\",\"a\"]")
    try broken("\"parameters\":[\"a\",\"b\"]", "\"parameters\":[\"a\"]")
    try broken("\"free\":[0,1]", "\"free\":[0,2]")
    try broken("\"free\":[0,1]", "\"free\":[0,0]")
    try broken("\"pivots\":[", "\"pivots\":[7,")
    try broken("\"triangle\":[", "\"triangle\":[1,")
    try broken("\"smearing\":1", "\"smearing\":2")
    try broken("\"df_residual\":38", "\"df_residual\":37")
    try broken("\"nobs\":40", "\"nobs\":0")
    try broken("\"status\":\"converged", "\"status\":\"perhaps")
    try broken("\"column\":\"x\"", "\"column\":\"q\"")
  }

  @Test func predictionsNeedTheirColumns() throws {
    let fit = try fits()[0].formulaFit
    let wrong = try Table([Column("xx", numbers: [1])])
    #expect(throws: RegressionError.table(.unknownColumn("x", nearest: ["xx"]))) {
      try fit.predict(wrong)
    }
    let text = try Table([Column("x", text: ["abc"])])
    #expect(throws: RegressionError.notNumbers(column: "x", in: "x")) { try fit.predict(text) }
    let good = try Table([Column("x", numbers: [1])])
    #expect(throws: RegressionError.level(1)) { try fit.predict(good, level: 1) }
  }

  /// A model that has no value for a row says so, and the others are predicted.
  @Test func rowsWithoutAValue() throws {
    let data = try Table([
      Column("x", numbers: [1, 2, 3, 4]), Column("y", numbers: [0.1, 0.8, 1.2, 1.45]),
    ])
    let fit = try nonlinearFit("y ~ a * log(x)", data, starts: NonlinearStarts([["a": 1]]))
    let answers = try fit.predict(Table([Column("x", numbers: [-1, 2])]), level: 0.9)
    #expect(answers[0].value == nil && answers[0].reason != nil)
    #expect(answers[1].value != nil && answers[1].reason == nil)
  }

  /// Intervals cover what they promise: fresh rows of a simulated experiment.
  @Test func intervalsCover() throws {
    let seed: UInt64 = 29
    var random = TestRandom(seed: seed)
    let x = (1...25).map { 0.3 * Double($0) }
    var (inside, total) = (0, 0)
    for _ in 0..<400 {
      let data = try Table([
        Column("x", numbers: x),
        Column("y", numbers: x.map { 5 * (1 - exp(-0.4 * $0)) + 0.2 * random.normal() }),
      ])
      let fit = try nonlinearFit(
        NonlinearFitTests.saturation, data, starts: NonlinearFitTests.start)
      let new = random.uniform(0.3, 7.5)
      let answer = try fit.predict(Table([Column("x", numbers: [new])]), level: 0.9)[0]
      let observed = 5 * (1 - exp(-0.4 * new)) + 0.2 * random.normal()
      total += 1
      let (lower, upper) = (try #require(answer.lower), try #require(answer.upper))
      inside += lower <= observed && observed <= upper ? 1 : 0
    }
    // 360 +- 6 (one standard deviation of a binomial); four of them.
    #expect(abs(inside - 360) < 24, "seed \(seed): \(inside) of \(total)")
  }
}
