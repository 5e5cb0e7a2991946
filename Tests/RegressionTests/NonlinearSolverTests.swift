import Foundation
import LinearAlgebra
import ModelCore
import Regression
import Synchronization
import TestSupport
import Testing

/// Sums of decaying terms with several responses: residuals of each, by its own scale, from a
/// recursion with a branch, as the rounds of a migration have it.
private struct Recursion: NonlinearModel {
  let parameterNames: [String]
  let inputs: [Double]
  var observed: [Double]
  /// How much the conditions differ from row to row; 0 leaves the parameters all but alike.
  let variety: Double
  /// Where the response bends.
  let kink: Double
  var residualCount: Int { 2 * inputs.count }

  init(parameters: Int, rows: Int, variety: Double, kink: Double) {
    self.variety = variety
    self.kink = kink
    parameterNames = (0..<parameters).map { "p\($0)" }
    inputs = (0..<rows).map { 0.3 + 2.0 * Double($0) / Double(rows) }
    observed = [Double](repeating: 0, count: 2 * rows)
  }

  func responses<S: DifferentiableScalar>(_ p: [S]) -> [S] {
    var answer: [S] = []
    answer.reserveCapacity(residualCount)
    for (row, x) in inputs.enumerated() {
      var volume = S(x)
      var total: S = 0
      for (index, factor) in p.enumerated() {
        let condition = 1 + variety * sin(0.37 * Double(row * (index + 1)))
        let rate = factor * S(condition / Double(index + 2))
        volume = volume * (1 - S.exp(-rate * S(x))) + rate / 10
        // Continuous at the branch: at a jump every solver would be stuck.
        let part = volume < S(kink) ? volume : S(kink) + (volume - S(kink)) / 2
        total = total + part * S(1 + x * Double(index))
      }
      answer.append(total)
      answer.append(S.log(volume + 1))
    }
    return answer
  }

  func residuals<S: DifferentiableScalar>(_ parameters: [S]) -> [S] {
    zip(responses(parameters), observed).map { $0 - S($1) }
  }
}

/// A bowl that remembers where it was evaluated.
private final class Watched: ResidualFunction {
  let parameterNames = ["a", "b"]
  let residualCount = 3
  let visited = Mutex<[[Double]]>([])

  func residuals(at p: [Double]) -> [Double] {
    visited.withLock { $0.append(p) }
    return [p[0] - 3 + p[1] * p[1], 2 * (p[1] + 1), p[0] * p[1]]
  }

  func linearization(at p: [Double]) -> Linearization {
    visited.withLock { $0.append(p) }
    return Linearization(
      residuals: [p[0] - 3 + p[1] * p[1], 2 * (p[1] + 1), p[0] * p[1]],
      columns: [[1, 0, p[1]], [2 * p[1], 2, p[0]]])
  }
}

@Suite struct NonlinearSolverTests {
  /// Two runs over the same problem in other units or order share no rounding.
  static let sameProblem = 7.0

  @Test func exactDataGiveTheParametersBack() throws {
    let seed: UInt64 = 3
    var random = TestRandom(seed: seed)
    let x = (0..<40).map { 0.1 + 0.25 * Double($0) }
    for trial in 0..<100 {
      let (a, b, c) = (random.uniform(1, 10), random.uniform(0.1, 1), random.uniform(-2, 2))
      let data = try Table([
        Column("x", numbers: x), Column("y", numbers: x.map { c + a * (1 - exp(-b * $0)) }),
      ])
      let fit = try nonlinearFit(
        "y ~ c + a * (1 - exp(-b * x))", data,
        starts: NonlinearStarts([["a": 5, "b": 0.5, "c": 0]]))
      #expect(fit.isConverged, "seed \(seed), trial \(trial): \(fit.report.status)")
      for (name, value) in [("a", a), ("b", b), ("c", c)] {
        #expect(
          abs(try #require(fit.estimates[name]) - value) < 1e-9 * (1 + abs(value)),
          "seed \(seed), trial \(trial): \(name)")
      }
    }
  }

