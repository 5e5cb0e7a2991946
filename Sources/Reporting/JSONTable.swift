internal import ModelCore

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// An array of objects, one a row and a line, keys sorted, missing cells `null`.
///
/// JSON has no infinity: it is written `null` too, as the text "inf" would change the type of
/// the field. Where that difference matters, use CSV.
struct JSONTable {
  let significantDigits: Int?

  func write(_ table: Table, to sink: some OutputSink) throws(OutputError) {
    let encoder = JSONTable.encoder()
    try sink.append("[")
    for row in 0..<table.rowCount {
      let object = Row(table: table, row: row, significantDigits: significantDigits)
      try sink.append((row == 0 ? "\n" : ",\n") + encoder.text(of: object))
    }
    try sink.append("\n]")
  }

  /// A text as a JSON string, quotes and all.
  static func string(_ text: String) -> String {
    encoder().text(of: text)
  }

  private static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}

extension JSONEncoder {
  /// Strings, finite numbers, flags and null always encode, and their encoding is UTF-8.
  fileprivate func text(of value: some Encodable) -> String {
    (try? encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
  }
}

private struct Row: Encodable {
  let table: Table
  let row: Int
  let significantDigits: Int?

  struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }

    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    for column in table.columns {
      let key = Key(stringValue: column.name)
      switch column.values {
      case .numbers(let numbers): try object.encode(numbers[row].flatMap(rounded), forKey: key)
      case .text(let text): try object.encode(text[row], forKey: key)
      case .flags(let flags): try object.encode(flags[row], forKey: key)
      }
    }
  }

  /// The number to print: the double nearest its rounded decimal, whose shortest text is that
  /// decimal again (up to 15 digits).
  private func rounded(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    guard value != 0 else { return 0 }
    guard let significantDigits else { return value }
    return Double(numberText(value, significantDigits: significantDigits))
  }
}
