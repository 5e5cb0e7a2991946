internal import ModelCore

/// A table as `CSVEncoding` has it, in pieces to a sink.
struct CSVTable {
  let significantDigits: Int?

  /// Rows go to the sink in pieces of this size.
  private static let chunk = 64 * 1024

  /// - Parameter writesHeader: whether the line of names comes first.
  func write(
    _ table: Table, to sink: some OutputSink, writesHeader: Bool = true
  ) throws(OutputError) {
    guard !table.columns.isEmpty else { return }
    let digits = significantDigits
    let encoding = CSVEncoding { numberText($0, significantDigits: digits) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.chunk + 4096)
    if writesHeader { encoding.appendHeader(of: table, to: &bytes) }
    for row in 0..<table.rowCount {
      encoding.append(row: row, of: table, to: &bytes)
      if bytes.count >= Self.chunk {
        try sink.append(bytes)
        bytes.removeAll(keepingCapacity: true)
      }
    }
    try sink.append(bytes)
  }
}
