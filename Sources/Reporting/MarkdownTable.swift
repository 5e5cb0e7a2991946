internal import ModelCore

/// A pipe table (GitHub Flavored Markdown, tables extension): numbers right-aligned, missing
/// cells empty. Characters that would end the cell or start markup are escaped.
struct MarkdownTable {
  let significantDigits: Int

  func write(_ table: Table, to sink: some OutputSink) throws(OutputError) {
    guard !table.columns.isEmpty else { return }
    try sink.append(line(table.names.map(escaped)))
    try sink.append(line(table.columns.map { $0.values.isNumeric ? "---:" : "---" }))
    for row in 0..<table.rowCount {
      let cells = table.columns.map { column in
        column.values.cellText(row: row, significantDigits: significantDigits).map(escaped) ?? ""
      }
      try sink.append(line(cells))
    }
  }

  private func line(_ cells: [String]) -> String {
    "|" + cells.map { $0.isEmpty ? " |" : " \($0) |" }.joined() + "\n"
  }

  private func escaped(_ text: String) -> String {
    var answer = ""
    for character in printable(text) {
      switch character {
      case "|", "\\", "`", "*", "[", "]": answer += "\\\(character)"
      case "<": answer += "&lt;"
      case "&": answer += "&amp;"
      default: answer.append(character)
      }
    }
    return answer
  }
}
