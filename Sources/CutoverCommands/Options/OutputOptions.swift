import ArgumentParser
import ModelCore
import Reporting

/// `--format`, `-o` and `--digits`.
struct OutputOptions: ParsableArguments {
  @Option(help: "How the result is written: text, csv, json or markdown.")
  var format: OutputFormat?

  @Option(
    name: .shortAndLong,
    help: "Write to this file; its extension (.txt, .csv, .json, .md) gives the format.")
  var output: String?

  @Option(help: "Round numbers to this many significant digits (text: 6 unless given).")
  var digits: Int?

  /// The format asked for, else that of the file's extension, else text.
  func resolvedFormat() throws(OutputError) -> OutputFormat {
    if let format { return format }
    guard let output else { return .text }
    return try OutputFormat(path: output)
  }

  func destination() throws -> Destination {
    try checkDigits(digits)
    return try Destination(path: output, format: try resolvedFormat())
  }

  /// Writes a finished report.
  func write(_ report: Report) throws {
    let destination = try destination()
    try destination.write(report, significantDigits: digits)
    try destination.commit()
  }
}

/// A double has 17 significant digits; more would print digits that are not there.
func checkDigits(_ digits: Int?) throws {
  if let digits, !(1...17).contains(digits) {
    throw UsageError("--digits: \(digits) is not between 1 and 17")
  }
}
