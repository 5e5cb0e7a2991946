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
           cutover-benchmarks rows ROWS        (writes a table to fit, for pipes)
           cutover-benchmarks formula          (prints the formula of that table)

    """

  static func main() throws {
    let words = Array(CommandLine.arguments.dropFirst())
    switch (words.first, words.count) {
    case ("formula", 1): print(FitRows.formula)
    case ("rows", 2):
      guard let rows = Int(words[1]), rows > 0 else { complain() }
      try FitRows.write(rows: rows, to: STDOUT_FILENO)
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
    print(try TableRenderer(format: .csv).render(try Measurement.table(results)), terminator: "")
  }

  private static func complain() -> Never {
    FileHandle.standardError.write(Data(usage.utf8))
    exit(64)
  }
}
