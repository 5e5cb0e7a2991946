import ModelCore

/// The tables that fits of every kind share, so that one column has one spelling.
enum FitTableParts {
  /// `term, estimate, std_error, statistic, p_value, conf_low, conf_high`, a row per coefficient.
  static func tidy(_ coefficients: [Coefficient]) throws(RegressionError) -> Table {
    try table([
      Column("term", text: coefficients.map(\.term)),
      Column("estimate", numbers: coefficients.map(\.estimate)),
      Column("std_error", numbers: coefficients.map(\.standardError)),
      Column("statistic", numbers: coefficients.map(\.statistic)),
      Column("p_value", numbers: coefficients.map(\.pValue)),
      Column("conf_low", numbers: coefficients.map(\.confidenceLow)),
      Column("conf_high", numbers: coefficients.map(\.confidenceHigh)),
    ])
  }

  /// The one row that sums up a fit; `nil` is a cell that the method does not give.
  static func glance(model: String, _ summary: some GlanceSummary) throws(RegressionError) -> Table
  {
    let condition = summary.conditionIfKnown.flatMap { $0.isFinite ? $0 : nil }
    let cells: [(String, Double?)] = [
      ("nobs", Double(summary.nobs)), ("rank", Double(summary.rank)),
      ("df_residual", summary.residualDegrees), ("sigma", summary.sigma),
      ("r_squared", summary.rSquared), ("adj_r_squared", summary.adjustedRSquared),
      ("f_statistic", summary.fStatistic), ("f_p_value", summary.fPValue),
      ("rmse", summary.rmse), ("mae", summary.mae), ("mdape", summary.mdape),
      ("log_likelihood", summary.logLikelihood), ("aic", summary.aic), ("bic", summary.bic),
      ("condition", condition),
    ]
    return try table(
      [Column("model", text: [model])] + cells.map { Column($0.0, numbers: [$0.1]) })
  }

  /// The data with one more column per name. `values` are of the rows a fit used; the others keep
  /// their place, with empty cells.
  static func augment(
    _ data: Table, rows: [Int], _ added: [(String, [Double?])]
  ) throws(RegressionError) -> Table {
    let columns = added.map { name, values in
      var cells = [Double?](repeating: nil, count: data.rowCount)
      for (index, row) in rows.enumerated() { cells[row] = values[index] }
      return Column(name, numbers: cells)
    }
    do { return try data.appending(columns) } catch { throw .table(error) }
  }

  static func table(_ columns: [Column]) throws(RegressionError) -> Table {
    do { return try Table(columns) } catch { throw .table(error) }
  }
}

/// What a glance row is made of.
protocol GlanceSummary {
  var nobs: Int { get }
  var rank: Int { get }
  var residualDegrees: Double? { get }
  var sigma: Double? { get }
  var rSquared: Double? { get }
  var adjustedRSquared: Double? { get }
  var fStatistic: Double? { get }
  var fPValue: Double? { get }
  var rmse: Double? { get }
  var mae: Double? { get }
  var mdape: Double? { get }
  var logLikelihood: Double? { get }
  var aic: Double? { get }
  var bic: Double? { get }
  var conditionIfKnown: Double? { get }
}

extension LinearSummary: GlanceSummary {
  var residualDegrees: Double? { Double(degreesOfFreedom) }
  var conditionIfKnown: Double? { condition }
}

extension KindSummary: GlanceSummary {
  var residualDegrees: Double? { degreesOfFreedom }
  var fStatistic: Double? { nil }
  var fPValue: Double? { nil }
  var conditionIfKnown: Double? { condition }
}
