/// How a table stands in a CSV file: RFC 4180 with line feeds, a header always, quotes only where
/// needed, missing cells empty, flags `true` and `false`.
///
/// A missing cell of a table with one column is `""`: an empty line would be no row.
package struct CSVEncoding: Sendable {
  /// How a number is written.
  private let numberText: @Sendable (Double) -> String

  /// - Parameter numberText: the shortest decimal that reads back, unless given.
  package init(numberText: @escaping @Sendable (Double) -> String = CSVEncoding.shortest) {
    self.numberText = numberText
  }

  /// The shortest decimal that reads back; minus zero is zero.
  package static let shortest: @Sendable (Double) -> String = {
    $0 == 0 ? "0" : shortestDecimal($0)
  }

  /// The line of names.
  package func appendHeader(of table: Table, to bytes: inout [UInt8]) {
    for (position, column) in table.columns.enumerated() {
      if position > 0 { bytes.append(Self.comma) }
      Array(column.name.utf8).withUnsafeBufferPointer { append($0, to: &bytes) }
    }
    bytes.append(Self.lineFeed)
  }

  /// One line.
  package func append(row: Int, of table: Table, to bytes: inout [UInt8]) {
    let start = bytes.count
    for (position, column) in table.columns.enumerated() {
      if position > 0 { bytes.append(Self.comma) }
      append(column.values, row: row, to: &bytes)
    }
    if table.columns.count == 1, bytes.count == start { bytes += [Self.quote, Self.quote] }
    bytes.append(Self.lineFeed)
  }

  /// The whole table.
  package func bytes(of table: Table) -> [UInt8] {
    var bytes: [UInt8] = []
    appendHeader(of: table, to: &bytes)
    for row in 0..<table.rowCount { append(row: row, of: table, to: &bytes) }
    return bytes
  }

  private func append(_ values: ColumnValues, row: Int, to bytes: inout [UInt8]) {
    switch values {
    case .numbers(let column): if let value = column[row] { bytes += numberText(value).utf8 }
    case .text(let column): column.withBytes(of: row) { append($0, to: &bytes) }
    case .flags(let column): if let value = column[row] { bytes += (value ? "true" : "false").utf8 }
    }
  }

  private func append(_ cell: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
    let needsQuotes = cell.contains {
      $0 == Self.quote || $0 == Self.comma || $0 == Self.lineFeed || $0 == Self.carriageReturn
    }
    guard needsQuotes else {
      bytes += cell
      return
    }
    bytes.append(Self.quote)
    for byte in cell {
      if byte == Self.quote { bytes.append(Self.quote) }
      bytes.append(byte)
    }
    bytes.append(Self.quote)
  }

  private static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
}
