import ModelCore
import Regression

/// A least squares fit with intervals from its own errors, and scores on rows held out.
struct FitExamination {
  private let fit: LinearFit
  private let level: Double
  private let bootstrap: BootstrapFit?
  private let conformal: ConformalIntervals?
  let extras: [(name: String, table: Table)]
  let notes: [String]

  init(
    _ fit: LinearFit, interval: FitCommand.IntervalSource, folds: Int?, seed: UInt64,
    level: Double, weights: String?
  ) throws {
    self.fit = fit
    self.level = level
    bootstrap = interval == .bootstrap ? try Bootstrap(.cases, seed: seed).run(fit) : nil
    conformal = interval == .conformal ? try ConformalIntervals.jackknifePlus(fit) : nil
    var notes = bootstrap.map { $0.notes } ?? []
    if let conformal {
      notes += try conformal.notes(level: level)
      notes.append(
        "--table augment has them per row: .predicted, .predicted_lower, .predicted_upper.")
    }
    var extras: [(name: String, table: Table)] = []
    if let folds {
      let groups = fit.design.table["group"] == nil ? nil : "group"
      let scheme: CrossValidation.Scheme =
        groups.map { .groupedFolds(folds, column: $0) } ?? .folds(folds)
      let weight = try weights.map { text throws(FormulaError) in
        try Expression(parsing: text)
      }
      let validation = try fit.crossValidate(scheme, seed: seed, weights: weight)
      extras.append(("cross_validation", try validation.table()))
      notes += validation.notes
    }
    self.extras = extras
    self.notes = notes
  }

  func tidy() throws -> Table {
    try bootstrap?.tidy(level: level) ?? fit.tidy()
  }

  /// The rows of the fit. Conformal intervals are of the response itself, so they stand apart
  /// from the columns on the formula's scale, in place of its analytic ends.
  func augment() throws -> Table {
    let table = try fit.augment()
    guard let conformal else { return table }
    let predictions = try conformal.predict(fit.design.table, level: level)
    let kept = table.columns.filter { $0.name != ".lower" && $0.name != ".upper" }
    return try Table(
      kept + [
        Column(".predicted", numbers: predictions.map(\.value)),
        Column(".predicted_lower", numbers: predictions.map(\.lower)),
        Column(".predicted_upper", numbers: predictions.map(\.upper)),
      ], source: table.source, lines: table.lines)
  }
}
