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
      """)

  @OptionGroup var input: TraceArguments

  @Option(help: "Model ids, separated by commas, or 'all' that give the targets.")
  var models: String

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
    try checkDigits(digits)
    try input.rows.check()
  }

  func run() throws {
    try check()
    let targets = try targetList()
    let request = ComparisonRequest(
      models: try modelList(targets), targets: targets, folds: folds, seed: seed, splitColumn: by)
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

  private func modelList(_ targets: [Target]) throws -> [String] {
    guard models == "all" else { return try ModelSelection.list(models) }
    return Comparison.models(giving: targets)
  }
}
