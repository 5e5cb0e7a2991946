import Foundation
import ModelCore
import Reporting

/// Times whole commands in pairs, ours and what a user would take instead, alternating in one
/// run, and prints a table.
@main
struct Main {
  static let usage = """
    usage: cutover-benchmarks start CUTOVER ROUNDS
           cutover-benchmarks fit CUTOVER ROUNDS ROWS FOLDER PYTHON SCRIPTS
           cutover-benchmarks pipe CUTOVER ROWS
           cutover-benchmarks convert CUTOVER ROUNDS SCRIPTS
           cutover-benchmarks queue ROUNDS
           cutover-benchmarks compare CUTOVER ROUNDS ROWS FOLDER PYTHON SCRIPTS
           cutover-benchmarks growth CUTOVER ROUNDS FOLDER ROWS...
           cutover-benchmarks job JOB ARGUMENTS   (one job of compare, timed by itself)
           cutover-benchmarks rows ROWS [COLUMNS]   (writes a table to fit, for pipes)
           cutover-benchmarks formula          (prints the formula of that table)

    """

  static func main() throws {
    let words = Array(CommandLine.arguments.dropFirst())
    switch (words.first, words.count) {
    case ("formula", 1): print(FitRows.formula)
    case ("rows", 2...3):
      guard let rows = Int(words[1]), rows > 0,
        let predictors = words.count == 3 ? Int(words[2]) : FitRows.predictors, predictors > 0
      else { complain() }
      try FitRows.write(rows: rows, predictors: predictors, to: STDOUT_FILENO)
    case ("start", 3):
      try measure([StartUp.predictOne(cutover: words[1])], rounds: words[2])
    case ("convert", 4):
      guard let rounds = Int(words[2]), rounds > 0 else { complain() }
      try report(ConvertPolls.measure(cutover: words[1], rounds: rounds, scripts: words[3]))
    case ("fit", 7):
      guard let rows = Int(words[3]), rows > FitRows.predictors else { complain() }
      try measure(
        FitFile.pairs(
          cutover: words[1], rows: rows, folder: words[4], python: words[5], scripts: words[6]),
        rounds: words[2])
    case ("pipe", 3):
      guard let rows = Int(words[2]), rows > FitRows.predictors else { complain() }
      try report([
        FitPipe.measure(cutover: words[1], generator: CommandLine.arguments[0], rows: rows)
      ])
    case ("job", 3...): try Jobs.run(Array(words.dropFirst()))
    case ("compare", 7):
      guard let rounds = Int(words[2]), rounds > 0, let rows = Int(words[3]), rows >= 10_000 else {
        complain()
      }
      let comparison = BenchmarkComparison(
        cutover: words[1], jobs: CommandLine.arguments[0], python: words[5],
        peers: "\(words[6])/peers.py", folder: words[4], rows: rows)
      try report(comparison.pairs().flatMap { try $0.measure(rounds: rounds) })
    case ("growth", 5...):
      guard let rounds = Int(words[2]), rounds > 0 else { complain() }
      try report(
        Growth.measure(
          cutover: words[1], rounds: rounds, folder: words[3],
          rows: words.dropFirst(4).compactMap(Int.init)))
    case ("queue", 2):
      guard let rounds = Int(words[1]), rounds > 0 else { complain() }
      try report(Queueing.measure(rounds: rounds))
    default: complain()
    }
  }

  private static func measure(_ pairs: [Pair], rounds: String) throws {
    guard let rounds = Int(rounds), rounds > 0 else { complain() }
    try report(pairs.flatMap { try $0.measure(rounds: rounds) })
  }

  private static func report(_ results: [Measurement]) throws {
    let table = try Measurement.table(results)
    print(try TableRenderer(format: .csv).render(table), terminator: "")
    // The same for people.
    FileHandle.standardError.write(
      Data(try TableRenderer(format: .text).render(table).utf8))
  }

  private static func complain() -> Never {
    FileHandle.standardError.write(Data(usage.utf8))
    exit(64)
  }
}
