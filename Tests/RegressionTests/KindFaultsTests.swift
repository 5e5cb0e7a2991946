import ModelCore
import Regression
import TestSupport
import Testing

/// The same mistakes in the data, made to every kind of fit.
@Suite struct KindFaultsTests {
  static let names = [
    "ridge", "bounded", "constrained", "huber", "bisquare", "quantile", "tobit", "sandwich",
    "selection",
  ]

  static func fit(_ name: String, _ design: Design) throws -> any FormulaModelFit {
    switch name {
    case "ridge": try RidgeRegression(.fixed(1)).fit(design)
    case "bounded": try BoundedLeastSquares().fit(design)
    case "constrained": try ConstrainedLeastSquares([]).fit(design)
    case "huber": try RobustRegression().fit(design)
    case "bisquare": try RobustRegression(.bisquare()).fit(design)
    case "quantile": try QuantileRegression(tau: 0.5).fit(design)
    case "tobit": try TobitRegression(.limits(lower: 0.5)).fit(design)
    case "sandwich": try LeastSquares().fit(design).withStandardErrors(.hc1)
    default: try TermSelection(.backward, by: .bic).fit(design)
    }
  }

  static func data(_ more: Column? = nil) throws -> Table {
    var draws = TestRandom(seed: 2)
    let x = (0..<20).map { Double($0) }
    return try Table(
      [
        Column("x", numbers: x), Column("y", numbers: x.map { 1 + $0 + draws.unit() }),
        Column("z", numbers: x.map { _ in draws.unit() }),
      ] + (more.map { [$0] } ?? []), source: "t.csv", lines: x.indices.map { $0 + 2 })
  }

  @Test(arguments: names) func anInfiniteValueIsNamed(_ name: String) throws {
    let table = try Self.data(
      Column("a", numbers: (0..<20).map { $0 == 6 ? .infinity : Double($0 * $0) }))
    let error = try #require(throws: RegressionError.self) {
      try Self.fit(name, Design(Formula("y ~ x + a"), table))
    }
    #expect(
      error.description == "t.csv:8: a is inf for a = inf; expected a finite number "
        + "(drop the row or change the formula)")
    let log = try #require(throws: RegressionError.self) {
      try Self.fit(name, Design(Formula("y ~ log(x)"), Self.data()))
    }
    #expect(log.description.hasPrefix("t.csv:2: log(x) is -inf for x = 0"))
    let root = try #require(throws: RegressionError.self) {
      try Self.fit(name, Design(Formula("y ~ sqrt(x - 3)"), Self.data()))
    }
    #expect(root.description.hasPrefix("t.csv:2: sqrt(x - 3) is nan for x = 0"))
  }

  @Test(arguments: names) func negativeWeightsAndEmptyColumns(_ name: String) throws {
    let weight = try #require(throws: RegressionError.self) {
      try Self.fit(
        name, Design(Formula("y ~ x"), Self.data(), weights: Expression(parsing: "x - 5")))
    }
    #expect(
      weight.description
        == "t.csv:2: the weight x - 5 is -5; expected a finite number >= 0")
    let empty = try Self.data(Column("a", numbers: [Double?](repeating: nil, count: 20)))
    #expect(throws: RegressionError.noRows(table: 20, missing: 20, zeroWeight: 0, empty: ["a"])) {
      try Self.fit(name, Design(Formula("y ~ x + a"), empty))
    }
  }

  /// A column that another one says already: shared by ridge, refused where it cannot be left out,
  /// else without an estimate and named in a note.
  @Test(arguments: names, ["I(0 * x + 7)", "I(x + 0)"])
  func constantAndRepeatedColumns(_ name: String, _ term: String) throws {
    let design = try Design(Formula("y ~ x + z + \(term)"), Self.data())
    switch name {
    case "constrained":
      let error = try kindError { _ = try Self.fit(name, design) }
      #expect(
        error.description
          == "the model matrix under the equations is singular for the terms (Intercept), x, z, "
          + "\(term): the data cannot tell them apart")
    case "ridge" where term == "I(x + 0)":
      let values = try Self.fit(name, design).tidy().numbers("estimate")
      #expect(values.missingCount == 0)
    case "selection":
      // Selection leaves it out: it only costs.
      #expect(try !Self.fit(name, design).formulaText.contains(term))
    default:
      let fit = try Self.fit(name, design)
      let values = try fit.tidy().numbers("estimate")
      #expect(values.missingCount == 1 && values[3] == nil)
      #expect(fit.notes.contains { $0.contains("no estimate for \(term)") }, "\(fit.notes)")
    }
  }

  @Test(arguments: names) func fewerRowsThanTerms(_ name: String) throws {
    let few = try Self.data().selecting([3, 9])
    let design = try Design(Formula("y ~ x + z"), few)
    switch name {
    case "ridge":
      // A penalty makes an answer of any number of rows.
      #expect(try Self.fit(name, design).tidy().numbers("estimate").missingCount == 0)
    case "bounded":
      let fit = try Self.fit(name, design)
      #expect(try fit.glance().numbers("sigma")[0] == nil)
      #expect(fit.notes.contains { $0.contains("no estimate for z") })
    case "constrained":
      guard case .singular = try kindError({ _ = try Self.fit(name, design) }) else {
        Issue.record("no error")
        return
      }
    case "tobit":
      #expect(
        try kindError { _ = try Self.fit(name, design) } == .censored(observed: 2, needed: 3))
    case "selection":
      guard case .noCandidate = try kindError({ _ = try Self.fit(name, design) }) else {
        Issue.record("no error")
        return
      }
    default:
      guard
        case .tooFewRows(method: _, rows: 2, needed: 3) = try kindError({
          _ = try Self.fit(name, design)
        })
      else {
        Issue.record("no error")
        return
      }
    }
  }

  @Test(arguments: names) func aLevelIsBetweenZeroAndOne(_ name: String) throws {
    let fit = try Self.fit(name, Design(Formula("y ~ x + z"), Self.data()))
    #expect(throws: RegressionError.level(1)) { try fit.predict(Self.data(), level: 1) }
  }

  @Test func allMessagesSayWhatToDo() {
    let errors: [KindError] = [
      .setting(name: "tau", value: 2, expected: "a number between 0 and 1"),
      .unknownTerm("xx", nearest: ["x"]), .syntax("x >", expected: "TERM >= NUMBER"),
      .emptyBounds(term: "x", lower: 1, upper: 0), .contradiction("x = 1; x = 2"),
      .tooFewRows(method: "M", rows: 1, needed: 2), .zeroScale(method: "M"),
      .singular(what: "the information", terms: "x"), .fullLeverage(place: "row 3", kind: "HC3"),
      .tooFewClusters(column: "h", count: 1), .missingMark(place: "row 3", column: "s"),
      .unknownStatus("a", column: "s", known: ["b"]), .censored(observed: 1, needed: 3),
      .tooManyTerms(20, limit: 15), .noCandidate("too few rows"),
    ]
    for error in errors {
      #expect(error.description.count > 20 && error.description.last != ".", "\(error)")
      #expect(error.category == .usage || error.category == .badData, "\(error)")
      #expect(RegressionError.kind(error).description == error.description)
      #expect(RegressionError.kind(error).category == error.category)
    }
  }
}
