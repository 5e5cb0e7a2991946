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
        cutover fit data.csv --nls 'y ~ b1*(1-exp(-b2*x))' --start b1=500,b2=0.0001

      Formulas are R's: + - : * ^ I() poly() log exp sqrt 0+ C(). Outcomes of a migration are \
      refused as inputs. A fit with log(y) on the left predicts y, with Duan's smearing factor.
      """)

  enum TableKind: String, ExpressibleByArgument, CaseIterable {
    case tidy, glance, augment
  }

  @OptionGroup var input: TraceArguments

  @Option(help: "A migration model with parameters; see 'cutover models list'.")
  var model: String?

  @Option(help: "A linear formula in R's notation, such as 'log(y) ~ log(x / z) + f'.")
  var formula: String?

  @Option(help: "A formula that is not linear in its parameters, such as 'y ~ a*exp(-b*x)'.")
  var nls: String?

  @Option(help: "One fit per value of this column.")
  var by: String?

  @Option(help: "Print only this table: tidy (terms), glance (summary) or augment (rows).")
  var table: TableKind?

  @Option(help: "How the result is printed: text, csv, json or markdown.")
  var format = OutputFormat.text

  @Option(name: .shortAndLong, help: "Save the fit to this file (JSON), for predict --fit.")
  var output: String?

  @Option(help: "Round numbers to this many significant digits (text: 6 unless given).")
  var digits: Int?

  @OptionGroup(title: "Formulas") var options: FormulaOptions

  private func check() throws {
    guard [model, formula, nls].count(where: { $0 != nil }) == 1 else {
      throw UsageError("say what to fit: one of --model ID, --formula F and --nls F")
    }
    if model != nil, let word = options.typedWords.first ?? by.map({ _ in "--by" }) {
      throw UsageError("\(word) goes with --formula or --nls, not with --model")
    }
    guard options.level > 0, options.level < 1 else {
      throw UsageError("--level: \(options.level) is not between 0 and 1, such as 0.95")
    }
    if by != nil, output != nil {
      throw UsageError("-o saves one fit; --by makes many")
    }
    try checkDigits(digits)
    try input.rows.check()
  }

  func run() throws {
    try check()
    let file = try output.map { path throws(OutputError) in try OutputFile(path: path) }
    let (report, saved) = try fitted()
    let destination = try Destination(path: nil, format: format)
    try destination.write(report, significantDigits: digits)
    if let file, let saved {
      try file.append(try saved.encoded())
      try file.commit()
    }
    try destination.commit()
  }

  private func fitted() throws -> (Report, SavedFit?) {
    if let model {
      let fit = try ModelFit(model, try input.read().table)
      let report = try report(
        title: "\(fit.fitted.model.id) fitted to \(fit.fitted.trainingRows) migrations",
        tidy: fit.tidy, glance: fit.glance, augment: fit.augment, notes: fit.notes())
      return (report, .model(fit.fitted.model))
    }
    if let nls { return try fitFormula(try NonlinearFitter(nls, options)) }
    return try fitFormula(try LinearFitter(formula ?? "", options))
  }

  private func fitFormula(_ fitter: some FormulaFitter) throws -> (Report, SavedFit?) {
    let rows = try input.read()
    try MixedColumn.refuse(rows.mixedColumns, reading: fitter.columnsRead)
    let keepsAll = options.keepCensored || fitter.wantsCensoredRows
    let (data, censored) =
      keepsAll ? (rows.table, 0) : completed(rows.table, fitter.responseColumns)
    var notes: [String] = []
    if censored > 0 {
      notes.append(
        "\(censored) rows are left out: their migrations were not completed, so their times are "
          + "lower bounds (--keep-censored takes them for times, --method tobit for bounds).")
    }
    if let by { return (try grouped(data, by, fitter, notes), nil) }
    let fitted = try fitter.fit(data)
    if !fitted.isConverged { say("the fit did not converge: \(fitted.fit.notes.first ?? "")") }
    let report = try report(
      title: "\(fitter.formulaText): \(fitted.fit.method)", tidy: fitted.fit.tidy,
      glance: fitted.fit.glance, augment: fitted.fit.augment, notes: notes + fitted.fit.notes,
      extras: fitted.extras)
    return (report, fitted.saved)
  }

  private func grouped(
    _ data: Table, _ column: String, _ fitter: some FormulaFitter, _ notes: [String]
  ) throws -> Report {
    let groups = try GroupedFit(data, by: column, fitter)
    guard !groups.fitted.isEmpty else {
      throw CannotAnswer(description: groups.notes.first ?? "no group could be fitted")
    }
    return try report(
      title: "\(fitter.formulaText), by \(column)",
      tidy: { try groups.stacked { try $0.fit.tidy() } },
      glance: { try groups.stacked { try $0.fit.glance() } },
      augment: { throw UsageError("--table augment does not go with --by") },
      notes: notes + groups.notes)
  }

  private func report(
    title: String, tidy: () throws -> Table, glance: () throws -> Table,
    augment: () throws -> Table, notes: [String], extras: [(name: String, table: Table)] = []
  ) throws -> Report {
    switch table {
    case .tidy: return Report(try tidy(), name: "tidy")
    case .glance: return Report(try glance(), name: "glance")
    case .augment: return Report(try augment(), name: "augment")
    case nil:
      var report = Report()
      report.add(title: title)
      try report.add(try tidy(), name: "tidy")
      try report.add(try glance(), name: "glance")
      for extra in extras { try report.add(extra.table, name: extra.name) }
      report.add(notes: notes)
      return report
    }
  }

  /// The rows whose outcome is one: times of a migration that was not completed are lower
  /// bounds, and a fit that takes them for times would be too short.
  private func completed(_ table: Table, _ response: [String]) -> (Table, leftOut: Int) {
    guard response.contains(where: { Glossary.role(of: $0) == .outcome }),
      let statuses = table.textIfPresent("status")
    else { return (table, 0) }
    let kept = (0..<table.rowCount).filter { row in
      statuses[row].map { $0 == "completed" } ?? true
    }
    return kept.count == table.rowCount
      ? (table, 0) : (table.selecting(kept), table.rowCount - kept.count)
  }
}

extension MixedColumn {
  /// Refuses to take a column of numbers with a stray word for a factor.
  static func refuse(_ columns: [MixedColumn], reading names: [String]) throws {
    let read = Set(names)
    if let column = columns.first(where: {
      read.contains($0.name) && $0.numericCount > $0.textCount
    }) {
      throw column.firstText
    }
  }
}