  /// Where all residuals are large Cauchy's loss is not convex; a start there is no end.
  @Test func aPoorStartIsNoEndUnderCauchysLoss() throws {
    let seed: UInt64 = 4
    var random = TestRandom(seed: seed)
    let x = (0..<40).map { 0.1 * Double($0) }
    let loss = RobustLoss.cauchy(scale: 0.1)
    for trial in 0..<20 {
      let (a, b) = (random.uniform(1, 10), random.uniform(0.3, 1))
      let y = x.indices.map { a * exp(-b * x[$0]) + ($0 % 5 == 0 ? random.uniform(3, 9) : 0) }
      let fit = try nonlinearFit(
        "y ~ a * exp(-b * x)", Table([Column("x", numbers: x), Column("y", numbers: y)]),
        starts: NonlinearStarts([["a": 3 * a, "b": b]]), options: NonlinearOptions(loss: loss))
      #expect(fit.isConverged, "seed \(seed), trial \(trial): \(fit.report.status)")
      // Down to a place from which no way leads down; which one is the start's matter.
      func cost(_ a: Double, _ b: Double) -> Double {
        zip(x, y).reduce(0) { sum, row in
          let z = (row.1 - a * exp(-b * row.0)) / 0.1
          return sum + 0.01 * log(1 + z * z)
        }
      }
      let (u, v) = (try #require(fit.estimates["a"]), try #require(fit.estimates["b"]))
      #expect(cost(u, v) < 0.95 * cost(3 * a, b), "seed \(seed), trial \(trial)")
      for (up, right) in [(1.001, 1.0), (0.999, 1), (1, 1.001), (1, 0.999)] {
        #expect(cost(u * up, v * right) > cost(u, v), "seed \(seed), trial \(trial)")
      }
    }
  }

  /// Units of y, of x and of a parameter change the figures as they should, and nothing else.
  @Test(arguments: [1e-9, 1e-3, 1e4, 1e12])
  func scaling(_ factor: Double) throws {
    let data = try saturationData()
    let plain = try nonlinearFit(
      NonlinearFitTests.saturation, data, starts: NonlinearFitTests.start)
    func scaled(_ name: String) throws -> Column {
      Column(name, numbers: try data.numbers(name).storage.map { $0 * factor })
    }
    let tall = try nonlinearFit(
      NonlinearFitTests.saturation,
      Table([scaled("y"), Column("x", numbers: data.numbers("x").storage)]),
      starts: NonlinearStarts([["a": 4 * factor, "b": 0.5]]))
    let wide = try nonlinearFit(
      NonlinearFitTests.saturation,
      Table([scaled("x"), Column("y", numbers: data.numbers("y").storage)]),
      starts: NonlinearStarts([["a": 4, "b": 0.5 / factor]]))
    for (fit, factors) in [(tall, [factor, 1]), (wide, [1, 1 / factor])] {
      #expect(fit.isConverged)
      for ((left, right), factor) in zip(zip(fit.coefficients, plain.coefficients), factors) {
        let (estimate, error) = (try #require(right.estimate), try #require(right.standardError))
        #expect(digits(try #require(left.estimate), estimate * factor) > Self.sameProblem)
        #expect(digits(try #require(left.standardError), error * factor) > Self.sameProblem)
      }
    }
  }

  @Test func orderOfRowsDoesNotMatter() throws {
    let data = try saturationData()
    var random = TestRandom(seed: 5)
    let mixed = data.selecting(Array(0..<data.rowCount).shuffled(using: &random))
    let first = try nonlinearFit(
      NonlinearFitTests.saturation, data, starts: NonlinearFitTests.start)
    let second = try nonlinearFit(
      NonlinearFitTests.saturation, mixed, starts: NonlinearFitTests.start)
    for name in ["a", "b"] {
      #expect(
        digits(try #require(first.estimates[name]), try #require(second.estimates[name]))
          > Self.sameProblem)
    }
  }

  /// The same run twice gives the same report to the last bit.
  @Test func runsRepeat() throws {
    let data = try saturationData()
    let fits = try (0..<2).map { _ in
      try nonlinearFit(
        NonlinearFitTests.saturation, data,
        starts: NonlinearStarts(randomCount: 5, seed: 42),
        bounds: ["a": .init(lower: 0.1, upper: 100), "b": .init(lower: 1e-3, upper: 10)])
    }
    #expect(fits[0].reports == fits[1].reports)
  }

  /// From 200 starts, many of them on a bound: no evaluation outside, and the end satisfies the
  /// conditions of a minimum in a box.
  @Test func boundsAreKeptAtEveryStep() throws {
    let seed: UInt64 = 17
    var random = TestRandom(seed: seed)
    for trial in 0..<200 {
      let low = [random.uniform(-3, 2), random.uniform(-3, 2)]
      let high = [low[0] + random.uniform(0.01, 3), low[1] + random.uniform(0.01, 3)]
      let bounds = zip(low, high).map { ParameterBounds(lower: $0, upper: $1) }
      let start = (0..<2).map { j in
        [low[j], high[j], random.uniform(low[j], high[j])][trial % 3]
      }
      let function = Watched()
      let report = try NonlinearSolver().minimise(function, start: start, bounds: bounds)
      let place: Comment = "seed \(seed), trial \(trial)"
      #expect(report.status.isConverged, place)
      for point in function.visited.withLock({ $0 }) {
        for j in 0..<2 { #expect(point[j] >= low[j] && point[j] <= high[j], place) }
      }
      let linear = function.linearization(at: report.end)
      for j in 0..<2 {
        let slope = (0..<3).reduce(0) { $0 + linear.jacobian[$1, j] * linear.residuals[$1] }
        if report.end[j] == low[j], slope > -1e-6 { continue }
        if report.end[j] == high[j], slope < 1e-6 { continue }
        #expect(abs(slope) < 1e-6, place)
      }
    }
  }

  /// A model in Swift: 20 parameters, two responses, a recursion with a branch, bounds and a
  /// robust loss; its derivatives against differences.
  @Test func modelsInSwift() throws {
    var model = Recursion(parameters: 20, rows: 60, variety: 0.9, kink: 0.15)
    let truth = (0..<20).map { 1 + 0.1 * Double($0 % 7) }
    var random = TestRandom(seed: 23)
    model.observed = model.responses(truth).map { $0 + 1e-4 * random.normal() }

    let linear = model.linearization(at: truth)
    #expect(linear.jacobian.columns == 20)
    #expect(linear.residuals == model.residuals(at: truth))
    for j in 0..<20 {
      let h = 1e-5
      var (up, down) = (truth, truth)
      up[j] += h
      down[j] -= h
      let difference = zip(model.residuals(at: up), model.residuals(at: down))
        .map { ($0 - $1) / (2 * h) }
      for (i, slope) in difference.enumerated() {
        // Central differences: h^2 of truncation and 1e-16/h of rounding.
        #expect(abs(linear.jacobian[i, j] - slope) < 1e-7 * max(1, abs(slope)))
      }
    }

    let bounds = truth.map { _ in ParameterBounds(lower: 0.1, upper: 10) }
    let fitter = try NonlinearLeastSquares(
      options: NonlinearOptions(loss: .softL1(scale: 1e-3)))
    let reports = try fitter.minimise(
      model,
      starts: NonlinearStarts([
        Dictionary(uniqueKeysWithValues: model.parameterNames.map { ($0, 1.2) })
      ]), bounds: bounds)
    let report = reports[NonlinearLeastSquares.best(reports)]
    #expect(report.status.isConverged, "\(report.status)")
    #expect(try #require(report.objectiveAtEnd) < 120 * 1e-8 * 1.5)
    let inference = try NonlinearInference(model, report)
    #expect(inference.identified.count == 20)
    for coefficient in try inference.coefficients() {
      guard let error = coefficient.standardError, let estimate = coefficient.estimate else {
        continue
      }
      let name = coefficient.term
      let expected = truth[try #require(model.parameterNames.firstIndex(of: name))]
      // Within five standard errors: 20 parameters, once in 100 000 runs otherwise.
      #expect(abs(estimate - expected) < 5 * error, "\(name): \(estimate) +- \(error)")
    }
  }

  /// Parameters that the data hardly tell apart: the objective is as good as it gets, and the
  /// errors say how little is known.
  @Test func sloppyModels() throws {
    var model = Recursion(parameters: 8, rows: 40, variety: 0, kink: 10)
    let truth = (0..<8).map { 1 + 0.1 * Double($0 % 7) }
    var random = TestRandom(seed: 23)
    model.observed = model.responses(truth).map { $0 + 1e-3 * random.normal() }
    let report = try NonlinearSolver().minimise(
      model, start: truth.map { _ in 1.2 },
      bounds: truth.map { _ in ParameterBounds(lower: 1e-3, upper: 1000) })
    #expect(report.status.isConverged, "\(report.status)")
    #expect(try #require(report.objectiveAtEnd) < 80 * 1e-6 * 1.2)
    let inference = try NonlinearInference(model, report)
    #expect(inference.condition > 1e5)
  }

  /// A straight line has no curvature: b grows and c falls without end.
  @Test func runningOffIsSaid() throws {
    let x = (0..<20).map { Double($0) }
    var random = TestRandom(seed: 31)
    let data = try Table([
      Column("x", numbers: x), Column("y", numbers: x.map { 2 + 3 * $0 + 0.1 * random.normal() }),
    ])
    let fit = try end(
      "y ~ a + b * (exp(c * x) - 1)", start: ["a": 1, "b": 50, "c": 0.01], data: data)
    // How it ends is a matter of rounding; that nothing is known of b and c is not.
    #expect(fit.inference.condition > 1e7)
    #expect(fit.notes.contains { $0.contains("all but redundant") })
    #expect((fit.estimates["b"] ?? 0) > 1e4)
  }

  // MARK: How a run may end

  private func end(
    _ formula: String, start: [String: Double], options: NonlinearOptions = NonlinearOptions(),
    data: Table? = nil
  ) throws -> NonlinearFit {
    try nonlinearFit(
      formula, data ?? saturationData(), starts: NonlinearStarts([start]), options: options)
  }

  @Test func limitsAreReported() throws {
    let few = try end(
      NonlinearFitTests.saturation, start: ["a": 400, "b": 9],
      options: NonlinearOptions(maximumIterations: 2))
    #expect(few.report.status == .maximumIterations)
    #expect(few.report.iterations.count == 2)
    #expect(!few.isConverged)
    #expect(few.coefficients.allSatisfy { $0.estimate != nil && $0.standardError == nil })
    #expect(few.notes.first?.hasPrefix("NOT CONVERGED") == true)
    #expect(try few.predict(saturationData(), level: 0.9).allSatisfy { $0.lower == nil })
    let short = try end(
      NonlinearFitTests.saturation, start: ["a": 400, "b": 9],
      options: NonlinearOptions(maximumEvaluations: 3))
    #expect(short.report.status == .maximumEvaluations)
    #expect(short.report.residualEvaluations <= 4)
  }

  @Test func objectivesFall() throws {
    let fit = try end(NonlinearFitTests.saturation, start: ["a": 400, "b": 9])
    let report = fit.report
    var last = try #require(report.objectiveAtStart)
    for iteration in report.iterations {
      // Polishing may add what rounding hides.
      #expect(iteration.objective <= last * (1 + 1e-9))
      last = iteration.objective
    }
    #expect(report.objectiveAtEnd == last)
    let squares = fit.residuals.reduce(0) { $0 + $1 * $1 }
    #expect(digits(squares, last) > 13)
    #expect(report.jacobianEvaluations >= report.iterations.count)
  }

  @Test func startsWithoutAValueAreRefused() throws {
    let error = try #require(throws: NonlinearError.self) {
      try end("y ~ log(a) * x", start: ["a": -1])
    }
    #expect(error == .notFiniteAtStart(place: "data.csv:2", starts: 1))
    // With another start the fit goes on, and the report keeps the first.
    let fit = try nonlinearFit(
      "y ~ log(a) * x", saturationData(), starts: NonlinearStarts([["a": -1], ["a": 2]]))
    #expect(fit.reports[0].status == .notFinite)
    #expect(fit.reports[0].objectiveAtStart == nil)
    #expect(fit.best == 1 && fit.isConverged)
  }

  /// Shorter steps lead around places without a value.
  @Test func stepsBackFromWhereTheModelEnds() throws {
    let data = try Table([
      Column("x", numbers: [1, 2, 3, 4]), Column("y", numbers: [0.1, 0.8, 1.2, 1.45]),
    ])
    let fit = try end("y ~ log(x - a)", start: ["a": -50], data: data)
    #expect(fit.isConverged)
    #expect(abs((fit.estimates["a"] ?? 0) + 0.12) < 0.2)
  }

  /// A kink is no minimum that a test could prove: the run says that it is stuck.
  @Test func kinksAreNotCalledConverged() throws {
    let data = try Table([Column("y", numbers: [0, 0]), Column("x", numbers: [1, 1])])
    let fit = try end("y ~ x + abs(a)", start: ["a": 0.3], data: data)
    #expect(!fit.isConverged || fit.report.gradientNorm == 0)
  }

  // MARK: Requests that make no sense

  @Test func mistakesAreNamed() throws {
    let data = try saturationData()
    func mistake(
      _ formula: String = NonlinearFitTests.saturation,
      _ starts: NonlinearStarts = NonlinearFitTests.start,
      _ bounds: [String: ParameterBounds] = [:], weights: String? = nil,
      _ options: NonlinearOptions = NonlinearOptions()
    ) throws -> String {
      try #require(throws: NonlinearError.self) {
        _ = try nonlinearFit(
          formula, data, starts: starts, bounds: bounds, weights: weights, options: options)
      }.description
    }
    #expect(try mistake("y ~ x").contains("no parameter"))
    #expect(try mistake(NonlinearFitTests.saturation, NonlinearStarts()).contains("a, b"))
    #expect(
      try mistake(NonlinearFitTests.saturation, NonlinearStarts([["a": 1]]))
        .contains("no start for b"))
    #expect(
      try mistake(NonlinearFitTests.saturation, NonlinearStarts([["a": 1, "b": 1, "q": 1]]))
        .contains("q is no parameter"))
    #expect(
      try mistake(NonlinearFitTests.saturation, NonlinearStarts([["a": .nan, "b": 1]]))
        .contains("start of a"))
    #expect(
      try mistake(
        NonlinearFitTests.saturation, NonlinearFitTests.start, ["a": .init(lower: 2, upper: 1)]
      ).contains("bounds of a"))
    #expect(
      try mistake(
        NonlinearFitTests.saturation, NonlinearFitTests.start, ["a": .init(lower: 5)]
      ).contains("outside its bounds"))
    #expect(
      try mistake(NonlinearFitTests.saturation, NonlinearFitTests.start, ["aa": .free])
        .contains("did you mean a"))
    #expect(
      try mistake(NonlinearFitTests.saturation, NonlinearStarts(randomCount: 3), ["a": .free])
        .contains("no start for a, b"))
    #expect(try mistake("log(y - 100) ~ a * x").contains("log(y - 100) is"))
    #expect(try mistake("q ~ a * x").contains("no column q"))
    #expect(try mistake(weights: "0 - w").contains("weight"))
    #expect(try mistake(weights: "v").contains("no column v"))
    #expect(
      try mistake(
        NonlinearFitTests.saturation, NonlinearFitTests.start, [:],
        NonlinearOptions(loss: .huber(scale: 0))
      ).contains("scale of the loss"))
    // With the parameters given, a misspelt column is no parameter.
    let error = try #require(throws: NonlinearError.self) {
      try NonlinearDesign(
        NonlinearFormula("y ~ a * xx"), data, parameters: ["a"])
    }
    #expect(error.description.contains("character 9: xx is neither a column nor a parameter"))
  }

  @Test func givenParametersHideColumns() throws {
    let data = try Table([
      Column("x", numbers: [1, 2, 3]), Column("y", numbers: [2, 4, 6]),
      Column("a", numbers: [9, 9, 9]),
    ])
    let design = try NonlinearDesign(NonlinearFormula("y ~ a * x"), data, parameters: ["a"])
    #expect(design.parameterNames == ["a"] && design.columns == ["x"])
    let fit = try NonlinearLeastSquares().fit(design, starts: NonlinearStarts([["a": 1]]))
    #expect(fit.estimates == ["a": 2])
    // Predicting from a table that has the column uses the parameter.
    #expect(try fit.predict(data, level: 0.9).map(\.value) == [2, 4, 6])
  }
}
