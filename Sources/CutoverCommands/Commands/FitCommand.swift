import ArgumentParser
import Calibration
import MigrationModels
import ModelCore
import Regression
import Reporting
import Traces

struct FitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Learn a model's parameters, or a formula's coefficients, from a trace.",
    discussion: """
        cutover fit trace.csv --model akoush.avg --where 'technique=precopy' -o fit.json
        cutover fit trace.csv -o fit.json \\
          --formula 'log(total_time_s) ~ log(used_bytes / bandwidth_bytes_per_s) + technique'

      Formulas are R's: + - : * ^ I() poly() log exp sqrt 0+ C(). Outcomes of a migration are \
      refused as inputs. A fit with log(y) on the left predicts y, with Duan's smearing factor.
      """)

  enum TableKind: String, ExpressibleByArgument, CaseIterable {
    case tidy, glance, augment
  }

  @OptionGroup var input: TraceArguments

  @Option(help: "A migration model with parameters; see 'cutover models list'.")
  var model: String?

  @Option(help: "A formula in R's notation, such as 'log(y) ~ log(x / z) + f'.")
  var formula: String?

  @Option(help: "Column, or arithmetic on columns, with the weight of each row (>= 0).")
  var weights: String?

  @Option(help: "Confidence of the intervals.")
  var level = 0.95

  @Option(help: "Permit this outcome as an input of the formula; may be repeated.")
  var allowOutcome: [String] = []

  @Flag(help: "Take the times of migrations that were not completed for times (a formula only).")
  var keepCensored = false

  @Option(help: "Print only this table: tidy (terms), glance (summary) or augment (rows).")
  var table: TableKind?

  @Option(help: "How the result is printed: text, csv, json or markdown.")
  var format = OutputFormat.text

  @Option(name: .shortAndLong, help: "Save the fit to this file (JSON), for predict --fit.")
  var output: String?

  @Option(help: "Round numbers to this many significant digits (text: 6 unless given).")
  var digits: Int?

  private func check() throws {
    switch (model, formula) {
    case (nil, nil): throw UsageError("Say what to fit: --model ID or --formula F")
    case (.some, .some): throw UsageError("--model and --formula exclude each other")
    default: break
    }
    if formula == nil, weights != nil || !allowOutcome.isEmpty || keepCensored {
      throw UsageError("--weights, --allow-outcome and --keep-censored go with --formula")
    }
    guard level > 0, level < 1 else {
      throw UsageError("--level: \(level) is not between 0 and 1, such as 0.95")
    }
    try checkDigits(digits)
    try input.rows.check()
  }

  func run() throws {
    try check()
    let file = try output.map { path throws(OutputError) in try OutputFile(path: path) }
    let result = try formula.map(fitFormula) ?? fitModel(model ?? "")
    let destination = try Destination(path: nil, format: format)
    try destination.write(try report(result), significantDigits: digits)
    try file?.append(try result.saved.encoded())
    try file?.commit()
    try destination.commit()
  }

  /// What either kind of fit gives.
  private struct FitResult {
    var title: String
    var saved: SavedFit
    var tidy: () throws -> Table
    var glance: () throws -> Table
    var augment: () throws -> Table
    var notes: [String]
  }

  private func report(_ result: FitResult) throws -> Report {
    switch table {
    case .tidy: return Report(try result.tidy(), name: "tidy")
    case .glance: return Report(try result.glance(), name: "glance")
    case .augment: return Report(try result.augment(), name: "augment")
    case nil:
      var report = Report()
      report.add(title: result.title)
      try report.add(try result.tidy(), name: "tidy")
      try report.add(try result.glance(), name: "glance")
      report.add(notes: result.notes)
      return report
    }
  }

  private func fitModel(_ id: String) throws -> FitResult {
    let fit = try ModelFit(id, try input.read().table)
    return FitResult(
      title: "\(fit.fitted.model.id) fitted to \(fit.fitted.trainingRows) migrations",
      saved: .model(fit.fitted.model), tidy: fit.tidy, glance: fit.glance, augment: fit.augment,
      notes: fit.notes())
  }

  private func fitFormula(_ text: String) throws -> FitResult {
    let formula = try Formula(text)
    try formula.checkRoles(allowing: Set(allowOutcome))
    for name in allowOutcome where !formula.columnsRead.contains(name) {
      throw UsageError("--allow-outcome: \(name) is not on the right side of the formula")
    }
    let weights = try self.weights.map { text throws(FormulaError) in
      try Expression(parsing: text)
    }
    let rows = try input.read()
    try MixedColumn.refuse(rows.mixedColumns, in: formula)
    let (table, censored) = keepCensored ? (rows.table, 0) : completed(rows.table, formula)
    let design = try Design(formula, table, weights: weights)
    let fit = try LeastSquares(level: level).fit(design)
    return FitResult(
      title: "\(formula) fitted to \(fit.summary.nobs) rows", saved: .formula(fit.formulaFit),
      tidy: fit.tidy, glance: fit.glance, augment: fit.augment,
      notes: notes(fit, censored: censored))
  }

  /// The rows whose outcome is one: times of a migration that was not completed are lower
  /// bounds, and a fit that takes them for times would be too short.
  private func completed(_ table: Table, _ formula: Formula) -> (Table, leftOut: Int) {
    guard formula.responseColumns.contains(where: { Glossary.role(of: $0) == .outcome }),
      let statuses = table.textIfPresent("status")
    else { return (table, 0) }
    let kept = (0..<table.rowCount).filter { row in
      statuses[row].map { $0 == "completed" } ?? true
    }
    return kept.count == table.rowCount
      ? (table, 0) : (table.selecting(kept), table.rowCount - kept.count)
  }

  private func notes(_ fit: LinearFit, censored: Int) -> [String] {
    var notes: [String] = []
    if censored > 0 {
      notes.append(
        "\(censored) rows are left out: their migrations were not completed, so their times are "
          + "lower bounds (--keep-censored takes them for times).")
    }
    return notes + fit.notes
  }
}

extension MixedColumn {
  /// Refuses a formula that would take a column of numbers with a stray word for a factor.
  static func refuse(_ columns: [MixedColumn], in formula: Formula) throws {
    let read = Set(formula.columnsRead + formula.responseColumns)
    if let column = columns.first(where: {
      read.contains($0.name) && $0.numericCount > $0.textCount
    }) {
      throw column.firstText
    }
  }
}
