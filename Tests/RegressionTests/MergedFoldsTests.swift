import ModelCore
import Statistics
import TestSupport
import Testing

@testable import Regression

/// Fits merged from the states of folds, against fits of the rows.
@Suite struct MergedFoldsTests {
  /// Coefficients of both routes are good to nearly the last digit; a prediction is a sum of up to
  /// six parts of its own size, and Duan's factor a sum of hundreds of terms in another order.
  static let bound = 1e-12

  static func data(rows: Int, seed: UInt64) throws -> Table {
    print("seed \(seed)")
    var draws = TestRandom(seed: seed)
    let x = (0..<rows).map { _ in draws.unit() * 4 }
    let z = (0..<rows).map { _ in 1e9 * (1 + draws.unit()) }
    let k = (0..<rows).map { _ in draws.below(3) }
    let y = (0..<rows).map { 5 + 2 * x[$0] + z[$0] / 1e9 + Double(k[$0]) + draws.unit() }
    return try Table([
      // Every seventh row lacks a cell and takes no part.
      Column("x", numbers: x.enumerated().map { $0 % 7 == 3 ? nil : $1 }),
      Column("z", numbers: z), Column("y", numbers: y),
      Column("k", text: k.map { "k\($0)" }),
      Column("w", numbers: (0..<rows).map { _ in Double(draws.below(4)) }),
      Column("g", numbers: (0..<rows).map { Double($0 / 8) }),
    ])
  }

  static func both(
    _ fit: LinearFit, _ folds: Folds, weights: String?
  ) throws -> (merged: CrossValidation, plain: CrossValidation) {
    let weights = try weights.map { try Expression(parsing: $0) }
    return (
      try fit.crossValidate(folds, weights: weights, mergingFrom: 0),
      try fit.crossValidate(folds, weights: weights, mergingFrom: .max)
    )
  }

  @Test(
    arguments: [
      "y ~ x + z + k", "log(y) ~ x + log(z) + k", "y ~ x * k", "log10(y) ~ poly(x, 2, raw = TRUE)",
      "y ~ 0 + x + z",
    ], [nil, "w"])
  func asRefitted(_ formula: String, _ weights: String?) throws {
    for seed in UInt64(1)...3 {
      let table = try Self.data(rows: 400, seed: seed)
      let fit = try RegressionTests.fit(formula, table, weights: weights)
      for scheme in [
        CrossValidation.Scheme.folds(5), .groupedFolds(10, column: "g"),
        .leaveOneGroupOut(column: "g"),
      ] {
        let (merged, plain) = try Self.both(
          fit, fit.design.folds(scheme, seed: seed), weights: weights)
        #expect(merged.mergedFolds == merged.folds.count && plain.mergedFolds == 0)
        #expect(merged.reasons == plain.reasons && merged.observed == plain.observed)
        for i in merged.rows.indices {
          #expect(closeRelative(merged.predicted[i], plain.predicted[i], Self.bound))
        }
        #expect(Set(merged.pooled.metrics.keys) == Set(plain.pooled.metrics.keys))
        for (name, value) in merged.pooled.metrics where name != "bias" {
          #expect(closeRelative(value, plain.pooled.metrics[name], 1e-9), "\(name)")
        }
      }
    }
  }

  @Test func sameBitsOnAnyNumberOfThreads() throws {
    let fit = try RegressionTests.fit("log(y) ~ x + z + k", try Self.data(rows: 3000, seed: 9))
    let folds = try fit.design.folds(.groupedFolds(10, column: "g"), seed: 2)
    let one = try fit.crossValidate(folds, threads: 1, mergingFrom: 0)
    for threads in [2, 3, 8] {
      let many = try fit.crossValidate(folds, threads: threads, mergingFrom: 0)
      #expect(many.predicted == one.predicted && many.foldScores == one.foldScores)
      #expect(many.pooled == one.pooled && many.mergedFolds == 10)
    }
  }

  /// More folds than are kept in memory at once.
  @Test func manyFolds() throws {
    let rows = 8 * (MergedFolds.fewFolds + 44)
    let fit = try RegressionTests.fit("y ~ x + z", try Self.data(rows: rows, seed: 4))
    let folds = try fit.design.folds(.leaveOneGroupOut(column: "g"), seed: 0)
    #expect(folds.count > MergedFolds.fewFolds)
    let (merged, plain) = try Self.both(fit, folds, weights: nil)
    #expect(merged.mergedFolds == folds.count)
    for i in merged.rows.indices {
      #expect(closeRelative(merged.predicted[i], plain.predicted[i], Self.bound))
    }
  }

