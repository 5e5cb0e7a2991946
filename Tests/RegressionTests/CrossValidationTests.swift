import ModelCore
import Regression
import Statistics
import Testing

@Suite struct CrossValidationTests {
  /// Explicit refits by NumPy, with the smearing factor of each: leave one out by the leverages.
  @Test(arguments: ReferenceCase.all("python.csv"))
  func leaveOneOutAgreesWithRefitsInNumPy(_ reference: ReferenceCase) throws {
    let fit = try reference.fit()
    let validation = try fit.crossValidate(.leaveOneOut)
    let expected = reference.rows("loo")
    #expect(expected.count == validation.rows.count && validation.pooled.unanswered == 0)
    for row in expected {
      let place = try #require(
        validation.rows.firstIndex(of: Int(try number(row, "row")) - 1))
      #expect(
        closeRelative(validation.predicted[place], try number(row, "value"), otherSolver),
        "\(row)")
    }
  }

  /// Every fifth row left out, by explicit refits in NumPy.
  @Test(arguments: ReferenceCase.all("python.csv"))
  func foldsAgreeWithRefitsInNumPy(_ reference: ReferenceCase) throws {
    let fit = try reference.fit()
    let folds = try Folds.leavingOneGroupOut(
      groups: fit.design.rows.indices.map { "\($0 % 5)" })
    let formula = fit.design.formula
    let validation = try CrossValidation(fit.design, folds: folds) {
      (table) throws(RegressionError) in
      try LeastSquares().fit(try Design(formula, table))
    }
    for row in reference.rows("fifths") {
      let place = try #require(
        validation.rows.firstIndex(of: Int(try number(row, "row")) - 1))
      #expect(
        closeRelative(validation.predicted[place], try number(row, "value"), otherSolver),
        "\(row)")
    }
    #expect(validation.foldScores.map(\.rowCount).reduce(0, +) == validation.rows.count)
  }

  /// The closed form against the general way, weighted, with a factor, polynomials and logs.
  @Test(
    arguments: [
      ("log(total_time_s) ~ log(memory_bytes) + technique", "w"),
      ("log10(total_time_s) ~ poly(vcpus, 2) + workload", nil),
      ("total_time_s ~ memory_bytes + technique", "w"),
    ] as [(String, String?)])
  func closedFormAgreesWithRefits(_ text: String, _ weights: String?) throws {
    let fit = try RegressionTests.fit(text, referenceData(), weights: weights)
    let expression = try weights.map { try Expression(parsing: $0) }
    let formula = fit.design.formula
    let refits = try CrossValidation(
      fit.design, folds: fit.design.folds(.leaveOneOut, seed: 0)
    ) { (table) throws(RegressionError) in
      try LeastSquares().fit(try Design(formula, table, weights: expression))
    }
    let closed = try fit.leaveOneOut()
    #expect(closed.rows == refits.rows && closed.observed == refits.observed)
    for i in closed.rows.indices {
      #expect(closeRelative(closed.predicted[i], refits.predicted[i], ownRoutes), "row \(i)")
    }
    #expect(
      closeRelative(closed.pooled.metrics["mae"], refits.pooled.metrics["mae"], ownRoutes))
  }

  /// Groups stay together, the fit of a fold has not seen it, pooled metrics are those of all rows.
  @Test func groupedFolds() throws {
    let table = try simulated(rows: 60, seed: 21, groups: 12, shared: 3)
    let fit = try RegressionTests.fit("y ~ x + z", table)
    let validation = try fit.crossValidate(.groupedFolds(4, column: "g"), seed: 9)
    let labels = try fit.design.groups("g")
    for (i, label) in labels.enumerated() {
      for j in labels.indices where labels[j] == label {
        #expect(validation.folds.fold[i] == validation.folds.fold[j])
      }
    }
    let held = validation.folds.rows(of: 2)
    let refit = try RegressionTests.fit(
      "y ~ x + z", table.selecting(validation.folds.rows(outside: 2)))
    let expected = try refit.predict(table.selecting(held), level: 0.5)
    for (row, prediction) in zip(held, expected) {
      #expect(validation.predicted[row] == prediction.value)
    }
    let errors = zip(validation.predicted, validation.observed).map { abs(($0 ?? 0) - $1) }
    #expect(
      closeRelative(validation.pooled.metrics["mae"], errors.reduce(0, +) / 60, ownRoutes))
    let byGroup = try fit.crossValidate(.leaveOneGroupOut(column: "g"))
    #expect(byGroup.folds.count == 12)
  }

  @Test func sameOnAnyNumberOfThreads() throws {
    let fit = try RegressionTests.fit("y ~ x + z", simulated(rows: 50, seed: 22))
    let one = try fit.crossValidate(.folds(7), seed: 4, threads: 1)
    for threads in [2, 3, 8] {
      let many = try fit.crossValidate(.folds(7), seed: 4, threads: threads)
      #expect(many.predicted == one.predicted && many.folds == one.folds)
    }
    #expect(try fit.crossValidate(.folds(7), seed: 5).folds != one.folds)
  }

  /// A level that the other folds lack has no prediction, says why, and is counted; by both ways.
  @Test func unseenLevel() throws {
    var columns = try simulated(rows: 20, seed: 23).columns
    columns.append(Column("k", text: (0..<20).map { $0 == 7 ? "only" : ($0 % 2 == 0 ? "a" : "b") }))
    let fit = try RegressionTests.fit("y ~ x + k", Table(columns))
    let folds = try fit.crossValidate(.folds(5))
    let single = try fit.leaveOneOut()
    for validation in [folds, single] {
      #expect(validation.predicted[7] == nil && validation.reasons[7] != nil)
      #expect(validation.pooled.unanswered == 1 && validation.pooled.rowCount == 19)
      #expect(validation.notes.count == 2)
    }
    let table = try folds.table()
    #expect(table.label("fold", row: 5) == "all" && table.label("unanswered", row: 5) == "1")
    let augmented = try folds.augment(fit.design.table)
    #expect(augmented.label(".predicted", row: 7) == nil)
    #expect(augmented.label(".fold", row: 7) == "\(folds.folds.fold[7] + 1)")
  }

  /// Negative responses have no percentage on a symmetric scale and no logarithm.
  @Test func metricsThatDoNotApply() throws {
    let fit = try RegressionTests.fit("z ~ x", simulated(rows: 30, seed: 24))
    let metrics = try fit.crossValidate(.folds(3)).pooled.metrics
    #expect(metrics["mae"] != nil && metrics["smape"] == nil && metrics["r_squared_log"] == nil)
  }

  @Test func mistakes() throws {
    let fit = try RegressionTests.fit("y ~ x", simulated(rows: 30, seed: 25))
    func error(_ scheme: CrossValidation.Scheme) -> ValidationError? {
      do {
        _ = try fit.crossValidate(scheme)
        return nil
      } catch { return error }
    }
    guard case .setting = error(.folds(1)) else {
      Issue.record("one fold")
      return
    }
    guard case .tooFew = error(.groupedFolds(2, column: "g")) else {
      Issue.record("one group")
      return
    }
    #expect(error(.groupedFolds(2, column: "G"))?.description == "no column G; did you mean g?")
    let weighted = try RegressionTests.fit("y ~ x", simulated(rows: 30, seed: 25), weights: "x + 1")
    #expect(throws: ValidationError.self) { try weighted.crossValidate(.folds(3)) }
    // Two rows in three leave too little for a factor of two levels: no fold can be fitted.
    let tiny = try Table([
      Column("k", text: ["a", "b"]), Column("y", numbers: [1, 2]),
    ])
    let saturated = try RegressionTests.fit("y ~ k", tiny)
    #expect(throws: ValidationError.self) { try saturated.crossValidate(.folds(2)) }
  }
}
