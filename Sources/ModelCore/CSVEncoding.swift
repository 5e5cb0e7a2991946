/// How a table stands in a CSV file: RFC 4180 with line feeds, a header always, quotes only where
/// needed, missing cells empty, flags `true` and `false`.
///
/// A missing cell of a table with one column is `""`: an empty line would be no row.
package struct CSVEncoding: Sendable {
  /// How a number is written; `nil` for the shortest decimal that reads back.
  private let numberText: (@Sendable (Double) -> String)?

  /// - Parameter numberText: `nil` for the shortest decimal that reads back; minus zero is zero.
  package init(numberText: (@Sendable (Double) -> String)? = nil) {
    self.numberText = numberText
  }

  /// The line of names.
  package func appendHeader(of table: Table, to text: inout TextBuffer) {
    for (position, column) in table.columns.enumerated() {
      if position > 0 { text.append(Self.comma) }
      Array(column.name.utf8).withUnsafeBufferPointer { append($0, to: &text) }
    }
    text.append(Self.lineFeed)
  }

  /// Some lines.
  package func append(rows: Range<Int>, of table: Table, to text: inout TextBuffer) {
    let columns = table.columns
    let numbers = columns.compactMap { column -> [Double]? in
      guard case .numbers(let values) = column.values else { return nil }
      return values.storage
    }
    // The missing cell of a single column is no empty line.
    if numberText == nil, columns.count > 1, numbers.count == columns.count {
      return text.append(rows: rows, of: numbers)
    }
    for row in rows {
      let start = text.count
      for position in columns.indices {
        if position > 0 { text.append(Self.comma) }
        append(columns[position].values, row: row, to: &text)
      }
      if columns.count == 1, text.count == start { text.append([Self.quote, Self.quote]) }
      text.append(Self.lineFeed)
    }
  }

  /// The whole table.
  package func bytes(of table: Table) -> [UInt8] {
    var text = TextBuffer()
    appendHeader(of: table, to: &text)
    append(rows: 0..<table.rowCount, of: table, to: &text)
    return text.take()
  }

  @inline(__always)
  private func append(_ values: ColumnValues, row: Int, to text: inout TextBuffer) {
    switch values {
    case .numbers(let column):
      guard let value = column[row] else { return }
      if let numberText {
        text.append(numberText(value))
      } else {
        text.append(decimal: value)
      }
    case .text(let column): column.withBytes(of: row) { append($0, to: &text) }
    case .flags(let column): if let value = column[row] { text.append(value ? "true" : "false") }
    }
  }

  private func append(_ cell: UnsafeBufferPointer<UInt8>, to text: inout TextBuffer) {
    let needsQuotes = cell.contains {
      $0 == Self.quote || $0 == Self.comma || $0 == Self.lineFeed || $0 == Self.carriageReturn
    }
    guard needsQuotes else {
      text.append(cell)
      return
    }
    text.append(Self.quote)
    for byte in cell {
      if byte == Self.quote { text.append(Self.quote) }
      text.append(byte)
    }
    text.append(Self.quote)
  }

  private static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
}
