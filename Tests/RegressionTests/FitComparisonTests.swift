import ModelCore
import Regression
import Statistics
import Testing

@Suite struct FitComparisonTests {
  static func validate(
    _ formula: String, _ table: Table, _ scheme: CrossValidation.Scheme = .folds(5)
  ) throws -> CrossValidation {
    try RegressionTests.fit(formula, table).crossValidate(scheme, seed: 2)
  }

  @Test func bestFirstWithPairedErrors() throws {
    let table = try simulated(rows: 80, seed: 61, groups: 10, shared: 1)
    let models = [
      ("mean", try Self.validate("y ~ 1", table)), ("x", try Self.validate("y ~ x", table)),
      ("x+z", try Self.validate("y ~ x + z", table)),
      ("again", try Self.validate("y ~ z + x", table)),
    ]
    let comparison = try FitComparison(models, loss: .squared)
    #expect(comparison.standings.last?.model == "mean")
    #expect(comparison.standings.last?.verdict == "worse")
    #expect(comparison.standings[0].verdict == "best" && comparison.standings[0].difference == 0)
    #expect(comparison.standings[1].verdict == "not distinguishable")
    #expect(Set(comparison.standings.prefix(2).map(\.model)) == ["x+z", "again"])
    // By hand, from the predictions.
    let best = try #require(models.first { $0.0 == comparison.standings[0].model }).1
    let plain = models[1].1
    let gaps = best.observed.indices.map { i -> Double in
      let a = (plain.predicted[i] ?? 0) - plain.observed[i]
      let b = (best.predicted[i] ?? 0) - best.observed[i]
      return a * a - b * b
    }
    let standing = try #require(comparison.standings.first { $0.model == "x" })
    let expected = PairedDifference(gaps)
    #expect(closeRelative(standing.difference, expected.mean, 1e-12))
    #expect(closeRelative(standing.standardError, expected.standardError, 1e-12))
    let rmse = try #require(plain.pooled.metrics["rmse"])
    #expect(closeRelative(standing.loss, rmse * rmse, 1e-12))
    let groups = (0..<80).map { "g\($0 % 10)" }
    let clustered = try FitComparison(models, loss: .squared, groups: groups)
    let again = try #require(clustered.standings.first { $0.model == "x" })
    let grouped = PairedDifference(gaps, groups: groups)
    #expect(closeRelative(again.standardError, grouped.standardError, 1e-12))
    let printed = try comparison.table()
    #expect(
      printed.names == ["model", "n", "loss", "loss_diff", "loss_diff_se", "standing"]
        && printed.rowCount == 4)
  }

  static func error(_ body: () throws(ValidationError) -> FitComparison) -> ValidationError? {
    do {
      _ = try body()
      return nil
    } catch { return error }
  }

  @Test func refuses() throws {
    let table = try simulated(rows: 40, seed: 62)
    let one = try Self.validate("y ~ x", table)
    let fewer = try Self.validate("y ~ x", table.selecting(Array(0..<39)))
    let other = try Self.validate("z ~ x", table)
    for wrong in [fewer, other] {
      let error = Self.error { () throws(ValidationError) in
        try FitComparison([("a", one), ("b", wrong)])
      }
      guard case .notComparable("a", "b", _) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
    #expect(
      Self.error { () throws(ValidationError) in try FitComparison([("a", one), ("a", one)]) }
        == .setting("model a is listed twice"))
    #expect(
      Self.error { () throws(ValidationError) in try FitComparison([]) }
        == .setting("there is no model to compare"))
    #expect(
      Self.error { () throws(ValidationError) in
        try FitComparison([("a", one)], groups: ["g"])
      } == .setting("1 groups for 40 rows"))
    // Negative responses have no symmetric relative error.
    #expect(
      Self.error { () throws(ValidationError) in
        try FitComparison([("z", other)], loss: .symmetricRelative)
      } != nil)
  }

  /// The same responses in other rows are not the same data.
  @Test func otherRowsWithTheSameResponses() throws {
    let x = (0..<40).map { Double(($0 * 7) % 11) }
    let table = try Table([
      Column("x", numbers: x.enumerated().map { $0.offset < 2 ? nil : $0.element }),
      Column("z", numbers: x.enumerated().map { $0.offset >= 38 ? nil : $0.element }),
      Column("y", numbers: (0..<40).map { Double($0 % 2) }),
    ])
    let (one, other) = (try Self.validate("y ~ x", table), try Self.validate("y ~ z", table))
    #expect(one.observed == other.observed && one.rows != other.rows)
    let error = Self.error { () throws(ValidationError) in
      try FitComparison([("a", one), ("b", other)])
    }
    guard case .notComparable = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  /// A row that a model cannot predict counts as wholly wrong, or refuses the comparison.
  @Test func unanswered() throws {
    var columns = try simulated(rows: 30, seed: 63).columns
    guard case .numbers(let y) = columns[2].values else { return }
    columns[2] = Column("y", numbers: y.storage.map { abs($0) + 20 })
    columns.append(Column("k", text: (0..<30).map { $0 == 4 ? "only" : ($0 % 2 == 0 ? "a" : "b") }))
    let table = try Table(columns)
    let models = [
      ("k", try Self.validate("y ~ k", table)), ("x", try Self.validate("y ~ x", table)),
    ]
    let error = Self.error { () throws(ValidationError) in try FitComparison(models) }
    guard case .notComparable = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    let comparison = try FitComparison(models, loss: .symmetricRelative)
    #expect(comparison.standings.map(\.model) == ["x", "k"])
    #expect(comparison.standings[1].loss > 2.0 / 30)
  }
}
