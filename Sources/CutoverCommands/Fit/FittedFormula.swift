import Calibration
import ModelCore
import Regression

/// A fitted formula, however it was fitted, with what goes into the report and the file.
struct FittedFormula: Sendable {
  let fit: any FormulaModelFit
  let saved: SavedFit
  /// Tables of the method itself, by name: the steps of a selection, the runs of a solver.
  var extras: [(name: String, table: Table)] = []
  /// Tables that are printed only when they are asked for.
  var logs: [FitCommand.TableKind: Table] = [:]
  /// Whether the numbers may be believed; a solver that did not converge says no.
  var isConverged = true
}

/// Fits a formula to a table: a validated plan of what the options ask for.
protocol FormulaFitter: Sendable {
  /// The formula as it is printed.
  var formulaText: String { get }
  /// Columns that the formula reads, on either side.
  var columnsRead: [String] { get }
  /// Columns that the left side reads.
  var responseColumns: [String] { get }
  /// Whether rows of migrations that were not completed are part of the method.
  var wantsCensoredRows: Bool { get }

  func fit(_ table: Table) throws -> FittedFormula
}
