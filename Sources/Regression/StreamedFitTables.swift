public import ModelCore

extension StreamedFit: FormulaModelFit {
  public var formulaText: String { formulaFit.formula.description }

  public var method: String {
    isWeighted ? "weighted least squares, streamed" : "ordinary least squares, streamed"
  }

  /// What was left out, what could not be estimated, and what only the rows could tell.
  public var notes: [String] {
    var notes = FitNotes.leftOut(missing: missingRows, zeroWeight: zeroWeightRows)
    let aliased = coefficients.filter { $0.estimate == nil }.map(\.term)
    notes += FitNotes.unestimated(aliased, of: coefficients.count, nobs: summary.nobs)
    if formulaFit.scale.kind != .identity {
      notes.append(
        hasSecondPass
          ? FitNotes.smearing(
            formulaFit.scale.name, how: "Duan's smearing factor", factor: formulaFit.smearing,
            errors: "rmse is")
          : FitNotes.smearing(
            formulaFit.scale.name, how: "the factor of normal errors (Duan's needs the rows)",
            factor: formulaFit.smearing, errors: "they are"))
    }
    if let route { notes.append(route.sentence) }
    notes.append("rows were not kept: errors that are empty need them.")
    return notes
  }

  public func tidy() throws(RegressionError) -> Table {
    try FitTableParts.tidy(coefficients)
  }

  public func glance() throws(RegressionError) -> Table {
    try FitTableParts.glance(model: formulaText, summary)
  }

  /// - Throws: `RegressionError.stream(.rowsNotKept)`, always.
  public func augment() throws(RegressionError) -> Table {
    throw .stream(.rowsNotKept)
  }

  public func predict(_ table: Table, level: Double) throws(RegressionError) -> [Prediction] {
    try formulaFit.predict(table, level: level)
  }
}
