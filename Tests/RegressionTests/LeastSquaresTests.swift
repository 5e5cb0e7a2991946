import Foundation
import LinearAlgebra
import ModelCore
import Regression
import Statistics
import TestSupport
import Testing

@Suite struct LeastSquaresTests {
  // MARK: Certified values

  static let models: [(dataset: String, formula: String)] = [
    ("norris", "y ~ x"), ("pontius", "y ~ x + I(x^2)"), ("noint1", "y ~ 0 + x"),
    ("noint2", "y ~ 0 + x"), ("longley", "y ~ x1 + x2 + x3 + x4 + x5 + x6"),
    ("filip", "y ~ " + powers(10)), ("wampler1", "y ~ " + powers(5)),
    ("wampler2", "y ~ " + powers(5)), ("wampler3", "y ~ " + powers(5)),
    ("wampler4", "y ~ " + powers(5)), ("wampler5", "y ~ " + powers(5)),
  ]

  static func powers(_ degree: Int) -> String {
    "x + " + (2...degree).map { "I(x^\($0))" }.joined(separator: " + ")
  }

  /// Digits of the worst coefficient, and of the worst of standard errors and residual deviation.
  /// The second column is bounded by the condition number times the rounding of R; Wampler1 and 2
  /// are fitted exactly, so their deviations are 0. Kernels differ between machines: about a digit
  /// is left for that.
  static let minimum: [String: (estimate: Double, error: Double)] = [
    "norris": (13.9, 13), "pontius": (13.4, 13), "noint1": (15, 14), "noint2": (15, 14),
    "longley": (13.9, 11.5), "filip": (7, 7), "wampler1": (15, 15), "wampler2": (12, 15),
    "wampler3": (15, 12), "wampler4": (15, 12), "wampler5": (15, 12),
  ]

  static func nist(_ dataset: String) throws -> LinearFit {
    let rows = try fixture("nist/linear/\(dataset).csv")
    let names = dataset == "longley" ? (1...6).map { "x\($0)" } : ["x"]
    let data = try table(of: rows, numbers: ["y"] + names)
    let model = try #require(models.first { $0.dataset == dataset })
    return try fit(model.formula, data)
  }

