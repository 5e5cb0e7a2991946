import ArgumentParser
import ModelCore
import Reporting
import Traces

struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Make a trace of logs, say what it holds, and what is wrong with it.",
    subcommands: [
      InfoCommand.self, CheckCommand.self, ConvertCommand.self, RecordCommand.self,
      DirtyCommand.self, GenerateCommand.self,
    ])

  struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "info",
      abstract: "Rows, columns with role, unit and range, techniques and statuses.")

    @Argument(help: "A trace (CSV) or the log of a platform, plain, gzip or zstd; - for stdin.")
    var trace: String

    @Flag(help: "Leave out rows that cannot be read, and count them on stderr.")
    var lenient = false

    @Option(help: "With --lenient: write the rows left out to this file.")
    var skipped: String?

    @OptionGroup var output: OutputOptions

    func run() throws {
      try requireLenient(skipped, lenient)
      let read = try readTrace(trace, options: TraceOptions(), lenient: lenient, skipped: skipped)
      let info = try TraceInfo(read)
      var report = Report()
      report.add(title: "\(read.table.source ?? trace): \(info.rowCount) rows")
      report.add(paragraph: facts(info).joined(separator: "\n"))
      try report.add(info.columns, name: "columns")
      report.add(
        notes: read.mixedColumns.map {
          "\($0.name) is taken for text: \($0.numericCount) cells are numbers, \($0.textCount) are "
            + "not; the first of these: \($0.firstText)"
        })
      try output.write(report)
    }

    private func facts(_ info: TraceInfo) -> [String] {
      func list(_ title: String, _ counts: [TraceInfo.WordCount]) -> String? {
        guard !counts.isEmpty else { return nil }
        return "\(title): " + counts.map { "\($0.word) \($0.count)" }.joined(separator: ", ")
      }
      return [
        list("techniques", info.techniques), list("statuses", info.statuses),
        "censored rows: \(info.censoredCount)", "groups: \(info.groupCount)",
      ].compactMap { $0 }
    }
  }

  struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "List values outside their domain and rows that contradict themselves.",
      discussion: """
        Errors are values that no migration can have; warnings are what real logs hold and a \
        reader should know. The exit status is 65 when there are errors.
        """)

    @Argument(help: "A trace (CSV) or the log of a platform, plain, gzip or zstd; - for stdin.")
    var trace: String

    @OptionGroup var output: OutputOptions

    func run() throws {
      let check = try TraceCheck(reading: TraceReader(path: trace))
      var report = Report()
      report.add(
        title: "\(check.file): \(check.rowCount) rows, \(check.errorCount) errors, "
          + "\(check.warningCount) warnings")
      try report.add(try check.table(), name: "findings")
      sayConversion(check.conversion)
      report.add(notes: check.remainder.map { [$0] } ?? [])
      try output.write(report)
      if check.errorCount > 0 {
        throw TraceHasErrors(file: check.file, count: check.errorCount)
      }
    }

    private struct TraceHasErrors: Failure {
      let file: String
      let count: Int
      var category: FailureCategory { .badData }
      var description: String { "\(file): \(count) errors" }
    }
  }
}
