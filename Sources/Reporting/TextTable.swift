internal import ModelCore

/// Aligned columns, two spaces apart: text to the left, numbers to the right, missing cells "-".
///
/// Widths count characters as Swift does (grapheme clusters); scripts whose letters are two
/// columns wide at a terminal come out ragged.
struct TextTable {
  let significantDigits: Int

  func write(_ table: Table, to sink: some OutputSink) throws(OutputError) {
    let columns = table.columns.map { column in
      (0..<table.rowCount).map { row in
        let cell = column.values.cellText(row: row, significantDigits: significantDigits)
        return cell.map(printable) ?? "-"
      }
    }
    let names = table.names.map(printable)
    let widths = zip(names, columns).map { name, cells in
      cells.reduce(name.count) { max($0, $1.count) }
    }
    let isNumeric = table.columns.map(\.values.isNumeric)
    func line(_ cells: [String]) -> String {
      var text = ""
      for (position, cell) in cells.enumerated() {
        let padding = String(repeating: " ", count: widths[position] - cell.count)
        text += position == 0 ? "" : "  "
        text += isNumeric[position] ? padding + cell : cell + padding
      }
      while text.last == " " { text.removeLast() }
      return text + "\n"
    }
    guard !names.isEmpty else { return }
    try sink.append(line(names))
    for row in 0..<table.rowCount { try sink.append(line(columns.map { $0[row] })) }
  }
}

/// Text without characters that move the cursor or colour a terminal: control characters become
/// the replacement character, line ends and tabs a space.
func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isControl) else { return text }
  var answer = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\n", "\r", "\t": answer.append(" ")
    default: answer.append(isControl(scalar) ? "\u{FFFD}" : scalar)
    }
  }
  return String(answer)
}

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  scalar.properties.generalCategory == .control
}
