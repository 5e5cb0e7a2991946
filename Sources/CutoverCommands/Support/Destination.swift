import ModelCore
import Reporting

/// Where a command's result goes: stdout, or a file that is whole or not there.
final class Destination {
  let format: OutputFormat
  private let file: OutputFile?
  private let out: StandardOutput?

  /// Opens the destination before the work, so that a bad path fails first.
  init(path: String?, format: OutputFormat) throws(OutputError) {
    self.format = format
    if let path {
      file = try OutputFile(path: path)
      out = nil
    } else {
      file = nil
      out = StandardOutput()
    }
  }

  func append(_ bytes: [UInt8]) throws(OutputError) {
    try file?.append(bytes)
    try out?.append(bytes)
  }

  func append(_ text: String) throws(OutputError) {
    try append(Array(text.utf8))
  }

  func write(_ report: Report, significantDigits: Int?) throws(OutputError) {
    try append(
      ReportRenderer(format: format, significantDigits: significantDigits).render(report))
  }

  /// Makes the result visible.
  func commit() throws(OutputError) {
    try file?.commit()
    try out?.flush()
  }
}
