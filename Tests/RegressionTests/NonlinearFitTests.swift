import Foundation
import LinearAlgebra
import ModelCore
import Regression
import TestSupport
import Testing

func nonlinearFit(
  _ formula: String, _ data: Table, starts: NonlinearStarts,
  bounds: [String: ParameterBounds] = [:], weights: String? = nil,
  options: NonlinearOptions = NonlinearOptions(), level: Double = 0.95
) throws -> NonlinearFit {
  let design = try NonlinearDesign(
    NonlinearFormula(formula), data, weights: weights.map { try Expression(parsing: $0) })
  return try NonlinearLeastSquares(options: options, level: level)
    .fit(design, starts: starts, bounds: bounds)
}

/// `Fixtures/nonlinear/data.csv`: a saturation curve with three outliers.
func saturationData() throws -> Table {
  try table(of: fixture("nonlinear/data.csv"), numbers: ["x", "y", "w"])
}

@Suite struct NonlinearFitTests {
  static let saturation = "y ~ a * (1 - exp(-b * x))"
  static let start = NonlinearStarts([["a": 4, "b": 0.5]])

  /// R's nls converges to an offset of about 1e-8, and its statistics no further.
  static let nls = Tolerance(relative: 1e-6, reason: "the relative offset that nls reaches")
  /// The minimum is flat: SciPy stops where the cost no longer changes, at half of the digits.
  static let scipy = Tolerance(relative: 2e-7, reason: "square root of a double's spacing, x 10")

