import ArgumentParser
import MigrationModels
import ModelCore
import Quantities
import Reporting

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Predict one migration from options, or a file of them.",
    discussion: """
      One scenario:
        cutover predict --model qemu.precopy --memory 8GiB --used 3GiB --bandwidth 1Gbit/s \\
          --dirty-rate 20MiB/s --downtime-limit 300ms
      A file, row by row in order, to the same columns and more:
        cutover predict --model all --scenarios plan.csv -o out.csv
        cutover predict --fit fit.json --scenarios plan.csv -o out.csv
        cutover predict --fit site.json --scenarios plan.csv --interval 90 -o out.csv
      Which machine of a file is the cheapest to move, and how to split a link among all of them:
        cutover predict --model liu.energy --scenarios candidates.csv --choose \\
          --weights downtime=2,total-time=1,traffic=1,energy=1
        cutover predict --model cerroni.single --scenarios group.csv --split-link 10Gbit/s
      """)

  @Option(help: "Model ids, separated by commas, or 'all'; see 'cutover models list'.")
  var model: String?

  @Option(help: "A fit that 'cutover fit -o' saved, in place of --model.")
  var fit: String?

  @Option(help: "Prediction intervals of this many per cent, such as 90, of a calibrated fit.")
  var interval: Double?

  @Option(help: "Set a parameter of the model, in SI: NAME=VALUE; may be repeated.")
  var parameter: [String] = []

  @Option(help: "Predict every row of this trace (CSV; - for stdin).")
  var scenarios: String?

  @Flag(help: "Order the rows of --scenarios by cost, the cheapest to move first.")
  var choose = false

  @Option(
    help: "What counts: total-time=1,downtime=2,traffic=1,energy=1; all alike if not given.")
  var weights: String?

  @Option(
    help: "Migrate the rows of --scenarios together, and split this rate among them at least cost.",
    transform: quantity(ByteRate.self))
  var splitLink: ByteRate?

  @Flag(help: "Print every transfer of the migration.")
  var rounds = false

  @Flag(help: "Exit with status 1 when a migration does not converge.")
  var strict = false

  @OptionGroup(title: "Scenario") var scenario: ScenarioOptions
  @OptionGroup(title: "Rows of --scenarios") var rows: RowOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  /// Checks in `run`, not in `validate()`: a misspelt option is to be named before what its
  /// absence leaves undone.
  private func check() throws {
    switch (model, fit) {
    case (nil, nil): throw UsageError("Say which model: --model ID, or --fit FILE")
    case (.some, .some): throw UsageError("--model and --fit exclude each other")
    default: break
    }
    if scenarios != nil, !scenario.isEmpty {
      throw UsageError("--scenarios and the options of one scenario exclude each other")
    }
    if scenarios != nil, rounds {
      throw UsageError("--rounds goes with one scenario, not with --scenarios")
    }
    if scenarios == nil, rows.filter != nil || rows.lenient {
      throw UsageError("--where and --lenient choose rows of --scenarios FILE")
    }
    if scenarios == nil, choose || splitLink != nil {
      throw UsageError("--choose and --split-link compare the rows of --scenarios FILE")
    }
    if choose, splitLink != nil {
      throw UsageError("--choose and --split-link exclude each other")
    }
    if weights != nil, !choose, splitLink == nil {
      throw UsageError("--weights goes with --choose or --split-link")
    }
    if fit != nil, choose || splitLink != nil {
      throw UsageError("--choose and --split-link go with --model")
    }
    try rows.check()
    if let interval {
      guard interval > 0, interval < 100 else {
        throw UsageError("--interval: \(interval) is not between 0 and 100, such as 90")
      }
      guard fit != nil else { throw UsageError("--interval goes with --fit FILE") }
    }
    if fit != nil, !parameter.isEmpty {
      throw UsageError("--parameter goes with --model; a fit brings its own")
    }
  }

  func run() throws {
    try check()
    if let fit {
      try PredictFromFit(path: fit, command: self).run()
      return
    }
    let selection = try ModelSelection(model ?? "", parameters: parameter)
    if let scenarios, choose || splitLink != nil {
      let group = try GroupPrediction(selection, path: scenarios, rows: rows, weights: weights)
      if let splitLink {
        try group.split(splitLink, output: output)
      } else {
        try group.choose(output: output)
      }
    } else if let scenarios {
      try predictRows(of: scenarios, selection)
    } else {
      try predictOne(selection)
    }
  }

  /// One scenario; shared with a fitted model.
  func predictOne(_ selection: ModelSelection) throws {
    let scenario = try scenario.scenario()
    var answers: [Answer] = []
    for model in selection.models {
      let answer: Answer
      do {
        answer = try Answer(model, scenario, recordingRounds: rounds)
      } catch {
        // A parameter that the model found wrong only beside the others was typed all the same.
        guard case .parameterOutOfDomain = error else { throw error }
        throw UsageError("--parameter: \(model.id): \(error)")
      }
      if let column = answer.missing {
        let words = "\(model.id) needs \(optionName(forColumn: column)) (\(column))"
        guard selection.isAll else { throw CannotAnswer(description: words) }
        say("left out: \(words)")
      } else if let technique = answer.outOfScope {
        let words = "\(model.id) does not describe technique \(technique)"
        guard selection.isAll else { throw CannotAnswer(description: words) }
        say("left out: \(words)")
      } else {
        answers.append(answer)
        if let remark = answer.remark { say("\(model.id): \(remark)") }
      }
    }
    guard !answers.isEmpty else {
      throw CannotAnswer(description: "no model can answer with the options given")
    }
    let table = rounds ? try roundTable(answers) : try summaryTable(answers, selection.models)
    try output.write(Report(table, name: "predictions"))
    try checkStrict(answers.compactMap(\.prediction))
  }

  private func summaryTable(_ answers: [Answer], _ models: [any MigrationModel]) throws -> Table {
    try Table(
      PredictionColumn.columns(for: models).map { $0.column(answers, name: $0.rawValue) })
  }

  /// One row per transfer, each with the totals of its migration.
  private func roundTable(_ answers: [Answer]) throws -> Table {
    let lines = answers.flatMap { answer in
      (answer.prediction?.rounds ?? []).map { (answer, $0) }
    }
    return try Table([
      Column("model", text: lines.map(\.0.model)),
      Column("round", numbers: lines.map { Double($0.1.index) }),
      Column("phase", text: lines.map(\.1.phase.rawValue)),
      Column("start_s", numbers: lines.map(\.1.start.siValue)),
      Column("duration_s", numbers: lines.map(\.1.duration.siValue)),
      Column("round_bytes", numbers: lines.map(\.1.transferredBytes.siValue)),
      Column("dirtied_bytes", numbers: lines.map(\.1.dirtiedBytes.siValue)),
      Column("converged", flags: lines.map(\.0.converged)),
      Column("termination", text: lines.map(\.0.termination)),
      Column("total_time_s", numbers: lines.map { $0.0.prediction?.totalMigrationTime?.siValue }),
      Column("downtime_s", numbers: lines.map { $0.0.prediction?.downtime?.siValue }),
    ])
  }

  /// Every row of a trace; shared with a fitted model.
  func predictRows(of path: String, _ selection: ModelSelection) throws {
    let format = try output.resolvedFormat()
    let summary: BatchSummary
    if format == .csv, rows.filter == nil, output.digits == nil {
      summary = try BatchPrediction(path: path, models: selection.models, rows: rows)
        .stream(to: try output.destination())
    } else {
      summary = try BatchPrediction(path: path, models: selection.models, rows: rows)
        .write(to: output)
    }
    summary.report()
    if strict, summary.notConverged > 0 {
      throw NegativeVerdict(message: "\(summary.notConverged) predictions do not converge")
    }
  }

  private func checkStrict(_ predictions: [MigrationPrediction]) throws {
    guard strict else { return }
    let failing = predictions.count { !$0.converged }
    if failing > 0 {
      throw NegativeVerdict(
        message: "\(failing) of \(predictions.count) predictions do not converge")
    }
  }
}

/// This model cannot answer this: exit status 69.
struct CannotAnswer: Failure {
  let description: String
  var category: FailureCategory { .cannotAnswer }
}
