import ArgumentParser
import Foundation
import ModelCore
import Reporting
import Traces

/// A trace file, with `--where`, `--lenient` and `--skipped`.
struct TraceArguments: ParsableArguments {
  @Argument(
    help: "A trace: CSV in the columns of the trace table, plain, gzip or zstd; - for stdin.")
  var trace: String

  @OptionGroup var rows: RowOptions

  /// The rows asked for, with what was left out said on stderr.
  func read() throws -> SelectedRows {
    try rows.read(trace)
  }
}

/// Which rows of a trace are used.
struct RowOptions: ParsableArguments {
  @Option(
    name: .customLong("where"),
    help: "Use only rows that match, such as 'technique=precopy and memory_bytes > 1e9'.")
  var filter: String?

  @Flag(help: "Leave out rows that cannot be read, and count them on stderr.")
  var lenient = false

  @Option(help: "With --lenient: write the rows left out to this file.")
  var skipped: String?

  func check() throws {
    try requireLenient(skipped, lenient)
  }

  /// Reads a trace that must have rows, and keeps the ones that match.
  func read(_ path: String) throws -> SelectedRows {
    var options = TraceOptions()
    options.requireRows = true
    let read = try readTrace(path, options: options, lenient: lenient, skipped: skipped)
    guard let filter else {
      return SelectedRows(table: read.table, mixedColumns: read.mixedColumns)
    }
    let matching = try RowFilter(parsing: filter).matching(read.table)
    guard !matching.isEmpty else {
      throw EmptySelection(
        file: read.table.source ?? path, filter: filter, rows: read.table.rowCount)
    }
    return SelectedRows(table: read.table.selecting(matching), mixedColumns: read.mixedColumns)
  }
}

/// Refuses `--skipped` without `--lenient`.
func requireLenient(_ skipped: String?, _ lenient: Bool) throws {
  if skipped != nil, !lenient {
    throw UsageError("--skipped says where --lenient puts bad rows; give --lenient too")
  }
}

/// Reads a trace; with leniency, bad rows are said, counted and put aside.
func readTrace(
  _ path: String, options: TraceOptions, lenient: Bool, skipped: String?
) throws -> TraceRead {
  guard lenient else {
    let read = try TraceReader(path: path, options: options).readTable()
    sayConversion(read.conversion)
    return read
  }
  var options = options
  options.badRows = .skip
  var leniency = Leniency(path: skipped)
  let read = try TraceReader(path: path, options: options).readTable { try leniency.take($0) }
  try leniency.finish()
  sayConversion(read.conversion)
  return read
}

/// Says what a trace was made from, when it is the log of a platform.
func sayConversion(_ conversion: LogSummary?) {
  guard let conversion else { return }
  say(conversion.description)
  for remark in conversion.notes { say("note: \(remark.text) (line \(remark.line))") }
}

/// The rows of a trace that a command works on.
struct SelectedRows {
  let table: Table
  /// Columns that are text although some of their cells are numbers.
  let mixedColumns: [MixedColumn]
}

/// `--where` left nothing.
struct EmptySelection: Failure {
  let file: String
  let filter: String
  let rows: Int

  var category: FailureCategory { .badData }
  var description: String {
    "\(file): none of \(rows) rows matches --where '\(filter)'; "
      + "'cutover trace info' shows what the columns hold"
  }
}