  @Test(
    arguments: [
      ("plain", saturation, nil), ("weighted", saturation, "w"),
      ("log", "log(y) ~ log(a) + b * log(x / (1 + x))", nil),
    ] as [(String, String, String?)])
  func inferenceAgreesWithR(_ name: String, _ formula: String, _ weights: String?) throws {
    let fit = try nonlinearFit(formula, saturationData(), starts: Self.start, weights: weights)
    var expected: [String: Double] = [:]
    for row in try fixture("nonlinear/nls.csv") where row["fit"] == name {
      expected[try #require(row["quantity"])] = try number(row, "value")
    }
    func check(_ quantity: String, _ value: Double?) throws {
      let (value, expected) = (try #require(value), try #require(expected[quantity]))
      #expect(Self.nls.accepts(value, expected), "\(name) \(quantity): \(value), \(expected)")
    }
    #expect(fit.coefficients.map(\.term) == ["a", "b"])
    for coefficient in fit.coefficients {
      try check("estimate_\(coefficient.term)", coefficient.estimate)
      try check("std_error_\(coefficient.term)", coefficient.standardError)
      try check("statistic_\(coefficient.term)", coefficient.statistic)
      // A p-value of 1e-17 has its relative error multiplied by the statistic.
      #expect(
        digits(
          try #require(coefficient.pValue), try #require(expected["p_value_\(coefficient.term)"]))
          > 4)
    }
    try check("sigma", fit.summary.sigma)
    try check("log_likelihood", fit.summary.logLikelihood)
    try check("aic", fit.summary.aic)
    try check("bic", fit.summary.bic)
    let new = try Table([Column("x", numbers: [0.5, 3, 20])])
    let formulaFit = fit.formulaFit
    for (index, prediction) in try formulaFit.predict(new, level: 0.9).enumerated() {
      // On the scale of the formula, as nls has it.
      func scale(_ value: Double?, _ factor: Double) -> Double? {
        name == "log" ? value.map { Foundation.log($0 / factor) } : value
      }
      try check("fit_\(index + 1)", scale(prediction.value, formulaFit.smearing))
      try check("lower_\(index + 1)", scale(prediction.lower, 1))
      try check("upper_\(index + 1)", scale(prediction.upper, 1))
    }
  }

  @Test func boundsAndLossesAgreeWithSciPy() throws {
    let rows = try fixture("nonlinear/fits.csv")
    let cases = Dictionary(grouping: rows) {
      "\($0["formula"] ?? "") \($0["loss"] ?? "") \($0["bounded"] ?? "")"
    }
    #expect(cases.count == 8)
    for (name, rows) in cases.sorted(by: { $0.key < $1.key }) {
      let scale = try number(rows[0], "scale")
      let loss: RobustLoss =
        switch rows[0]["loss"] {
        case "soft_l1": .softL1(scale: scale)
        case "huber": .huber(scale: scale)
        case "cauchy": .cauchy(scale: scale)
        default: .squared
        }
      var start: [String: Double] = [:]
      var bounds: [String: ParameterBounds] = [:]
      for row in rows {
        let term = try #require(row["term"])
        start[term] = try number(row, "start")
        if row["bounded"] == "true" {
          bounds[term] = ParameterBounds(
            lower: try number(row, "lower"), upper: try number(row, "upper"))
        }
      }
      let fit = try nonlinearFit(
        try #require(rows[0]["formula"]), saturationData(), starts: NonlinearStarts([start]),
        bounds: bounds, options: NonlinearOptions(loss: loss))
      #expect(fit.isConverged, "\(name): \(fit.report.status)")
      let objective = try #require(fit.report.objectiveAtEnd)
      #expect(digits(objective, try number(rows[0], "objective")) > 12, "\(name)")
      #expect(try Self.scipy.accepts(try #require(fit.summary.sigma), number(rows[0], "sigma")))
      for row in rows {
        let term = try #require(row["term"])
        let coefficient = try #require(fit.coefficients.first { $0.term == term })
        let estimate = try #require(coefficient.estimate)
        #expect(
          try Self.scipy.accepts(estimate, number(row, "estimate")), "\(name) \(term): \(estimate)")
        if row["std_error"] == "" {
          #expect(coefficient.standardError == nil, "\(name) \(term)")
          #expect(fit.notes.contains { $0.contains("resting on a bound: \(term)") })
        } else {
          let error = try #require(coefficient.standardError)
          #expect(try Self.scipy.accepts(error, number(row, "std_error")), "\(name) \(term)")
        }
      }
    }
  }

  @Test func tablesHaveTheAgreedColumns() throws {
    let data = try saturationData()
    let fit = try nonlinearFit(Self.saturation, data, starts: Self.start)
    let linear = try RegressionTests.fit("y ~ x", data)
    #expect(try fit.tidy().names == linear.tidy().names)
    #expect(try fit.glance().names == linear.glance().names)
    #expect(try fit.augment().names == linear.augment().names)
    let glance = try fit.glance()
    for name in ["r_squared", "adj_r_squared", "f_statistic", "f_p_value"] {
      #expect(glance.label(name, row: 0) == nil)
    }
    #expect(glance.label("df_residual", row: 0) == "38")
    let augmented = try fit.augment()
    let answers = try fit.predict(data, level: 0.95)
    for row in 0..<data.rowCount {
      let fitted = try #require(augmented.numbers(".fitted")[row])
      let residual = try #require(augmented.numbers(".resid")[row])
      #expect(digits(fitted + residual, try #require(data.numbers("y")[row])) > 13)
      #expect(digits(try #require(augmented.numbers(".lower")[row]), answers[row].lower ?? 0) > 9)
      #expect(digits(try #require(augmented.numbers(".upper")[row]), answers[row].upper ?? 0) > 9)
    }
    // Leverages add up to the number of parameters.
    let hats = try augmented.numbers(".hat").storage
    #expect(abs(hats.reduce(0, +) - 2) < 1e-12)
    let runs = try fit.runs()
    #expect(runs.rowCount == 2)
    #expect(runs.label("status", row: 0) == fit.report.status.rawValue)
    #expect(try fit.iterations().rowCount == fit.report.iterations.count)
  }

  /// A model that is linear in its parameters gives the linear fit in every figure.
  @Test func agreesWithTheLinearFit() throws {
    let data = try saturationData()
    let linear = try RegressionTests.fit("y ~ x + I(x^2)", data, weights: "w")
    let fit = try nonlinearFit(
      "y ~ a + b * x + c * x^2", data, starts: NonlinearStarts([["a": 0, "b": 0, "c": 0]]),
      weights: "w")
    for (left, right) in zip(fit.coefficients, linear.coefficients) {
      #expect(digits(try #require(left.estimate), try #require(right.estimate)) > 11)
      #expect(digits(try #require(left.standardError), try #require(right.standardError)) > 11)
      #expect(digits(try #require(left.confidenceLow), try #require(right.confidenceLow)) > 11)
    }
    let expected = try linear.augment()
    let augmented = try fit.augment()
    for name in [".fitted", ".hat", ".std_resid", ".cooks_d", ".lower", ".upper"] {
      for (left, right) in zip(
        try augmented.numbers(name).storage, try expected.numbers(name).storage)
      {
        #expect(abs(left - right) < 1e-9 * max(1, abs(right)), "\(name)")
      }
    }
    #expect(digits(try #require(fit.summary.aic), try #require(linear.summary.aic)) > 11)
  }

  /// The delta method for a parameter is its own interval, and for the curve that of `predict`.
  @Test func quantitiesOfTheParameters() throws {
    let fit = try nonlinearFit(Self.saturation, saturationData(), starts: Self.start, level: 0.9)
    for (j, coefficient) in fit.coefficients.enumerated() {
      let unit = (0..<2).map { $0 == j ? 1.0 : 0 }
      let reach = try #require(try fit.inference.halfWidth(gradient: unit, level: 0.9))
      let (low, high) = (
        try #require(coefficient.confidenceLow), try #require(coefficient.confidenceHigh)
      )
      #expect(digits(2 * reach, high - low) > 12)
    }
    let (a, b, x) = (try #require(fit.estimates["a"]), try #require(fit.estimates["b"]), 3.0)
    let gradient = [1 - exp(-b * x), a * x * exp(-b * x)]
    for kind in IntervalKind.allCases {
      let reach = try fit.inference.halfWidth(gradient: gradient, level: 0.8, kind: kind)
      let answer = try fit.formulaFit.predict(
        Table([Column("x", numbers: [x])]), level: 0.8, interval: kind)[0]
      #expect(
        digits(2 * (try #require(reach)), (answer.upper ?? 0) - (answer.lower ?? 0)) > 11)
    }
    #expect(throws: RegressionError.self) { try fit.inference.halfWidth(gradient: [1]) }
    #expect(throws: RegressionError.self) { try fit.inference.halfWidth(gradient: [1, .nan]) }
  }

  @Test func incompleteRowsKeepTheirPlace() throws {
    let data = try Table([
      Column("x", numbers: [1, 2, nil, 4, 5, 6]),
      Column("y", numbers: [2, 4.1, 6, nil, 9.9, 12.2]),
      Column("w", numbers: [1, 1, 1, 1, 0, 1]),
    ])
    let fit = try nonlinearFit(
      "y ~ a * x", data, starts: NonlinearStarts([["a": 1]]), weights: "w")
    #expect(fit.design.rows == [0, 1, 5])
    #expect(fit.design.missingRows == 2)
    #expect(fit.design.zeroWeightRows == 1)
    #expect(fit.notes.count == 3)
    let fitted = try fit.augment().numbers(".fitted")
    #expect(fitted[2] == nil && fitted[3] == nil && fitted[4] == nil && fitted[5] != nil)
    #expect(try fit.predict(data, level: 0.95)[2].reason == "x is missing")
  }

  @Test func unidentifiedParametersAreNamed() throws {
    let data = try saturationData()
    let fit = try nonlinearFit(
      "y ~ a * b * (1 - exp(-c * x)) + 0 * d", data,
      starts: NonlinearStarts([["a": 2, "b": 2, "c": 0.5, "d": 7]]))
    #expect(fit.isConverged)
    #expect(fit.inference.rank == 2)
    #expect(fit.inference.unidentified == [0, 1, 3])
    #expect(fit.coefficients.map { $0.standardError != nil } == [false, false, true, false])
    #expect(fit.notes.contains { $0.contains("not identified: a, b, d;") })
    // The curve itself is known: its error is that of the model with one factor.
    let plain = try nonlinearFit(
      "y ~ a * (1 - exp(-c * x))", data, starts: NonlinearStarts([["a": 4, "c": 0.5]]))
    let new = try Table([Column("x", numbers: [3])])
    let left = try fit.predict(new, level: 0.95)[0]
    let right = try plain.predict(new, level: 0.95)[0]
    #expect(digits(try #require(left.upper), try #require(right.upper)) > 8)
    #expect(
      digits(
        try #require(fit.coefficients[2].standardError),
        try #require(plain.coefficients[1].standardError)) > 8)
  }

  /// Training never told a and b apart; a new row that needs them apart has no prediction.
  @Test func rowsOutsideTheDataAreRefused() throws {
    let data = try Table([
      Column("x", numbers: [1, 2, 3, 4]), Column("z", numbers: [1, 2, 3, 4]),
      Column("y", numbers: [2.1, 3.9, 6.2, 7.8]),
    ])
    let fit = try nonlinearFit(
      "y ~ a * x + b * z", data, starts: NonlinearStarts([["a": 1, "b": 1]]))
    let new = try Table([Column("x", numbers: [2, 2]), Column("z", numbers: [2, 5])])
    let answers = try fit.predict(new, level: 0.95)
    #expect(answers[0].value != nil)
    #expect(answers[1].value == nil)
    #expect(answers[1].reason?.contains("could not be told apart") == true)
  }

  @Test func fewerRowsThanParameters() throws {
    let data = try Table([Column("x", numbers: [1, 2]), Column("y", numbers: [3, 5])])
    let exact = try nonlinearFit(
      "y ~ a + b * x", data, starts: NonlinearStarts([["a": 0, "b": 0]]))
    #expect(exact.isConverged)
    #expect(digits(exact.estimates["a"] ?? 0, 1) > 12)
    #expect(exact.summary.sigma == nil)
    #expect(exact.coefficients.allSatisfy { $0.standardError == nil })
    let short = try nonlinearFit(
      "y ~ a + b * x + c * x^2", data, starts: NonlinearStarts([["a": 0, "b": 0, "c": 1]]))
    #expect(short.isConverged)
    #expect(short.inference.unidentified == [0, 1, 2])
    #expect(short.fitted.map { ($0 * 1e9).rounded() / 1e9 } == [3, 5])
  }
}
