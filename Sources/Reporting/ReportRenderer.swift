/// Writes a report in one of the formats.
///
/// Text and Markdown hold everything, blocks an empty line apart. CSV holds the first table
/// alone, as a CSV file is one table. JSON holds the tables: an array when there is one, an
/// object of arrays keyed by the tables' names, in their order, when there are more or none.
public struct ReportRenderer: Sendable {
  private let tables: TableRenderer

  /// - Parameter significantDigits: as in `TableRenderer`.
  public init(format: OutputFormat, significantDigits: Int? = nil) {
    tables = TableRenderer(format: format, significantDigits: significantDigits)
  }

  /// Writes the report; in JSON a whole document.
  public func write(_ report: Report, to sink: some OutputSink) throws(OutputError) {
    switch tables.format {
    case .text, .markdown: try writeBlocks(of: report, to: sink)
    case .csv:
      if let first = report.tables.first { try tables.write(first.table, to: sink) }
    case .json: try writeJSON(report, to: sink)
    }
  }

  /// The report as one text.
  public func render(_ report: Report) throws(OutputError) -> String {
    let sink = MemorySink()
    try write(report, to: sink)
    return sink.text
  }

  private func writeJSON(_ report: Report, to sink: some OutputSink) throws(OutputError) {
    let all = report.tables
    if let only = all.first, all.count == 1 {
      try tables.write(only.table, to: sink)
      return
    }
    try sink.append("{")
    for (position, entry) in all.enumerated() {
      try sink.append((position == 0 ? "\n" : ",\n") + JSONTable.string(entry.name) + ": ")
      try tables.writeBody(entry.table, to: sink)
    }
    try sink.append("\n}\n")
  }

  private func writeBlocks(of report: Report, to sink: some OutputSink) throws(OutputError) {
    let isMarkdown = tables.format == .markdown
    for (position, block) in report.blocks.enumerated() {
      if position > 0 { try sink.append("\n") }
      switch block {
      case .title(let text):
        let rule = String(repeating: "=", count: text.count)
        try sink.append(isMarkdown ? "## \(text)\n" : "\(text)\n\(rule)\n")
      case .paragraph(let text):
        try sink.append((isMarkdown ? text : wrapped(text)) + "\n")
      case .notes(let notes):
        for note in notes {
          try sink.append((isMarkdown ? "- \(note)" : wrapped("note: \(note)", indent: 6)) + "\n")
        }
      case .code(let lines):
        let text = lines.map { (isMarkdown ? $0 : "  \($0)") + "\n" }.joined()
        try sink.append(isMarkdown ? "```\n\(text)```\n" : text)
      case .table(let table, _): try tables.write(table, to: sink)
      }
    }
  }
}
