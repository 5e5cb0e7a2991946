public import ModelCore

/// Writes a table in one of the formats.
///
/// Numbers: text and Markdown round to `significantDigits`, 6 unless told; CSV and JSON write
/// the shortest decimal that reads back as the same double, and round only when told. Rounding
/// is half to even on the exact value. Plain notation for 1e-4 <= |x| < 1e15 when rounded.
public struct TableRenderer: Sendable {
  /// What it writes.
  public let format: OutputFormat
  /// `nil`: the format's own rule.
  public let significantDigits: Int?

  /// - Parameter significantDigits: taken into 1 to 17; give it in every format where another
  ///   processor's last digits must not show.
  public init(format: OutputFormat, significantDigits: Int? = nil) {
    self.format = format
    self.significantDigits = significantDigits
  }

  /// Writes the table, ending with a line feed.
  public func write(_ table: Table, to sink: some OutputSink) throws(OutputError) {
    try writeBody(table, to: sink)
    if format == .json { try sink.append("\n") }
  }

  /// The table as one text.
  public func render(_ table: Table) throws(OutputError) -> String {
    let sink = MemorySink()
    try write(table, to: sink)
    return sink.text
  }

  /// JSON without the last line feed, to stand inside an object.
  func writeBody(_ table: Table, to sink: some OutputSink) throws(OutputError) {
    let digits = significantDigits ?? defaultSignificantDigits
    switch format {
    case .text: try TextTable(significantDigits: digits).write(table, to: sink)
    case .markdown: try MarkdownTable(significantDigits: digits).write(table, to: sink)
    case .csv: try CSVTable(significantDigits: significantDigits).write(table, to: sink)
    case .json: try JSONTable(significantDigits: significantDigits).write(table, to: sink)
    }
  }
}
