import ArgumentParser
import ModelCore
import Reporting
import Traces

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Turn the logs of a platform into the trace table.",
    discussion: """
      The kind of a log is told by its beginning; --from says it where that fails. A file's name \
      becomes the id of its row. A folder stands for all files below it; those of no known kind \
      are left out, with a reason.

        cutover trace convert migrations/ -o trace.csv --set technique=precopy
        cutover trace convert jobs.csv --map 'total_time_s=duration_ms/1000' \\
          --map 'memory_bytes=ram_gb*1e9' \\
          --map 'status=state{ok=completed,error=failed}' -o trace.csv

      KINDS
      \(LogKind.allCases.map { "  \($0.rawValue): \($0.title)" }.joined(separator: "\n"))
      """)

  @Argument(help: "Logs or folders of logs, plain, gzip or zstd; - for stdin.")
  var files: [String]

  @Option(help: "The kind of all the logs.")
  var from: LogKind?

  @Option(help: "Write the polls to this file, one row each (CSV).")
  var samples: String?

  @Option(help: "Write the dirty rates that were measured to this file, with their windows (CSV).")
  var curves: String?

  @Option(
    help: """
      COLUMN=VALUE in every row, in SI: technique=precopy; or COLUMN=OTHER-COLUMN to copy one; may \
      be repeated.
      """)
  var set: [String] = []

  @Option(
    help: """
      COLUMN=EXPRESSION for CSV of another origin, or a file of such lines; COLUMN=NAME{a=b,...} \
      replaces words; may be repeated.
      """)
  var map: [String] = []

  @Flag(help: "Leave out files that cannot be read, and count them on stderr.")
  var lenient = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    let fixed = try FixedColumns(set)
    var options = LogOptions()
    options.kind = from
    options.wantsSamples = samples != nil
    if from != nil, from != .csv, !map.isEmpty {
      throw UsageError("--map goes with --from csv; \(from?.rawValue ?? "") is read by itself")
    }
    let mapping = try MappingOptions.mappings(map)
    let paths = try LogPaths(files)
    // Opened before the work, so that a bad path fails first.
    let table = output.output == nil && curves != nil ? nil : try output.destination()
    let samplesFile = try samples.map { path throws(OutputError) in try CSVStream(path: path) }
    let curvesFile = try curves.map { path throws(OutputError) in try OutputFile(path: path) }

    var run = ConversionRun(
      paths: paths, samples: samplesFile, isLenient: lenient)
    run.convert(LogConverter(options: options, mapping: mapping))
    try run.check()
    let rows = run.rows
    guard !rows.isEmpty || (curves != nil && !run.readings.isEmpty && output.output == nil) else {
      throw NothingConverted(description: run.whyNothing)
    }
    if !rows.isEmpty {
      let result = try fixed.applied(to: try LogTables.trace(rows))
      let destination = try table ?? output.destination()
      try destination.write(Report(result, name: "trace"), significantDigits: output.digits)
      try destination.commit()
    }
    try run.samples?.commit()
    if let curvesFile {
      let curve = try LogTables.curves(run.readings)
      try curvesFile.append(try ReportRenderer(format: .csv).render(Report(curve, name: "curves")))
      try curvesFile.commit()
    }
    run.report()
  }
}

/// There is no row to write: exit status 65.
struct NothingConverted: Failure {
  let description: String
  var category: FailureCategory { .badData }
}
