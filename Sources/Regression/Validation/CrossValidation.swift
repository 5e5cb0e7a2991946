public import ModelCore
public import Statistics

/// Predictions for every row by a model that has not seen it, and how good they are.
///
/// Everything that is learnt is learnt again in each fold: coefficients, levels of factors,
/// orthogonal polynomials, the smearing factor. Errors are on the original scale of the response
/// (a logarithm on the left side is undone). A row that the model of its fold cannot predict (a
/// level of a factor that the other folds lack) is counted as unanswered.
/// Source: Stone, JRSS B 36 (1974); grouped: see `Statistics.Folds`.
public struct CrossValidation: Sendable {
  /// How rows are held out.
  public enum Scheme: Sendable, Equatable {
    /// So many folds of single rows.
    case folds(Int)
    /// So many folds; rows with the same value of the column stay together.
    case groupedFolds(Int, column: String)
    /// Each row by itself.
    case leaveOneOut
    /// The rows of each value of the column.
    case leaveOneGroupOut(column: String)
  }

  /// Predictions and observations of some rows, with what they score.
  public struct Score: Sendable, Equatable {
    /// 1, 2, ...; `nil` for all rows together.
    public let fold: Int?
    /// Rows that are predicted.
    public let rowCount: Int
    /// Rows without a prediction.
    public let unanswered: Int
    /// By the name of the metric, over the rows that are predicted; absent where a metric does
    /// not apply (a percentage of a negative value, a logarithm of one).
    public let metrics: [String: Double]
  }

  /// What is predicted: the name of the response on its original scale.
  public let target: String
  /// Rows of the table that take part, ascending.
  public let rows: [Int]
  /// The fold of each of these rows.
  public let folds: Folds
  /// One per row; `nil` where the model without its fold has no answer.
  public let predicted: [Double?]
  /// Why a row has no prediction, one per row; `nil` where it has one.
  public let reasons: [String?]
  public let observed: [Double]
  /// One per fold.
  public let foldScores: [Score]
  /// All rows that are predicted, each by the model that has not seen it.
  public let pooled: Score
  /// Folds whose model was merged from the others instead of fitted again: see
  /// `LinearFit.crossValidate`.
  public let mergedFolds: Int

  /// Cross-validates any kind of fit.
  ///
  /// - Parameters:
  ///   - design: names the rows and the response; its table is what the folds are cut from.
  ///   - fit: fits the formula to some rows of the table, given as a table of their own.
  ///   - threads: `nil` for one per processor; the answer does not depend on it.
  /// - Throws: `ValidationError.regression` when no fold can be fitted, with the first reason.
  public init(
    _ design: Design, folds: Folds, threads: Int? = nil,
    fit: @Sendable (Table) throws(RegressionError) -> any FormulaModelFit
  ) throws(ValidationError) {
    try self.init(design, folds: folds, threads: threads, merged: nil, fit: fit)
  }

  /// - Parameter merged: models that some folds have already.
  init(
    _ design: Design, folds: Folds, threads: Int?, merged: MergedFolds?,
    fit: @Sendable (Table) throws(RegressionError) -> any FormulaModelFit
  ) throws(ValidationError) {
    guard folds.fold.count == design.rows.count else {
      throw .setting("folds for \(folds.fold.count) rows, and the fit uses \(design.rows.count)")
    }
    let (order, starts) = folds.rowsByFold()
    let known = merged?.models.map { $0 != nil } ?? []
    let missing = (0..<folds.count).filter { known.isEmpty || !known[$0] }
    let answers = parallelMap(count: missing.count, threads: threads) { index in
      Self.heldOut(missing[index], design, folds, fit)
    }
    var predicted = [Double?](repeating: nil, count: design.rows.count)
    var reasons = [String?](repeating: nil, count: design.rows.count)
    if let values = merged?.predictions() {
      for (row, fold) in folds.fold.enumerated() where known[fold] {
        if values[row].isFinite {
          predicted[row] = values[row]
        } else {
          reasons[row] = Prediction.beyondDoubles
        }
      }
    }
    var failure: RegressionError?
    for (fold, answer) in zip(missing, answers) {
      let rows = order[starts[fold]..<starts[fold + 1]]
      switch answer {
      case .success(let predictions):
        for (row, prediction) in zip(rows, predictions) {
          predicted[row] = prediction.value
          reasons[row] = prediction.reason
        }
      case .failure(let error):
        failure = failure ?? error
        for row in rows {
          reasons[row] = "without fold \(fold + 1) there is no fit: \(error.description)"
        }
      }
    }
    if let failure, !predicted.contains(where: { $0 != nil }) { throw .regression(failure) }
    self.init(
      design, folds: folds, predicted: predicted, reasons: reasons, threads: threads,
      mergedFolds: folds.count - missing.count)
  }