  /// A fold with all rows of a level is fitted from its rows, and answers as it did.
  @Test func levelsOfOneFold() throws {
    let table = try Self.data(rows: 400, seed: 5)
    let rare = (0..<400).map { $0 / 8 == 20 ? "rare" : ($0 % 2 == 0 ? "a" : "b") }
    let fit = try RegressionTests.fit(
      "y ~ x + r", table.appending([Column("r", text: rare)]))
    let (merged, plain) = try Self.both(
      fit, fit.design.folds(.groupedFolds(10, column: "g"), seed: 1), weights: nil)
    #expect(merged.mergedFolds == 9 && merged.reasons == plain.reasons)
    #expect(merged.pooled.unanswered > 0)
    #expect(merged.pooled.unanswered == plain.pooled.unanswered)
    #expect(
      merged.notes.contains {
        $0.contains("9 of 10 fits were merged") && $0.contains("1 were made again")
      })
  }

  /// Dependent columns, and terms that are learnt in each fold, take the plain route to the bit.
  @Test(arguments: ["y ~ x + I(2 * x) + z", "y ~ poly(x, 2) + z", "y ~ x + I(x + 1e-9 * z/1e9)"])
  func plainRoute(_ formula: String) throws {
    let fit = try RegressionTests.fit(formula, try Self.data(rows: 300, seed: 6))
    let (merged, plain) = try Self.both(
      fit, fit.design.folds(.folds(4), seed: 3), weights: nil)
    #expect(merged.mergedFolds == 0 && merged.predicted == plain.predicted)
    #expect(merged.foldScores == plain.foldScores && merged.notes == plain.notes)
  }

  @Test func groupNumbersAreThoseOfLabels() throws {
    let cells: [Double?] = [3, 3, -0.0, 0, 1e300, 3, .infinity, -0.0, 0.1]
    let table = try Table([
      Column("y", numbers: cells.indices.map { Double($0 * $0) }),
      Column("x", numbers: cells.indices.map { Double($0) }), Column("g", numbers: cells),
    ])
    let design = try Design(Formula("y ~ x"), table)
    let (numbers, labels) = (
      try design.groupNumbers("g"), distinctGroups(try design.groups("g"))
    )
    #expect(numbers.group == labels.group && numbers.count == labels.count && labels.count == 6)
  }
}

/// Fits of many rows by sums of products, against factorisations.
@Suite struct MergedFitTests {
  /// Coefficients to nearly the last digit; errors and leverages rest on a triangle of doubles,
  /// whose condition is some hundreds here.
  static let (estimates, spreads) = (1e-14, 1e-12)

  static func routes(
    _ formula: String, _ table: Table, weights: String? = nil
  ) throws -> (merged: LinearFit, plain: LinearFit) {
    let design = try Design(
      Formula(formula), table, weights: weights.map { try Expression(parsing: $0) })
    return (
      try LeastSquares().fit(design, mergingFrom: 0), try LeastSquares().fit(design)
    )
  }

  @Test(arguments: ["y ~ x + z + k", "log(y) ~ x * k + log(z)", "y ~ I(z/1e9)"], [nil, "w"])
  func asFactorised(_ formula: String, _ weights: String?) throws {
    for seed in UInt64(11)...14 {
      let (merged, plain) = try Self.routes(
        formula, try MergedFoldsTests.data(rows: 40_000, seed: seed), weights: weights)
      let count = merged.summary.nobs
      #expect(merged.route == .products(rows: count, of: count) && plain.route == .reflections)
      for (a, b) in zip(merged.coefficients, plain.coefficients) {
        #expect(closeRelative(a.estimate, b.estimate, Self.estimates), "\(a.term)")
        #expect(closeRelative(a.standardError, b.standardError, Self.spreads))
      }
      #expect(closeRelative(merged.summary.sigma, plain.summary.sigma, Self.spreads))
      // A difference from 1.
      #expect(close(merged.summary.rSquared, plain.summary.rSquared, Self.spreads))
      #expect(closeRelative(merged.summary.mdape, plain.summary.mdape, Self.spreads))
      let size = merged.design.response.reduce(0) { max($0, abs($1)) }
      for i in 0..<count {
        #expect(abs(merged.residuals[i] - plain.residuals[i]) <= 0x1p-44 * size)
        #expect(abs(merged.hat[i] - plain.hat[i]) <= 1e-11 * plain.hat[i])
      }
      #expect(merged.notes.contains { $0.contains("sums of products in twice the precision") })
    }
  }

  /// Certified sets, each row many times: sums of products in twice the precision keep the digits.
  @Test(arguments: ["norris", "longley", "wampler1", "wampler3", "wampler4", "wampler5"])
  func certified(_ dataset: String) throws {
    let design = try LeastSquaresTests.nist(dataset).design
    let count = design.table.rowCount
    let many = design.table.selecting((0..<(200 * count)).map { $0 % count })
    let fit = try LeastSquares().fit(try Design(design.formula, many), mergingFrom: 0)
    // Wampler1 fits perfectly: the response depends on the columns.
    #expect(
      fit.route
        == (dataset == "wampler1"
          ? .reflections : .products(rows: 200 * count, of: 200 * count)))
    let certified = try fixture("nist/linear/certified.csv").filter { $0["dataset"] == dataset }
    for (coefficient, expected) in zip(fit.coefficients, certified) {
      let found = digits(
        try #require(coefficient.estimate), try number(expected, "estimate"))
      #expect(found >= 13, "\(coefficient.term): \(found) digits")
    }
  }

  /// Dependent columns, no intercept, a perfect fit, parts that cancel: reflections, to the bit.
  @Test(arguments: [
    "y ~ x + I(2 * x)", "y ~ 0 + x + z", "z ~ I(3 * z) + x", "y ~ z + I(z + 1e4 * x)",
  ])
  func plainRoute(_ formula: String) throws {
    let (merged, plain) = try Self.routes(
      formula, try MergedFoldsTests.data(rows: 2000, seed: 15))
    #expect(merged.route == .reflections)
    #expect(merged.coefficients == plain.coefficients && merged.residuals == plain.residuals)
    #expect(merged.hat == plain.hat)
  }
}
