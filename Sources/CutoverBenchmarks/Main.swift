import Foundation
import ModelCore
import Reporting

/// Times whole commands in pairs, ours and what a user would take instead, alternating in one
/// run, and prints a table.
///
/// Usage: `cutover-benchmarks PATH-TO-CUTOVER [ROUNDS]`
@main
struct Main {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count > 1, arguments.count == 2 || (Int(arguments[2]) ?? 0) > 1 else {
      FileHandle.standardError.write(
        Data("usage: cutover-benchmarks PATH-TO-CUTOVER [ROUNDS, at least 2]\n".utf8))
      exit(64)
    }
    let rounds = arguments.count > 2 ? Int(arguments[2]) ?? 30 : 30
    let pairs = [StartUp.predictOne(cutover: arguments[1])]
    let results =
      try pairs.flatMap { try $0.measure(rounds: rounds) } + Queueing.measure(rounds: rounds)
    print(try TableRenderer(format: .csv).render(try Measurement.table(results)), terminator: "")
  }
}