  @Test(arguments: models.map(\.dataset))
  func certified(_ dataset: String) throws {
    let fit = try Self.nist(dataset)
    let certified = try fixture("nist/linear/certified.csv").filter { $0["dataset"] == dataset }
    let minimum = try #require(Self.minimum[dataset])
    let row = try #require(certified.first)
    var (estimates, errors) = (16.0, 16.0)
    #expect(certified.count == fit.coefficients.count)
    for (coefficient, expected) in zip(fit.coefficients, certified) {
      estimates = min(
        estimates, digits(try #require(coefficient.estimate), try number(expected, "estimate")))
      errors = min(
        errors, digits(try #require(coefficient.standardError), try number(expected, "std_error")))
    }
    let sigma = try #require(fit.summary.sigma)
    errors = min(errors, digits(sigma, try number(row, "residual_sd")))
    let rSquared = digits(try #require(fit.summary.rSquared), try number(row, "r_squared"))
    #expect(
      estimates >= minimum.estimate && errors >= minimum.error,
      "digits: estimates \(estimates), errors \(errors)")
    #expect(rSquared >= 10.5, "digits of R squared: \(rSquared)")
    #expect(fit.summary.nobs == Int(try number(row, "nobs")))
    #expect(fit.summary.degreesOfFreedom == Int(try number(row, "df_residual")))
    #expect(fit.summary.rank == certified.count)
  }

  // MARK: The oracle

  @Test func oracle() throws {
    let rows = try fixture("oracle.csv").filter { $0["model"] == "ols" }
    #expect(rows.count == 24)
    for name in ["longley_nist", "migration_time"] {
      let expected = rows.filter { $0["case"] == name }
      let fit: LinearFit
      if name == "longley_nist" {
        fit = try Self.nist("longley")
      } else {
        var columns: [String: [Double]] = [:]
        for part in (expected.first?["inputs"] ?? "").split(separator: ";") {
          let pair = part.split(separator: "=")
          columns[String(pair[0])] = pair[1].split(separator: "/").compactMap { Double($0) }
        }
        let data = try Table(columns.map { Column($0, numbers: $1) })
        fit = try RegressionTests.fit("y ~ V_over_R + D_over_R", data)
      }
      for row in expected {
        let output = try #require(row["output"])
        let value: Double?
        switch output {
        case "resid_sd": value = fit.summary.sigma
        case "r2": value = fit.summary.rSquared
        default:
          let coefficient = fit.coefficients[Int(String(output.last ?? "0")) ?? 0]
          value = output.hasPrefix("se") ? coefficient.standardError : coefficient.estimate
        }
        // Longley's standard errors carry its condition number (6e4) times rounding.
        #expect(digits(try #require(value), try number(row, "value")) >= 10, "\(name) \(output)")
      }
    }
  }

  // MARK: R

  static let cases = try! uniqueCases()

  static func uniqueCases() throws -> [String] {
    var seen: Set<String> = []
    return try fixture("regression/fits.csv").compactMap { $0["case"] }
      .filter { seen.insert($0).inserted }
  }

  /// Everything that R's summary, glance, influence and predict say, weighted and not.
  @Test(arguments: cases)
  func agreesWithR(_ name: String) throws {
    let weighted = name.hasSuffix(" | w")
    let text = weighted ? String(name.dropLast(4)) : name
    let data = try referenceData()
    let fit = try RegressionTests.fit(text, data, weights: weighted ? "w" : nil)
    let tidy = try fit.tidy()
    let glance = try fit.glance()
    let augment = try fit.augment()
    let confidence = try fit.predictOnScale(data, level: 0.9, interval: .confidence)
    let prediction = try fit.predictOnScale(data, level: 0.9, interval: .prediction)
    #expect(glance.rowCount == 1 && glance.label("model", row: 0) == text)
    for row in try fixture("regression/fits.csv").filter({ $0["case"] == name }) {
      let (kind, term, field) = (row["kind"] ?? "", row["term"] ?? "", row["name"] ?? "")
      let value: Double?
      switch kind {
      case "tidy":
        let place = try #require(fit.coefficients.firstIndex { $0.term == term })
        value = try tidy.numbers(field)[place]
      case "glance":
        value = field == "smearing" ? fit.smearing : try glance.numbers(field)[0]
      case "augment": value = try augment.numbers(field)[Int(try number(row, "term")) - 1]
      default:
        let answers = kind == "confidence" ? confidence : prediction
        let answer = answers[Int(try number(row, "term")) - 1]
        value = field == "fit" ? answer?.0 : (field == "lower" ? answer?.1 : answer?.2)
      }
      guard let expected = row["value"].flatMap(Double.init) else {
        #expect(value == nil, "\(kind) \(term) \(field)")
        continue
      }
      // R solves without refinement, with columns of 1e10 beside those of 1.
      let close = value.map { digits($0, expected) >= 8.5 || abs($0 - expected) < 1e-12 } ?? false
      #expect(close, "\(kind) \(term) \(field): \(value as Any), R has \(expected)")
    }
  }

  // MARK: Properties

  static func random(_ seed: UInt64, rows: Int) throws -> Table {
    var draws = TestRandom(seed: seed)
    let x = (0..<rows).map { _ in 10 * draws.unit() }
    let z = (0..<rows).map { _ in draws.unit() - 0.5 }
    let group = (0..<rows).map { _ in ["a", "b", "c"][draws.below(3)] }
    let w = (0..<rows).map { _ in Double(1 + draws.below(4)) }
    let y = x.indices.map { 1 + 2 * x[$0] - z[$0] + (group[$0] == "b" ? 1 : 0) + draws.unit() }
    return try Table([
      Column("x", numbers: x), Column("z", numbers: z), Column("g", text: group),
      Column("w", numbers: w), Column("y", numbers: y),
    ])
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func residualsAreOrthogonal(_ seed: UInt64) throws {
    let fit = try RegressionTests.fit(
      "y ~ x * g + I(z^2)", Self.random(seed, rows: 80), weights: "w")
    let weights = try #require(fit.design.weights)
    for j in 0..<fit.design.matrix.columns {
      let column = fit.design.matrix.column(j)
      var product = 0.0
      for (i, value) in column.enumerated() { product += value * weights[i] * fit.residuals[i] }
      // 80 products of up to 10 x 4 x 1, each rounded.
      #expect(abs(product) < 1e-11, "seed \(seed)")
    }
    #expect(abs(fit.hat.reduce(0, +) - Double(fit.summary.rank)) < 1e-12)
  }

  @Test(arguments: [4, 5, 6] as [UInt64])
  func weightsReplicateRows(_ seed: UInt64) throws {
    let data = try Self.random(seed, rows: 40)
    let w = try data.numbers("w")
    let repeated = data.selecting(
      (0..<40).flatMap { row in [Int](repeating: row, count: Int(w[row] ?? 0)) })
    let weighted = try RegressionTests.fit("log(y + 10) ~ x + z + g", data, weights: "w")
    let plain = try RegressionTests.fit("log(y + 10) ~ x + z + g", repeated)
    for (a, b) in zip(weighted.coefficients, plain.coefficients) {
      #expect(digits(try #require(a.estimate), try #require(b.estimate)) > 11, "seed \(seed)")
    }
    // The same sum of squares over different degrees of freedom.
    let (sigma, other) = (try #require(weighted.summary.sigma), try #require(plain.summary.sigma))
    let scale = Double(weighted.summary.degreesOfFreedom) / Double(plain.summary.degreesOfFreedom)
    #expect(digits(sigma * scale.squareRoot(), other) > 12)
    #expect(digits(weighted.smearing, plain.smearing) > 13)
    #expect(
      digits(try #require(weighted.summary.rSquared), try #require(plain.summary.rSquared)) > 12)
  }

  @Test(arguments: [7, 8] as [UInt64])
  func refitOnFittedValuesChangesNothing(_ seed: UInt64) throws {
    let data = try Self.random(seed, rows: 50)
    let first = try RegressionTests.fit("y ~ x + z:g", data)
    let again = try RegressionTests.fit(
      "f ~ x + z:g", data.appending([Column("f", numbers: first.fitted)]))
    for (a, b) in zip(first.coefficients, again.coefficients) {
      #expect(digits(try #require(a.estimate), try #require(b.estimate)) > 12, "seed \(seed)")
    }
    #expect((again.summary.rmse ?? 1) < 1e-13 && (again.summary.rSquared ?? 0) > 1 - 1e-14)
  }

  // MARK: Limits

  @Test func asManyColumnsAsRows() throws {
    let data = try Table([Column("y", numbers: [1, 4]), Column("x", numbers: [1, 2])])
    let fit = try RegressionTests.fit("y ~ x", data)
    #expect(fit.coefficients.map(\.estimate) == [-2, 3])
    #expect(fit.coefficients.allSatisfy { $0.standardError == nil && $0.pValue == nil })
    #expect(fit.summary.sigma == nil && fit.summary.degreesOfFreedom == 0 && fit.covariance == nil)
    #expect(fit.summary.adjustedRSquared == nil && fit.summary.aic == nil)
    #expect(fit.standardizedResiduals == [nil, nil])
    let answer = try fit.predict(Table([Column("x", numbers: [3])]))
    #expect(answer[0].value == 7 && answer[0].lower == nil && answer[0].reason == nil)
  }

  @Test func redundantTermsAreEmptyNotAbsent() throws {
    let data = try Table([
      Column("y", numbers: [1, 2, 4, 4, 7]), Column("x", numbers: [1, 2, 3, 4, 5]),
      Column("k", numbers: [3, 3, 3, 3, 3]), Column("zero", numbers: [0, 0, 0, 0, 0]),
    ])
    let fit = try RegressionTests.fit("y ~ x + I(2 * x - 1) + k + zero", data)
    #expect(fit.coefficients.map(\.term) == ["(Intercept)", "x", "I(2 * x - 1)", "k", "zero"])
    #expect(fit.coefficients.map { $0.estimate == nil } == [false, false, true, true, true])
    #expect(fit.basis == [0, 1] && fit.summary.rank == 2 && fit.covariance?.rows == 2)
    let tidy = try fit.tidy()
    #expect(tidy.rowCount == 5 && tidy.label("std_error", row: 2) == nil)
    let plain = try RegressionTests.fit("y ~ x", data)
    #expect(plain.coefficients[1] == fit.coefficients[1])
    // A row that keeps the relations is predicted; one that breaks them is not.
    let new = try Table([
      Column("x", numbers: [6, 6]), Column("k", numbers: [3, 4]), Column("zero", numbers: [0, 0]),
    ])
    let answers = try fit.predict(new)
    #expect(digits(answers[0].value ?? 0, try plain.predict(new)[0].value ?? 1) > 14)
    #expect(
      answers[1].value == nil && answers[1].reason?.contains("k could not be told apart") == true)
  }

  @Test func everyTermZero() throws {
    let data = try Table([Column("y", numbers: [1, 2]), Column("x", numbers: [0, 0])])
    #expect(throws: RegressionError.noColumns(formula: "y ~ 0 + x")) {
      try RegressionTests.fit("y ~ 0 + x", data)
    }
  }

  @Test func perfectFitHasNoLikelihood() throws {
    let data = try Table([Column("y", numbers: [2, 4, 6, 8]), Column("x", numbers: [1, 2, 3, 4])])
    let fit = try RegressionTests.fit("y ~ 0 + x", data)
    #expect(fit.summary.sigma == 0 && fit.summary.logLikelihood == nil && fit.summary.aic == nil)
    #expect(fit.coefficients[0].estimate == 2 && fit.coefficients[0].statistic == nil)
    #expect(fit.summary.rSquared == 1 && fit.summary.fStatistic == nil)
  }

  @Test func constantResponseHasNoRSquared() throws {
    let data = try Table([
      // Ten tenths of 0.1 add up to a little more than 0.1.
      Column("y", numbers: [Double?](repeating: 0.1, count: 10)),
      Column("x", numbers: (0..<10).map { Double($0 * $0) }),
    ])
    let summary = try RegressionTests.fit("y ~ x", data).summary
    #expect(summary.rSquared == nil && summary.fStatistic == nil && summary.rmse == 0)
  }

  /// Columns for all levels span a constant, so R squared is the one of the model with intercept.
  @Test func rSquaredIsCentredWhenAConstantIsSpanned() throws {
    let data = try Self.random(9, rows: 30)
    let with = try RegressionTests.fit("y ~ g", data)
    let without = try RegressionTests.fit("y ~ 0 + g", data)
    #expect(
      digits(try #require(without.summary.rSquared), try #require(with.summary.rSquared)) > 12)
    #expect(
      digits(try #require(without.summary.fStatistic), try #require(with.summary.fStatistic)) > 11)
  }

  @Test func levels() throws {
    let data = try Self.random(10, rows: 30)
    for bad in [0, 1, -0.5, Double.nan] {
      #expect(throws: RegressionError.self) { try RegressionTests.fit("y ~ x", data, level: bad) }
      let good = try RegressionTests.fit("y ~ x", data)
      #expect(throws: RegressionError.self) { try good.predict(data, level: bad) }
    }
    let (narrow, wide) = (
      try RegressionTests.fit("y ~ x", data, level: 0.5),
      try RegressionTests.fit("y ~ x", data, level: 0.99)
    )
    #expect((narrow.coefficients[1].confidenceLow ?? 0) > (wide.coefficients[1].confidenceLow ?? 0))
  }
}

extension LinearFit {
  /// Fit and bounds on the scale of the formula, as R's predict gives them, by undoing what
  /// `predict` does to them.
  func predictOnScale(
    _ table: Table, level: Double, interval: IntervalKind
  ) throws -> [(Double, Double, Double)?] {
    let kind = ResponseScale(design.formula.response).kind
    func forward(_ value: Double) -> Double {
      switch kind {
      case .identity: value
      case .log: log(value)
      case .log2: log2(value)
      case .log10: log10(value)
      }
    }
    let factor = interval == .confidence ? smearing : 1
    return try predict(table, level: level, interval: interval).map { answer in
      guard let value = answer.value, let lower = answer.lower, let upper = answer.upper else {
        return nil
      }
      return (forward(value / smearing), forward(lower / factor), forward(upper / factor))
    }
  }
}
