internal import ModelCore

/// RFC 4180 with line feeds: a header always, quotes only where needed, missing cells empty,
/// flags `true` and `false`, infinities `inf` and `-inf`.
///
/// A missing cell of a table with one column is written `""`: an empty line would be no row.
struct CSVTable {
  let significantDigits: Int?

  /// Rows go to the sink in pieces of this size.
  private static let chunk = 64 * 1024

  func write(_ table: Table, to sink: some OutputSink) throws(OutputError) {
    guard !table.columns.isEmpty else { return }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.chunk + 4096)
    for (position, column) in table.columns.enumerated() {
      if position > 0 { bytes.append(Self.comma) }
      Array(column.name.utf8).withUnsafeBufferPointer { append($0, to: &bytes) }
    }
    bytes.append(Self.lineFeed)
    let isSingle = table.columns.count == 1
    for row in 0..<table.rowCount {
      let start = bytes.count
      for (position, column) in table.columns.enumerated() {
        if position > 0 { bytes.append(Self.comma) }
        append(column.values, row: row, to: &bytes)
      }
      if isSingle, bytes.count == start { bytes += [Self.quote, Self.quote] }
      bytes.append(Self.lineFeed)
      if bytes.count >= Self.chunk {
        try sink.append(bytes)
        bytes.removeAll(keepingCapacity: true)
      }
    }
    try sink.append(bytes)
  }

  private func append(_ values: ColumnValues, row: Int, to bytes: inout [UInt8]) {
    switch values {
    case .numbers(let column):
      if let value = column[row] {
        bytes += numberText(value, significantDigits: significantDigits).utf8
      }
    case .text(let column): column.withBytes(of: row) { append($0, to: &bytes) }
    case .flags(let column):
      if let value = column[row] { bytes += (value ? "true" : "false").utf8 }
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
