import Foundation
package import ModelCore

/// What benchmarks are run with.
package struct BenchmarkSettings: Sendable {
  /// The command itself, by its path.
  package var cutover: String
  /// An interpreter that has the peers' libraries, and the peers' script; without them Cutover is
  /// timed alone.
  package var peers: (python: String, script: String)?
  /// Where tables are kept from one run to the next.
  package var folder: String
  package var rounds: Int

  package init(
    cutover: String, peers: (python: String, script: String)?, folder: String, rounds: Int
  ) {
    self.cutover = cutover
    self.peers = peers
    self.folder = folder
    self.rounds = rounds
  }
}

/// Timings of commands and jobs, ours and what one would take instead in turn.
package enum Benchmarks {
  /// Every job of the goals' table.
  ///
  /// - Parameters:
  ///   - rows: of the large tables.
  ///   - only: only benchmarks whose name contains this.
  ///   - progress: is told what is being timed.
  package static func compare(
    _ settings: BenchmarkSettings, rows: Int, only: String?, progress: (String) -> Void
  ) throws -> Table {
    try FileManager.default.createDirectory(
      atPath: settings.folder, withIntermediateDirectories: true)
    return try table(
      BenchmarkComparison(settings: settings, rows: rows).pairs()
        .filter { only.map($0.name.contains) ?? true }
        .flatMap { pair in
          progress(pair.name)
          return try pair.measure(rounds: settings.rounds)
        })
  }

  /// The same fit of ever more rows.
  package static func growth(_ settings: BenchmarkSettings, rows: [Int]) throws -> Table {
    try table(
      Growth.measure(
        cutover: settings.cutover, rounds: settings.rounds, folder: settings.folder, rows: rows))
  }

  /// A gigabyte of QEMU's replies to the trace table.
  package static func convert(_ settings: BenchmarkSettings) throws -> Table {
    try table(ConvertPolls.measure(settings))
  }

  /// Erlang's loss function beside the textbook's recurrence.
  package static func queue(_ settings: BenchmarkSettings) throws -> Table {
    try table(Queueing.measure(rounds: settings.rounds))
  }

  /// One job of `compare`, timed by itself: prints `seconds S` and `value V`.
  package static func job(_ words: [String], times: Int) throws {
    try Jobs(times: times).run(words)
  }

  /// Writes a table to fit to a file descriptor.
  package static func rows(_ rows: Int, predictors: Int, to descriptor: Int32) throws {
    try FitRows.write(rows: rows, predictors: predictors, to: descriptor)
  }

  private static func table(_ measurements: [Measurement]) throws -> Table {
    try Measurement.table(measurements)
  }
}
