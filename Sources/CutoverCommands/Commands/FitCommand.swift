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
        cutover fit trace.csv --model calibrated -o site.json
        cutover fit data.csv --nls 'y ~ b1*(1-exp(-b2*x))' --start b1=500,b2=0.0001

      Formulas are R's: + - : * ^ I() poly() log exp sqrt 0+ C(). Outcomes of a migration are \
      refused as inputs. A fit with log(y) on the left predicts y, with Duan's smearing factor.
      """)

  enum TableKind: String, ExpressibleByArgument, CaseIterable {
    case tidy, glance, augment, runs, iterations
  }

  @Argument(help: "A trace, or any CSV with a header, plain, gzip or zstd; - for stdin.")
  var trace: String?

  @OptionGroup var rows: RowOptions

  @Option(help: "A migration model with parameters, or calibrated; see 'cutover models list'.")
  var model: String?

  @Option(
    help: "With --model calibrated: leave these parts of the physics out, separated by commas.")
  var without: String?

  @Option(
    help: "With --model calibrated: refine this earlier fit with rows that it has not seen.")
  var warmStart: String?

  @Option(
    help:
      """
      With --warm-start, for rows of another site: refit these parameters only, separated by \
      commas, and hold the rest; bandwidth and fixed-costs name groups of them.
      """)
  var free: String?

  @Option(help: "A linear formula in R's notation, such as 'log(y) ~ log(x / z) + f'.")
  var formula: String?

  @Option(help: "A formula that is not linear in its parameters, such as 'y ~ a*exp(-b*x)'.")
  var nls: String?

  @Option(help: "One fit per value of this column.")
  var by: String?

  @Flag(help: "Read rows once and keep none: constant memory; large files are read so anyway.")
  var stream = false

  @Option(help: "Save what was learned of the rows to this file, to be merged with others.")
  var stateOut: String?

  @Option(parsing: .upToNextOption, help: "Fit from saved states in place of a trace.")
  var merge: [String] = []

  @Option(
    help:
      """
      Print only this table: tidy (terms), glance (summary), augment (rows); of --nls also runs \
      (starts and ends) and iterations (the log).
      """)
  var table: TableKind?

  @Option(help: "How the result is printed: text, csv, json or markdown.")
  var format = OutputFormat.text

  @Option(name: .shortAndLong, help: "Save the fit to this file (JSON), for predict --fit.")
  var output: String?

  @Option(help: "Round numbers to this many significant digits (text: 6 unless given).")
  var digits: Int?

  @OptionGroup(title: "Formulas") var options: FormulaOptions

  @OptionGroup(title: "Examination of least squares") var examination: ExaminationOptions

  private func check() throws {
    try checkInput()
    guard merge.isEmpty else { return }
    guard [model, formula, nls].count(where: { $0 != nil }) == 1 else {
      throw UsageError("say what to fit: one of --model ID, --formula F and --nls F")
    }
    if model != nil, let word = options.typedWords.first ?? by.map({ _ in "--by" }) {
      throw UsageError("\(word) goes with --formula or --nls, not with --model")
    }
    if let word = without.map({ _ in "--without" }) ?? warmStart.map({ _ in "--warm-start" })
      ?? free.map({ _ in "--free" }),
      model != CalibratedModel.id
    {
      throw UsageError("\(word) goes with --model \(CalibratedModel.id)")
    }
    if free != nil, warmStart == nil {
      throw UsageError("--free needs --warm-start FIT: the rest is held at that fit's values")
    }
    guard options.level > 0, options.level < 1 else {
      throw UsageError("--level: \(options.level) is not between 0 and 1, such as 0.95")
    }
    if by != nil, output != nil {
      throw UsageError("-o saves one fit; --by makes many")
    }
    try checkDigits(digits)
    try rows.check()
    try checkExtras()
  }

  /// Where the rows come from.
  private func checkInput() throws {
    if merge.isEmpty {
      guard trace != nil else { throw UsageError("say which file to fit to; - reads stdin") }
      return
    }
    guard trace == nil, model == nil, formula == nil, nls == nil, rows.filter == nil else {
      throw UsageError("--merge fits from states alone: give no trace, formula or --where")
    }
    guard table != .augment else {
      throw UsageError("--table augment needs the rows, which states do not keep")
    }
    try checkDigits(digits)
  }

  /// What only least squares of rows in memory, or only a stream, can do.
  private func checkExtras() throws {
    let isPlain =
      formula != nil && options.method == .ols && options.se == nil && options.select == nil
      && by == nil
    if let word = examination.typedWords.first, !isPlain {
      throw UsageError(
        "\(word) goes with --formula, --method ols, without --se, --select and --by")
    }
    try examination.check()
    if stream || stateOut != nil {
      guard isPlain, examination.typedWords.isEmpty, table != .augment else {
        throw UsageError(
          "--stream and --state-out keep no rows: they go with --formula and --method ols, and "
            + "without --se, --select, --by, --table augment and every examination")
      }
    }
  }

  /// Whether rows are read once and not kept.
  private var streams: Bool {
    guard let trace, formula != nil else { return false }
    if stream || stateOut != nil { return true }
    return options.method == .ols && options.se == nil && options.select == nil && by == nil
      && examination.typedWords.isEmpty && table != .augment
      && StreamedFitting.isLarge(trace)
  }

  func run() throws {
    try check()
    let file = try output.map { path throws(OutputError) in try OutputFile(path: path) }
    let outcome = try fitted()
    let destination = try Destination(path: nil, format: format)
    try destination.write(outcome.report, significantDigits: digits)
    if let file, let saved = outcome.saved, outcome.isConverged {
      try file.append(try saved.encoded())
      try file.commit()
    }
    try destination.commit()
    if !outcome.isConverged {
      throw NegativeVerdict(
        message: "the fit did not converge" + (file == nil ? "" : ", so it is not saved")
          + "; see the notes for where it ended")
    }
  }

  private struct Outcome {
    let report: Report
    var saved: SavedFit?
    var isConverged = true
  }

  private func fitted() throws -> Outcome {
    if !merge.isEmpty {
      return try outcome(try StateFile.merged(merge).fit(level: options.level), notes: [])
    }
    if streams { return try fitStream(formula ?? "", path: trace ?? "-") }
    if let model, model == CalibratedModel.id {
      return try fitCalibrated()
    }
    if let model {
      let fit = try ModelFit(model, try rows.read(trace ?? "-").table)
      let report = try report(
        title: "\(fit.fitted.model.id) fitted to \(fit.fitted.trainingRows) migrations",
        tidy: fit.tidy, glance: fit.glance, augment: fit.augment, notes: fit.notes())
      return Outcome(report: report, saved: .model(fit.fitted.model))
    }
    if let nls { return try fitFormula(try NonlinearFitter(nls, options)) }
    return try fitFormula(try LinearFitter(formula ?? "", options))
  }

  private func fitCalibrated() throws -> Outcome {
    let table = try rows.read(trace ?? "-").table
    let progress = ProgressLine(title: "fitting")
    progress.update(0)
    let estimator = CalibratedEstimator(
      without: Set(try CalibratedOptions.parts(without)),
      previous: try warmStart.map { try CalibratedOptions.fit($0, option: "--warm-start") },
      free: try free.map { Set(try CalibratedOptions.parameters($0)) })
    let fit = try CalibratedFit(table, estimator: estimator)
    progress.finish()
    var report = try report(
      title: "\(CalibratedModel.id) fitted to \(fit.model.trainingRows) migrations",
      tidy: fit.tidy, glance: fit.glance, augment: fit.augment, notes: fit.notes())
    let terms = try fit.residualTerms()
    if self.table == nil, terms.rowCount > 0 {
      report.add(paragraph: "What the physics leaves, log(observed / predicted) of rows held out:")
      try report.add(terms, name: "residual_terms")
    }
    if self.table == nil {
      report.add(
        paragraph: "Errors on the rows that taught it, and what is left of them when what no row "
          + "states is taken as its own outcomes give it away:")
      try report.add(try fit.hiddenErrors(), name: "hidden_errors")
    }
    return Outcome(report: report, saved: .calibrated(fit.model))
  }

  private func fitStream(_ text: String, path: String) throws -> Outcome {
    let state = try stateOut.map { path throws(OutputError) in try OutputFile(path: path) }
    let outcome = try StreamedFitting(
      formula: try LinearFitter.checkedFormula(text, options),
      weights: try options.weights.map { text throws(FormulaError) in
        try Regression.Expression(parsing: text)
      }, path: path,
      filter: try rows.filter.map { text throws(RowFilterError) in
        try RowFilter(parsing: text)
      }, lenient: rows.lenient, skipped: rows.skipped, keepsCensored: options.keepCensored,
      level: options.level
    ).run()
    let result = try self.outcome(outcome.fit, notes: censoredNotes(outcome.censored))
    try state?.append(outcome.state.encoded())
    try state?.commit()
    return result
  }

  private func outcome(_ fit: StreamedFit, notes: [String]) throws -> Outcome {
    let report = try report(
      title: "\(fit.formulaText): \(fit.method)", tidy: fit.tidy, glance: fit.glance,
      augment: fit.augment, notes: notes + fit.notes)
    return Outcome(report: report, saved: .formula(fit.formulaFit))
  }

  private func censoredNotes(_ count: Int) -> [String] {
    count == 0
      ? []
      : [
        "\(count) rows are left out: their migrations were not completed, so their times are "
          + "lower bounds (--keep-censored takes them for times, --method tobit for bounds)."
      ]
  }

  private func fitFormula(_ fitter: some FormulaFitter) throws -> Outcome {
    let rows = try rows.read(trace ?? "-")
    try MixedColumn.refuse(rows.mixedColumns, reading: fitter.columnsRead)
    let keepsAll = options.keepCensored || fitter.wantsCensoredRows
    let (data, censored) =
      keepsAll ? (rows.table, 0) : completed(rows.table, fitter.responseColumns)
    let notes = censoredNotes(censored)
    if let by { return Outcome(report: try grouped(data, by, fitter, notes)) }
    let fitted = try fitter.fit(data)
    if let fit = fitted.fit as? LinearFit, !examination.typedWords.isEmpty {
      return Outcome(report: try examined(fit, notes), saved: fitted.saved)
    }
    let report = try report(
      title: "\(fitter.formulaText): \(fitted.fit.method)", tidy: fitted.fit.tidy,
      glance: fitted.fit.glance, augment: fitted.fit.augment, notes: notes + fitted.fit.notes,
      extras: fitted.extras, logs: fitted.logs)
    return Outcome(report: report, saved: fitted.saved, isConverged: fitted.isConverged)
  }

  /// Least squares with what was asked for beyond its own tables.
  private func examined(_ fit: LinearFit, _ notes: [String]) throws -> Report {
    if examination.diagnose { return try FitExamination.diagnosis(fit, notes) }
    let found = try FitExamination(fit, examination, options)
    return try report(
      title: "\(fit.formulaText): \(fit.method)", tidy: found.tidy, glance: fit.glance,
      augment: found.augment, notes: notes + fit.notes + found.notes, extras: found.extras)
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
    augment: () throws -> Table, notes: [String], extras: [(name: String, table: Table)] = [],
    logs: [TableKind: Table] = [:]
  ) throws -> Report {
    switch table {
    case .tidy: return Report(try tidy(), name: "tidy")
    case .glance: return Report(try glance(), name: "glance")
    case .augment: return Report(try augment(), name: "augment")
    case .runs, .iterations:
      guard let table, let log = logs[table] else {
        throw UsageError("--table runs and --table iterations go with --nls, without --by")
      }
      return Report(log, name: table.rawValue)
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
