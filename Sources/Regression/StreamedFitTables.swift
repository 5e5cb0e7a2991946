public import ModelCore

extension StreamedFit: FormulaModelFit {
  public var formulaText: String { formulaFit.formula.description }

  public var method: String {
    isWeighted ? "weighted least squares, streamed" : "ordinary least squares, streamed"
  }

  /// What was left out, what could not be estimated, and what only the rows could tell.
  public var notes: [String] {
    var notes: [String] = []
    if missingRows > 0 {
      notes.append("\(missingRows) rows are left out: a column of the formula is empty there.")
    }
    if zeroWeightRows > 0 {
      notes.append("\(zeroWeightRows) rows of weight 0 are left out.")
    }
    let aliased = coefficients.filter { $0.estimate == nil }.map(\.term)
    if !aliased.isEmpty {
      notes.append(
        "rank \(summary.rank) of \(coefficients.count) terms; no estimate for "
          + aliased.joined(separator: ", ") + ": other terms already say the same.")
    }
    if formulaFit.scale.kind != .identity {
      let factor = shortestDecimal((formulaFit.smearing * 1e4).rounded() / 1e4)
      notes.append(
        hasSecondPass
          ? "predictions are of \(formulaFit.scale.name), the back-transform times Duan's smearing "
            + "factor \(factor); rmse is on that scale."
          : "predictions are of \(formulaFit.scale.name), the back-transform times \(factor), the "
            + "factor of normal errors: Duan's needs the rows.")
    }
    notes.append("rows were not kept: errors that are empty need them.")
    return notes
  }

  public func tidy() throws(RegressionError) -> Table {
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

  public func glance() throws(RegressionError) -> Table {
    try table([
      Column("model", text: [formulaText]),
      Column("nobs", numbers: [Double(summary.nobs)]),
      Column("rank", numbers: [Double(summary.rank)]),
      Column("df_residual", numbers: [Double(summary.degreesOfFreedom)]),
      Column("sigma", numbers: [summary.sigma]),
      Column("r_squared", numbers: [summary.rSquared]),
      Column("adj_r_squared", numbers: [summary.adjustedRSquared]),
      Column("f_statistic", numbers: [summary.fStatistic]),
      Column("f_p_value", numbers: [summary.fPValue]),
      Column("rmse", numbers: [summary.rmse]),
      Column("mae", numbers: [summary.mae]),
      Column("mdape", numbers: [summary.mdape]),
      Column("log_likelihood", numbers: [summary.logLikelihood]),
      Column("aic", numbers: [summary.aic]),
      Column("bic", numbers: [summary.bic]),
      Column("condition", numbers: [summary.condition.isFinite ? summary.condition : nil]),
    ])
  }

  /// - Throws: `RegressionError.stream(.rowsNotKept)`, always.
  public func augment() throws(RegressionError) -> Table {
    throw .stream(.rowsNotKept)
  }

  public func predict(_ table: Table, level: Double) throws(RegressionError) -> [Prediction] {
    try formulaFit.predict(table, level: level)
  }

  private func table(_ columns: [Column]) throws(RegressionError) -> Table {
    do { return try Table(columns) } catch { throw .table(error) }
  }
}
