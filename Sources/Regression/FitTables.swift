public import ModelCore

/// The three tables of a fit, after R's broom, with underscores for its dots.
extension LinearFit {
  /// A row per term: `term, estimate, std_error, statistic, p_value, conf_low, conf_high`. The
  /// cells of a redundant term are empty.
  public func tidy() throws(RegressionError) -> Table {
    try FitTableParts.tidy(coefficients)
  }

  /// One row that sums up the fit; `model` is the formula.
  public func glance() throws(RegressionError) -> Table {
    try FitTableParts.glance(model: design.formula.description, summary)
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
    return try FitTableParts.augment(design.table, rows: design.rows, added)
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
}
