public import ModelCore

/// The tables of a non-linear fit: the three of every fit, and two on how it was found.
extension NonlinearFit {
  /// A row per parameter: `term, estimate, std_error, statistic, p_value, conf_low, conf_high`.
  public func tidy() throws(RegressionError) -> Table {
    try FitTableParts.tidy(coefficients)
  }

  /// One row with the columns of a linear fit; R squared and F are empty.
  public func glance() throws(RegressionError) -> Table {
    try FitTableParts.glance(model: design.formula.description, summary)
  }

  /// The rows of the data with `.fitted, .resid, .hat, .std_resid, .cooks_d, .lower, .upper`.
  ///
  /// On the scale of the formula's left side; leverages are those of the tangent plane. Rows that
  /// the fit left out keep their place, with empty cells. A robust loss has no Cook's distance,
  /// and a fit that did not converge nothing that needs a standard error.
  /// - Throws: `RegressionError.table` when the data already has a column of one of these names.
  public func augment() throws(RegressionError) -> Table {
    let spread = isConverged ? inference.sigma : nil
    let hat = inference.hat
    let standardized: [Double?] = residuals.indices.map { i in
      // Within rounding of 1 the row determines its own fitted value (R's rule).
      guard let spread, spread > 0, hat[i] < 1 - 10 * Double.ulpOfOne else { return nil }
      let root = (design.weights?[i] ?? 1).squareRoot()
      return residuals[i] * root / (spread * (1 - hat[i]).squareRoot())
    }
    let distances: [Double?] = residuals.indices.map { i in
      guard report.options.loss == .squared, inference.rank > 0 else { return nil }
      return standardized[i].map {
        $0 * $0 * hat[i] / ((1 - hat[i]) * Double(inference.rank))
      }
    }
    var reach = [Double?](repeating: nil, count: residuals.count)
    if let spread, inference.degreesOfFreedom > 0 {
      let critical = try LinearPredictor.critical(
        level: level, degreesOfFreedom: inference.degreesOfFreedom)
      for i in reach.indices {
        let leverage = hat[i] / (design.weights?[i] ?? 1)
        reach[i] = critical * spread * (1 + leverage).squareRoot()
      }
    }
    let added: [(String, [Double?])] = [
      (".fitted", fitted), (".resid", residuals),
      (".hat", isConverged ? hat : hat.map { _ in nil }),
      (".std_resid", standardized), (".cooks_d", distances),
      (".lower", zip(fitted, reach).map { value, reach in reach.map { value - $0 } }),
      (".upper", zip(fitted, reach).map { value, reach in reach.map { value + $0 } }),
    ]
    return try FitTableParts.augment(design.table, rows: design.rows, added)
  }

  /// A row per start and parameter: where each run began and ended, and how.
  public func runs() throws(RegressionError) -> Table {
    let names = design.parameterNames
    let rows = reports.indices.flatMap { run in names.indices.map { (run, $0) } }
    func each(_ value: (NonlinearReport, Int) -> Double?) -> [Double?] {
      rows.map { value(reports[$0.0], $0.1) }
    }
    return try FitTableParts.table([
      Column("run", numbers: rows.map { Double($0.0 + 1) }),
      Column("is_best", flags: rows.map { $0.0 == best }),
      Column("converged", flags: rows.map { reports[$0.0].status.isConverged }),
      Column("status", text: rows.map { reports[$0.0].status.rawValue }),
      Column("term", text: rows.map { names[$0.1] }),
      Column("start", numbers: each { $0.start[$1] }),
      Column("end", numbers: each { $0.end[$1] }),
      Column("lower_bound", numbers: rows.map { finite(bounds[$0.1].lower) }),
      Column("upper_bound", numbers: rows.map { finite(bounds[$0.1].upper) }),
      Column("at_bound", flags: rows.map { reports[$0.0].isAtBound[$0.1] }),
      Column("objective_start", numbers: each { report, _ in report.objectiveAtStart }),
      Column("objective_end", numbers: each { report, _ in report.objectiveAtEnd }),
      Column("iterations", numbers: each { report, _ in Double(report.iterations.count) }),
      Column("residual_evaluations", numbers: each { run, _ in Double(run.residualEvaluations) }),
      Column("jacobian_evaluations", numbers: each { run, _ in Double(run.jacobianEvaluations) }),
      Column("gradient_norm", numbers: each { report, _ in report.gradientNorm }),
      Column(
        "gauss_newton_step", numbers: each { run, _ in run.gaussNewtonStep.flatMap(finite) }),
      Column("loss", text: rows.map { reports[$0.0].options.loss.name }),
      Column("loss_scale", numbers: each { report, _ in report.options.loss.scale }),
      Column("objective_tolerance", numbers: each { run, _ in run.options.objectiveTolerance }),
      Column("step_tolerance", numbers: each { run, _ in run.options.stepTolerance }),
      Column("gradient_tolerance", numbers: each { run, _ in run.options.gradientTolerance }),
      Column(
        "maximum_iterations", numbers: each { run, _ in Double(run.options.maximumIterations) }),
      Column(
        "maximum_evaluations", numbers: each { run, _ in Double(run.options.maximumEvaluations) }),
    ])
  }

  /// A row per iteration of every run.
  public func iterations() throws(RegressionError) -> Table {
    let rows = reports.indices.flatMap { run in reports[run].iterations.map { (run, $0) } }
    return try FitTableParts.table([
      Column("run", numbers: rows.map { Double($0.0 + 1) }),
      Column("iteration", numbers: rows.map { Double($0.1.iteration) }),
      Column("objective", numbers: rows.map(\.1.objective)),
      Column("gradient_norm", numbers: rows.map(\.1.gradientNorm)),
      Column("gauss_newton_step", numbers: rows.map { finite($0.1.gaussNewtonStep) }),
      Column("step", numbers: rows.map { finite($0.1.stepNorm) }),
      Column("lambda", numbers: rows.map(\.1.lambda)),
      Column("refused", numbers: rows.map { Double($0.1.refused) }),
    ])
  }

  private func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
}
