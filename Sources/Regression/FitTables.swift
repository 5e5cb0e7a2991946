public import ModelCore

/// The three tables of a fit, after R's broom, with underscores for its dots.
extension LinearFit {
  /// A row per term: `term, estimate, std_error, statistic, p_value, conf_low, conf_high`. The
  /// cells of a redundant term are empty.
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

  /// One row that sums up the fit; `model` is the formula.
  public func glance() throws(RegressionError) -> Table {
    try table([
      Column("model", text: [design.formula.description]),
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

  /// The rows of the data with `.fitted, .resid, .hat, .std_resid, .cooks_d, .lower, .upper`.
  ///
  /// On the scale of the formula's left side, so that `.fitted + .resid` is the response;
  /// `.lower` and `.upper` bound a new observation at the fit's level. Rows that the fit left out
  /// keep their place, with empty cells.
  /// - Throws: `RegressionError.table` when the data already has a column of one of these names.
  public func augment() throws(RegressionError) -> Table {
    var lower: [Double?] = []
    var upper: [Double?] = []
    for i in fitted.indices {
      // The leverages of the rows themselves are known, up to their weights.
      let leverage = hat[i] / (design.weights?[i] ?? 1)
      let reach = try interval.map { $0 * (1 + leverage).squareRoot() }
      lower.append(reach.map { fitted[i] - $0 })
      upper.append(reach.map { fitted[i] + $0 })
    }
    let added: [(String, [Double?])] = [
      (".fitted", fitted), (".resid", residuals), (".hat", hat),
      (".std_resid", standardizedResiduals), (".cooks_d", cooksDistance), (".lower", lower),
      (".upper", upper),
    ]
    let columns = added.map { name, values in
      var cells = [Double?](repeating: nil, count: design.table.rowCount)
      for (index, row) in design.rows.enumerated() { cells[row] = values[index] }
      return Column(name, numbers: cells)
    }
    do { return try design.table.appending(columns) } catch { throw .table(error) }
  }

  /// The critical value times sigma.
  private var interval: Double? {
    get throws(RegressionError) {
      guard let sigma = summary.sigma, summary.degreesOfFreedom > 0 else { return nil }
      return sigma
        * (try LinearPredictor.critical(
          level: level, degreesOfFreedom: summary.degreesOfFreedom))
    }
  }

  private func table(_ columns: [Column]) throws(RegressionError) -> Table {
    do { return try Table(columns) } catch { throw .table(error) }
  }
}
