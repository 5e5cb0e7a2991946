import ArgumentParser
import Benchmarking
import Foundation
import ModelCore
import Reporting
import Traces

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time Cutover on this machine, beside what one would take instead.",
    discussion: """
      Sides alternate in one run; a ratio above 1 says that Cutover is faster. Without --python \
      Cutover is timed alone. 'make bench' installs the peers and writes Reports/bench.

      EXAMPLES
        cutover bench --rows 1000000
        cutover bench growth --rows 1000000,10000000
        cutover bench instructions --limits Tests/Fixtures/instructions.csv --strict
      """,
    subcommands: [
      CompareJobs.self, GrowthCommand.self, ConvertCommand.self, QueueBenchCommand.self,
      InstructionsCommand.self, JobCommand.self, RowsCommand.self,
    ],
    defaultSubcommand: CompareJobs.self)

  /// What all timings have in common.
  struct Options: ParsableArguments {
    @Option(help: "An interpreter with the peers' libraries.")
    var python: String?

    @Option(help: "The script of the peers' jobs.")
    var peers = "Sources/Benchmarking/Peers/peers.py"

    @Option(help: "Folder for the tables that are read; kept for the next run.")
    var data = ".build/bench-data"

    @Option(help: "Runs of each side, after one that is not counted.")
    var rounds = 5

    @Option(help: "How the result is printed: text, csv, json or markdown.")
    var format = OutputFormat.text

    @Option(name: .shortAndLong, help: "Write the result to this directory too, as CSV and text.")
    var output: String?

    func write(_ table: Table, name: String) throws {
      let report = BenchReport.report(table)
      let destination = try Destination(path: nil, format: format)
      try destination.write(report, significantDigits: nil)
      if let output { try OutputDirectory(path: output).write(report, as: name) }
      try destination.commit()
    }

    func settings() throws -> BenchmarkSettings {
      if rounds < 1 { throw UsageError("--rounds: \(rounds) is too few; at least 1 is needed") }
      if python != nil, !FileManager.default.isReadableFile(atPath: peers) {
        throw UsageError("--peers: \(peers) cannot be read; give the script of the peers' jobs")
      }
      return BenchmarkSettings(
        cutover: try BenchCommand.itself(), peers: python.map { ($0, peers) }, folder: data,
        rounds: rounds)
    }
  }

  /// The path of this program.
  static func itself() throws -> String {
    guard let path = Bundle.main.executablePath else {
      throw UsageError("bench: the path of this program is not known")
    }
    return path
  }

  struct CompareJobs: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "compare", abstract: "Every job, beside its peer.")

    @OptionGroup var options: Options

    @Option(help: "Rows of the large tables.")
    var rows = 10_000_000

    @Option(help: "Only jobs whose name contains this.")
    var only: String?

    func run() throws {
      if rows < 10_000 { throw UsageError("--rows: \(rows) is too few; at least 10000 are needed") }
      let table = try Benchmarks.compare(try options.settings(), rows: rows, only: only) {
        say("timing \($0)")
      }
      try options.write(table, name: "compare")
    }
  }

  struct GrowthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "growth", abstract: "The same streamed fit of ever more rows.")

    @OptionGroup var options: Options

    @Option(help: "Numbers of rows, separated by commas.")
    var rows = "1000000,10000000,100000000"

    func run() throws {
      let numbers = try ModelSelection.list(rows).map { word in
        guard let number = Int(word), number >= 1000 else {
          throw UsageError("--rows: \(word) is not a number of rows from 1000 on")
        }
        return number
      }
      let settings = try options.settings()
      try options.write(try Benchmarks.growth(settings, rows: numbers), name: "growth")
    }
  }

  struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "convert", abstract: "A gigabyte of QEMU's replies to the trace table.")

    @OptionGroup var options: Options

    func run() throws {
      let settings = try options.settings()
      try options.write(try Benchmarks.convert(settings), name: "convert")
    }
  }

  struct QueueBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "queue", abstract: "Erlang's loss function beside the textbook's recurrence.")

    @OptionGroup var options: Options

    func run() throws {
      let settings = try options.settings()
      try options.write(try Benchmarks.queue(settings), name: "queue")
    }
  }

  struct InstructionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "instructions",
      abstract: "Instructions per row, which a busy machine does not change.")

    @Option(help: "A CSV file of benchmark,most_instructions.")
    var limits: String?

    @Option(help: "The valgrind to count with.")
    var valgrind = "/usr/bin/valgrind"

    @Flag(help: "Exit with 1 when a limit is exceeded.")
    var strict = false

    @OptionGroup var output: OutputOptions

    func run() throws {
      guard FileManager.default.isExecutableFile(atPath: valgrind) else {
        throw UsageError("--valgrind: \(valgrind) cannot be run; install valgrind")
      }
      if strict, limits == nil { throw UsageError("--strict goes with --limits") }
      let counted = try InstructionCount(cutover: try BenchCommand.itself(), valgrind: valgrind)
        .measure(limits: try limits.map(Self.read) ?? [:])
      try output.write(
        Report(
          counted.table, name: "instructions", notes: ["Counted by callgrind, without the start."]))
      if strict, !counted.isWithin {
        throw NegativeVerdict(message: "more instructions than the limits")
      }
    }

    private static func read(_ path: String) throws -> [String: Double] {
      let table = try TraceReader(path: path).readTable().table
      guard let names = table.textIfPresent("benchmark"),
        let most = table.numbersIfPresent("most_instructions")
      else { throw LimitsError(path: path) }
      return Dictionary(
        (0..<table.rowCount).compactMap { row in
          names[row].flatMap { name in most[row].map { (name, $0) } }
        }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// A file of limits without its columns: exit status 65.
  private struct LimitsError: Failure {
    let path: String

    var category: FailureCategory { .badData }
    var description: String {
      "\(path): expected a column benchmark of text and a column most_instructions of numbers; "
        + "give a file such as Tests/Fixtures/instructions.csv"
    }
  }

  struct JobCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "job", abstract: "One job inside a process, timed by itself.",
      shouldDisplay: false)

    @Option var times = 1
    @Argument var words: [String]

    func run() throws {
      if times < 1 { throw UsageError("--times: \(times) is too few") }
      try Benchmarks.job(words, times: times)
    }
  }

  struct RowsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rows", abstract: "Writes a table to fit, for pipes.", shouldDisplay: false)

    @Argument var rows: Int
    @Option var predictors = 7

    func run() throws {
      if rows < 1 || predictors < 1 { throw UsageError("rows and predictors are 1 or more") }
      try Benchmarks.rows(rows, predictors: predictors, to: STDOUT_FILENO)
    }
  }
}
