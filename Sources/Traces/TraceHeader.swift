import ModelCore

/// The names of a file's columns, checked.
struct TraceHeader {
  let names: [String]
  /// The header's bytes as they stand, without byte order mark and line ending.
  let raw: [UInt8]

  /// Reads the first record.
  init(_ scanner: inout RecordScanner) throws(TraceError) {
    let file = scanner.input.name
    guard try scanner.next() else { throw TraceError(file: file, .empty) }
    if scanner.isBlank {
      while scanner.isBlank {
        guard try scanner.next() else { throw TraceError(file: file, .empty) }
      }
      throw TraceError(file: file, line: 1, .blankHeader)
    }
    raw = Array(scanner.record)
    let names = scanner.cells.map { range in
      String(decoding: trimmed(unquoted(scanner.cell(range), range)), as: UTF8.self)
    }
    self.names = names
    if let only = names.first, names.count == 1, !scanner.cells[0].isQuoted {
      for (mark, delimiter) in [(";", "semicolon"), ("\t", "tab"), ("|", "bar")]
      where only.contains(mark) {
        throw TraceError(
          file: file, line: 1, column: 1,
          .otherDelimiter(header: shownValue(Array(only.utf8)), delimiter: delimiter))
      }
    }
    var seen: [String: Int] = [:]
    for (position, name) in names.enumerated() {
      if name.isEmpty { throw TraceError(file: file, line: 1, column: position + 1, .emptyName) }
      if let first = seen.updateValue(position, forKey: name) {
        throw TraceError(
          file: file, line: 1, column: position + 1,
          .repeatedName(shownValue(Array(name.utf8)), firstColumn: first + 1))
      }
    }
    if names.allSatisfy({ Double($0) != nil }) {
      throw TraceError(file: file, line: 1, .numbersForHeader)
    }
  }
}

/// A cell's content, doubled quotes made one.
func unquoted(_ cell: UnsafeBufferPointer<UInt8>, _ range: CellRange) -> [UInt8] {
  guard range.hasDoubledQuotes else { return Array(cell) }
  var content: [UInt8] = []
  content.reserveCapacity(cell.count)
  var skipsNext = false
  for byte in cell {
    if byte == quote, skipsNext {
      skipsNext = false
      continue
    }
    skipsNext = byte == quote
    content.append(byte)
  }
  return content
}
