import ArgumentParser
import Calibration
import Foundation
import ModelCore
import Reporting

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Hold models against a trace: who predicts it best, and by how much.",
    discussion: """
      Models with parameters are fitted in grouped cross-validation, so that no row is predicted \
      by a fit that has seen its group; the rest are evaluated as they are.

        cutover compare trace.csv --where 'technique=precopy' \\
          --models memory-over-bandwidth,liu.capped+used,qemu.precopy --target total_time_s

      With --fit: whether a site still migrates as it did when a calibrated fit was made, on rows \
      that came after it.

        cutover compare --fit site.json new.csv
      """)

  @OptionGroup var input: TraceArguments

  @Option(
    help:
      """
      Model ids, separated by commas, or 'all' that give the targets; calibrated is fitted, \
      stacked weighs the models of the literature beside it.
      """)
  var models: String?

  @Option(help: "Test a saved calibrated fit for drift on these rows, in place of --models.")
  var fit: String?

  @Option(
    help: "With the model calibrated: leave these parts of its physics out, separated by commas.")
  var without: String?

  @Flag(help: "With --fit: exit with 1 when it has drifted.")
  var strict = false

  @Option(help: "Outcome columns, separated by commas.")
  var target = "total_time_s,downtime_s"

  @Option(help: "Folds of the cross-validation.")
  var folds = 5

  @Option(help: "Seed of the assignment to folds.")
  var seed: UInt64 = 1

  @Option(help: "Split the scores by the values of this column.")
  var by: String?

  @Option(help: "How the result is printed: text, csv, json or markdown.")
  var format = OutputFormat.text

  @Option(
    name: .shortAndLong,
    help: "Also write the tables into this directory, which is made if need be.")
  var output: String?

  @Option(help: "Round numbers to this many significant digits (text: 6 unless given).")
  var digits: Int?

  private func check() throws {
    if folds < 2 { throw UsageError("--folds: \(folds) is too few; at least 2 are needed") }
    guard (models == nil) != (fit == nil) else {
      throw UsageError("say what to compare: --models IDS, or --fit FILE for drift")
    }
    if strict, fit == nil { throw UsageError("--strict goes with --fit") }
    if without != nil, fit != nil { throw UsageError("--without goes with --models") }
    try checkDigits(digits)
    try input.rows.check()
  }

  func run() throws {
    try check()
    if let fit { return try drift(fit) }
    let models = models ?? ""
    let targets = try targetList()
    let list = try modelList(models, targets)
    let request = ComparisonRequest(
      models: list, targets: targets, folds: folds, seed: seed, splitColumn: by,
      without: try parts(list))
    let directory = try output.map { path throws(OutputError) in try OutputDirectory(path: path) }
    let table = try input.read().table
    let progress = ProgressLine(title: "comparing")
    let comparison = try Comparison(table, request, progress: progress.update)
    progress.finish()

    let report = try report(comparison, table)
    let destination = try Destination(path: nil, format: format)
    try destination.write(report, significantDigits: digits)
    try directory?.write(report, predictions: try comparison.predictionTable(), digits: digits)
    try destination.commit()
  }

  private func parts(_ models: [String]) throws -> Set<CalibratedPhysics> {
    guard let without else { return [] }
    guard models.contains(CalibratedModel.id) else {
      throw UsageError("--without goes with the model \(CalibratedModel.id) in --models")
    }
    let parts = Set(try CalibratedOptions.parts(without))
    guard !parts.contains(.residuals) else {
      throw UsageError(
        "--without: a comparison applies no \(CalibratedPhysics.residuals.rawValue); "
          + "it would cost a cross-validation within every fold")
    }
    return parts
  }

  private func report(_ comparison: Comparison, _ table: Table) throws -> Report {
    let scores = try Comparison.table(of: try comparison.scores(), splitColumn: by)
    var report = Report()
    let source = (table.source as NSString?)?.lastPathComponent ?? "standard input"
    report.add(
      title: "Comparison of \(comparison.models.count) models on "
        + "\(comparison.records.count) migrations")
    report.add(
      paragraph: "Data: \(source)" + (input.rows.filter.map { ", rows where \($0)" } ?? ""))
    try report.add(scores, name: "comparison")
    let parameters = try comparison.parameterTable()
    if parameters.rowCount > 0 {
      report.add(paragraph: "Parameters, fitted on all completed rows:")
      try report.add(parameters, name: "parameters")
    }
    report.add(notes: comparison.notes())
    return report
  }

  private func drift(_ path: String) throws {
    let model = try CalibratedOptions.fit(path, option: "--fit")
    let drift = try CalibrationDrift(model, try input.read().table)
    var report = Report()
    report.add(title: "Does the fit still hold?")
    report.add(
      paragraph: drift.hasDrifted
        ? "No: at least one outcome has drifted. Refine the fit with 'cutover fit --warm-start'."
        : "Yes, as far as these rows tell.")
    try report.add(try drift.table(), name: "drift")
    var notes = [
      "median_ratio: observed / predicted; sign_p_value: as often above as below 1;"
        + " coverage_p_value: 90 % intervals hold nine in ten. Exact, two-sided.",
      "drifted: a p-value below 0.05 / 8, for two tests of four outcomes.",
      "Rows that taught the fit prove nothing here: give rows that came after it.",
    ]
    if drift.unanswered > 0 {
      notes.append(
        "\(drift.unanswered) completed rows are left out: "
          + "memory or bandwidth is missing, or the technique is none that it describes.")
    }
    report.add(notes: notes)
    let destination = try Destination(path: nil, format: format)
    try destination.write(report, significantDigits: digits)
    try destination.commit()
    if strict, drift.hasDrifted { throw NegativeVerdict(message: "the fit has drifted") }
  }

  private func targetList() throws -> [Target] {
    var targets: [Target] = []
    for name in try ModelSelection.list(target) {
      guard let known = Target(rawValue: name) else {
        let names = Target.allCases.map(\.column)
        throw UsageError(
          "--target: no target \"\(name)\""
            + (nearestWords(to: name, among: names).isEmpty
              ? "; targets are \(names.joined(separator: ", "))"
              : suggestion(nearestWords(to: name, among: names))))
      }
      if targets.contains(known) { throw UsageError("--target: \(name) is listed twice") }
      targets.append(known)
    }
    return targets
  }

  private func modelList(_ models: String, _ targets: [Target]) throws -> [String] {
    guard models == "all" else { return try ModelSelection.list(models) }
    return Comparison.models(giving: targets)
  }
}
