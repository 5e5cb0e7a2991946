public import ModelCore

/// What every fit of a formula offers, however it was made: the three tables, notes for the
/// reader, and predictions.
public protocol FormulaModelFit: Sendable {
  /// The formula as it is printed.
  var formulaText: String { get }
  /// How it was fitted, in a few words: `ordinary least squares`.
  var method: String { get }
  /// What the reader of the tables has to know, a sentence each.
  var notes: [String] { get }

  /// A row per term: `term, estimate, std_error, statistic, p_value, conf_low, conf_high`; cells
  /// that the method does not give are empty.
  func tidy() throws(RegressionError) -> Table
  /// One row, the same columns for every method.
  func glance() throws(RegressionError) -> Table
  /// The data with dot-prefixed columns.
  func augment() throws(RegressionError) -> Table
  /// One prediction per row of a table, with an interval where the method gives one.
  func predict(_ table: Table, level: Double) throws(RegressionError) -> [Prediction]
}

extension LinearFit: FormulaModelFit {
  public var formulaText: String { design.formula.description }

  public var method: String {
    design.weights == nil ? "ordinary least squares" : "weighted least squares"
  }

  /// What was left out and what could not be estimated.
  public var notes: [String] {
    var notes = design.notes
    let aliased = coefficients.filter { $0.estimate == nil }.map(\.term)
    notes += FitNotes.unestimated(aliased, of: coefficients.count, nobs: summary.nobs)
    if formulaFit.scale.kind != .identity {
      notes.append(
        FitNotes.smearing(
          formulaFit.scale.name, how: "Duan's smearing factor", factor: smearing))
    }
    notes.append(route.sentence)
    return notes
  }

  public func predict(_ table: Table, level: Double) throws(RegressionError) -> [Prediction] {
    try predict(table, level: level, interval: .prediction)
  }
}

extension Design {
  /// Which rows of the table are not in the design.
  var notes: [String] { FitNotes.leftOut(missing: missingRows, zeroWeight: zeroWeightRows) }
}