  /// Scores predictions that were made without their own fold.
  init(
    _ design: Design, folds: Folds, predicted: [Double?], reasons: [String?], threads: Int?,
    mergedFolds: Int = 0
  ) {
    target = ResponseScale(design.formula.response).name
    rows = design.rows
    self.folds = folds
    self.predicted = predicted
    self.reasons = reasons
    let observed = design.observed
    self.observed = observed
    self.mergedFolds = mergedFolds
    let (order, starts) = folds.rowsByFold()
    // All rows together first, because they take longest.
    let scores = parallelMap(count: folds.count + 1, threads: threads) { index in
      index == 0
        ? Self.score(nil, observed.indices, predicted, observed)
        : Self.score(
          index, order[starts[index - 1]..<starts[index]], predicted, observed)
    }
    pooled = scores[0]
    foldScores = Array(scores.dropFirst())
  }

  private static func heldOut(
    _ fold: Int, _ design: Design, _ folds: Folds,
    _ fit: (Table) throws(RegressionError) -> any FormulaModelFit
  ) -> Result<[Prediction], RegressionError> {
    let training = folds.rows(outside: fold).map { design.rows[$0] }
    let held = folds.rows(of: fold).map { design.rows[$0] }
    do {
      let model = try fit(design.table.selecting(training))
      return .success(try model.predict(design.table.selecting(held), level: 0.95))
    } catch {
      return .failure(error)
    }
  }

  private static func score(
    _ fold: Int?, _ rows: some RandomAccessCollection<Int>, _ predicted: [Double?],
    _ observed: [Double]
  ) -> Score {
    var (forecasts, facts): ([Double], [Double]) = ([], [])
    forecasts.reserveCapacity(rows.count)
    facts.reserveCapacity(rows.count)
    for row in rows {
      guard let value = predicted[row] else { continue }
      forecasts.append(value)
      facts.append(observed[row])
    }
    // A metric that these numbers are outside of has no value: that is its answer.
    return Score(
      fold: fold, rowCount: facts.count, unanswered: rows.count - facts.count,
      metrics: Metric.values(predicted: forecasts, observed: facts).filter(\.value.isFinite))
  }

  /// A row per fold, then `all`: `fold, n, unanswered` and the metrics that some row has.
  public func table() throws(ValidationError) -> Table {
    let scores = foldScores + [pooled]
    let names = Metric.all.map(\.name).filter { name in
      scores.contains { $0.metrics[name] != nil }
    }
    return try validatedTable(
      [
        Column("fold", text: scores.map { $0.fold.map(String.init) ?? "all" }),
        Column("n", numbers: scores.map { Double($0.rowCount) }),
        Column("unanswered", numbers: scores.map { Double($0.unanswered) }),
      ] + names.map { name in Column(name, numbers: scores.map { $0.metrics[name] }) })
  }

  /// The rows of the data with `.fold, .observed, .predicted`, as `Table.appending` has it.
  public func augment(_ table: Table) throws(ValidationError) -> Table {
    var (fold, seen, made) = (
      [Double?](repeating: nil, count: table.rowCount),
      [Double?](repeating: nil, count: table.rowCount),
      [Double?](repeating: nil, count: table.rowCount)
    )
    guard rows.last ?? -1 < table.rowCount else {
      throw .setting("the table has \(table.rowCount) rows, and row \(rows.count) was predicted")
    }
    for (index, row) in rows.enumerated() {
      fold[row] = Double(folds.fold[index] + 1)
      seen[row] = observed[index]
      made[row] = predicted[index]
    }
    let columns = [
      Column(".fold", numbers: fold), Column(".observed", numbers: seen),
      Column(".predicted", numbers: made),
    ]
    do { return try table.appending(columns) } catch { throw .regression(.table(error)) }
  }

  /// What the reader of the table has to know.
  public var notes: [String] {
    var notes = [
      "every row is predicted by a fit without its fold; errors are of \(target)."
    ]
    if mergedFolds > 0 {
      let rest = folds.count - mergedFolds
      notes.append(
        "\(mergedFolds) of \(folds.count) fits were merged from the triangles of the other folds"
          + (rest == 0 ? "." : "; \(rest) were made again from their rows."))
    }
    if pooled.unanswered > 0, let reason = reasons.compactMap({ $0 }).first {
      notes.append("\(pooled.unanswered) rows have no prediction, the first because \(reason).")
    }
    return notes
  }
}
