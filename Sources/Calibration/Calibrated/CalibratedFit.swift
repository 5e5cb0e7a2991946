public import ModelCore
import Statistics

/// A calibrated model fitted to a trace, with the tables that a fit prints.
public struct CalibratedFit: Sendable {
  public let model: CalibratedModel
  private let table: Table
  private let free: Set<CalibratedParameter>?

  /// Fits to the rows of a trace.
  ///
  /// - Throws: as `CalibratedEstimator.fit`.
  public init(
    _ table: Table, estimator: CalibratedEstimator = CalibratedEstimator()
  ) throws(CalibrationError) {
    self.table = table
    free = estimator.free
    model = try estimator.fit(table)
  }

  /// A row per parameter; intervals are those of the logarithm, taken back.
  public func tidy() throws(TableError) -> Table {
    try FittedParameter.table(
      CalibratedParameter.allCases.map { (CalibratedModel.id, fitted($0)) })
  }

  private func fitted(_ parameter: CalibratedParameter) -> FittedParameter {
    let estimate = model.parameters[parameter]
    let error = model.relativeErrors?[parameter.rawValue]
    return FittedParameter(
      term: parameter.name, estimate: estimate, standardError: error.map { $0 * estimate },
      confidence: error.map {
        // 1.96: the normal quantile of 95 %.
        (estimate * exponential(-1.96 * $0))...(estimate * exponential(1.96 * $0))
      }, unit: parameter.unit,
      method: parameter.meaning + (free?.contains(parameter) == false ? " (held)" : ""))
  }

  /// One row: rows that taught, and the errors of the total time on these same rows.
  public func glance() throws(CalibrationError) -> Table {
    let rows = try rows()
    let (predicted, observed) = Self.pairs(.totalTime, rows.map(\.0), rows.map(\.1))
    do {
      let count = Double(model.trainingRows)
      let rank = Double(free?.count ?? CalibratedParameter.allCases.count)
      return try Table([
        Column("model", text: [CalibratedModel.id]), Column("nobs", numbers: [count]),
        Column("rank", numbers: [rank]),
        Column(
          "rmse",
          numbers: [try Metric.rootMeanSquaredError(predicted: predicted, observed: observed)]),
        Column(
          "mae", numbers: [try Metric.meanAbsoluteError(predicted: predicted, observed: observed)]),
        Column(
          "mdape",
          numbers: [
            try Metric.medianAbsolutePercentageError(predicted: predicted, observed: observed)
          ]),
      ])
    } catch {
      throw CalibrationError(error)
    }
  }

  /// The rows with fitted value and residual of the total time.
  public func augment() throws(CalibrationError) -> Table {
    let inputs = CalibratedInputs.all(in: table)
    let observed = table.numbersIfPresent(CalibratedOutcome.totalTime.column)
    let statuses = table.textIfPresent("status")
    let values = inputs.map { (try? model.predict($0))?.values[.totalTime] }
    let residuals = values.enumerated().map { row, value -> Double? in
      guard (statuses?[row]).map({ $0 == "completed" }) ?? true else { return nil }
      return value.flatMap { value in observed?[row].map { $0 - value } }
    }
    do {
      return try table.appending([
        Column(".fitted", numbers: values), Column(".resid", numbers: residuals),
      ])
    } catch {
      throw CalibrationError(error)
    }
  }

  /// What was predicted and what was seen of an outcome, of the rows that came to their end.
  private static func pairs(
    _ outcome: CalibratedOutcome, _ rows: [CalibratedRow], _ predictions: [CalibratedPrediction]
  ) -> (predicted: [Double], observed: [Double]) {
    let pairs = zip(rows, predictions).compactMap { row, prediction -> (Double, Double)? in
      guard row.isCompleted, let observed = row.outcomes[outcome], observed > 0,
        let predicted = prediction.values[outcome]
      else { return nil }
      return (predicted, observed)
    }
    return (pairs.map(\.0), pairs.map(\.1))
  }

  private func rows() throws(CalibrationError) -> [(CalibratedRow, CalibratedPrediction)] {
    let rows = try CalibratedEstimator.rows(table)
    let predictions = try parallelMap(count: rows.count) {
      (index) throws(CalibrationError) -> CalibratedPrediction in
      try model.predict(rows[index].inputs)
    }
    return Array(zip(rows, predictions))
  }

  /// The terms of the residual regression, one row each; the coefficient is of the logarithm.
  public func residualTerms() throws(TableError) -> Table {
    let terms = CalibratedOutcome.allCases.flatMap { outcome in
      (model.regression.terms[outcome.column] ?? []).map { (outcome.column, $0) }
    }
    return try Table([
      Column("target", text: terms.map(\.0)), Column("term", text: terms.map(\.1.name)),
      Column("estimate", numbers: terms.map(\.1.coefficient)),
    ])
  }

  /// A row per outcome: the errors on the rows that taught, and what is left of them when the
  /// inputs that no row states are taken as the row's own outcomes give them away.
  ///
  /// The difference is what the inputs withhold; what is left, the physics and the noise.
  public func hiddenErrors() throws(CalibrationError) -> Table {
    let rows = try rows()
    let explained = model.explain(rows.map(\.0))
    func errors(
      _ outcome: CalibratedOutcome, _ predictions: [CalibratedPrediction]
    ) throws(StatisticsError) -> (count: Int, median: Double?, p90: Double?) {
      let (predicted, observed) = Self.pairs(outcome, rows.map(\.0), predictions)
      guard !observed.isEmpty else { return (0, nil, nil) }
      return (
        observed.count,
        try Metric.medianAbsolutePercentageError(predicted: predicted, observed: observed),
        try Metric.p90AbsolutePercentageError(predicted: predicted, observed: observed)
      )
    }
    do {
      let outcomes = CalibratedOutcome.allCases
      let stated = try outcomes.map { outcome in try errors(outcome, rows.map(\.1)) }
      let known = try outcomes.map { outcome in try errors(outcome, explained) }
      return try Table([
        Column("target", text: outcomes.map(\.column)),
        Column("n", numbers: stated.map { Double($0.count) }),
        Column("mdape", numbers: stated.map(\.median)),
        Column("p90_ape", numbers: stated.map(\.p90)),
        Column("mdape_revealed", numbers: known.map(\.median)),
        Column("p90_ape_revealed", numbers: known.map(\.p90)),
      ])
    } catch {
      throw CalibrationError(error)
    }
  }

  /// What the reader has to know.
  public func notes() -> [String] {
    model.parameters.without.sorted { $0.rawValue < $1.rawValue }.map {
      "without \($0.rawValue): \($0.assumption)"
    } + [
      "estimate: the value; std_error and interval: delete-group jackknife on the logarithm; "
        + "method: what the parameter stands for.",
      "glance is for total_time_s on the rows that taught the parameters; 'cutover compare' holds "
        + "rows out.",
      "Parameters that the trace says nothing about stay at their priors, whose widths are their "
        + "errors.",
    ]
  }
}
