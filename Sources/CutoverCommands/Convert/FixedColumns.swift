import ModelCore
import Traces

/// `--set COLUMN=VALUE`: what the log does not tell.
struct FixedColumns {
  private enum Value {
    case cell(MigrationRow.Cell)
    case copy(of: String)
  }

  private var columns: [(name: String, value: Value)] = []

  init(_ options: [String]) throws {
    for option in options {
      guard let equals = option.firstIndex(of: "=") else {
        throw UsageError("--set: \"\(option)\" is not COLUMN=VALUE, such as technique=precopy")
      }
      let name = String(option[..<equals])
      let text = String(option[option.index(after: equals)...])
      guard let definition = Glossary.definition(of: name), name != "id" else {
        let names = Glossary.traceColumns.map(\.name)
        throw UsageError(
          "--set: \(name == "id" ? "ids come from the logs" : "no column \(name)")"
            + suggestion(name == "id" ? [] : nearestWords(to: name, among: names)))
      }
      columns.append((name, try Self.value(text, definition)))
    }
  }

  private static func value(_ text: String, _ definition: ColumnDefinition) throws -> Value {
    if let other = Glossary.definition(of: text), other.kind.isNumeric == definition.kind.isNumeric
    {
      return .copy(of: text)
    }
    switch definition.kind {
    case .number(let domain):
      guard let number = Double(text), number.isFinite else {
        throw UsageError(
          "--set: \(definition.name): \"\(text)\" is neither a number in SI nor a column")
      }
      guard domain.contains(number) else {
        throw UsageError(
          "--set: \(definition.name): \(text) is outside its domain (\(domain.description))")
      }
      return .cell(.number(number))
    case .word(let words):
      guard words.contains(text) else {
        let near = nearestWords(to: text, among: words)
        throw UsageError(
          "--set: \(definition.name): no word \"\(text)\""
            + (near.isEmpty ? "; one of \(words.joined(separator: ", "))" : suggestion(near)))
      }
      return .cell(.text(text))
    case .text, .flag: return .cell(.text(text))
    }
  }

  /// The table with the columns set in every row, in the glossary's order.
  func applied(to table: Table) throws -> Table {
    var columns = table.columns
    for (name, value) in self.columns {
      let values: ColumnValues
      switch value {
      case .cell(.number(let number)):
        values = .numbers(
          NumericColumn(storage: [Double](repeating: number, count: table.rowCount)))
      case .cell(.text(let text)):
        values = .text(TextColumn([String?](repeating: text, count: table.rowCount)))
      case .copy(let other):
        guard let column = columns.first(where: { $0.name == other }) else {
          throw UsageError("--set \(name)=\(other): no row has \(other)")
        }
        values = column.values
      }
      if let position = columns.firstIndex(where: { $0.name == name }) {
        columns[position].values = values
      } else {
        columns.append(Column(name, values))
      }
    }
    let order = Dictionary(
      uniqueKeysWithValues: Glossary.traceColumns.enumerated().map { ($0.element.name, $0.offset) })
    columns = columns.enumerated().sorted { left, right in
      let end = Int.max
      return (order[left.element.name] ?? end, left.offset)
        < (order[right.element.name] ?? end, right.offset)
    }.map(\.element)
    return try Table(columns, source: table.source, lines: table.lines)
  }
}

extension ColumnDefinition.Kind {
  fileprivate var isNumeric: Bool {
    if case .number = self { return true }
    return false
  }
}
