import ModelCore

/// One row of the trace table while it is put together.
public struct MigrationRow: Sendable, Equatable {
  /// A cell: a number in SI, or text.
  public enum Cell: Sendable, Equatable {
    case number(Double)
    case text(String)
  }

  public private(set) var cells: [String: Cell] = [:]
  /// Columns whose value the log gives outside its domain: left empty, and said.
  public private(set) var refused: [String] = []
  /// 1-based line of the log that the row begins at.
  public var line: Int

  public init(id: String, line: Int) {
    self.line = line
    set("id", id)
  }

  public var id: String {
    if case .text(let text) = cells["id"] { return text }
    return ""
  }

  /// Sets a number, unless it is not known or lies outside the column's domain.
  public mutating func set(_ column: String, _ value: Double?) {
    guard let value else { return }
    let isWhole = value == value.rounded() || !Self.whole.contains(column)
    guard value.isFinite, isWhole, Self.domains[column]?.contains(value) ?? true else {
      refused.append(column)
      return
    }
    // A minus zero would print as 0 and read back as another double.
    cells[column] = .number(value == 0 ? 0 : value)
  }

  /// Sets text, unless it is not known or empty. A line end becomes a space: a row is a line.
  public mutating func set(_ column: String, _ text: String?) {
    guard let text else { return }
    let clean = cleanText(text)
    if clean.isEmpty { return }
    if let words = Self.words[column], !words.contains(clean) {
      refused.append(column)
      return
    }
    cells[column] = .text(clean)
  }

  public mutating func clear(_ column: String) { cells[column] = nil }

  public func number(_ column: String) -> Double? {
    if case .number(let value) = cells[column] { return value }
    return nil
  }

  public func text(_ column: String) -> String? {
    if case .text(let value) = cells[column] { return value }
    return nil
  }

  private static let domains: [String: ColumnDomain] = Dictionary(
    uniqueKeysWithValues: Glossary.traceColumns.compactMap { definition in
      guard case .number(let domain) = definition.kind else { return nil }
      return (definition.name, domain)
    })

  private static let whole = Set(wholeColumns)

  private static let words: [String: Set<String>] = Dictionary(
    uniqueKeysWithValues: Glossary.traceColumns.compactMap { definition in
      guard case .word(let words) = definition.kind else { return nil }
      return (definition.name, Set(words))
    })
}

/// Text for a cell: control characters become spaces, none at the ends, at most 500 characters.
func cleanText(_ text: String) -> String {
  let longest = 500
  var clean = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    let isControl = scalar.properties.generalCategory == .control
    if isControl || scalar == " " {
      if !clean.isEmpty, clean.last != " " { clean.append(" ") }
    } else {
      clean.append(scalar)
    }
    if clean.count > longest { break }
  }
  while clean.last == " " { clean.removeLast() }
  return String(clean)
}

/// Rows as a table: `id` first, then the glossary's columns that any row has, in its order, then
/// others by name.
func traceTable(_ rows: [MigrationRow]) throws(TableError) -> Table {
  let used = rows.reduce(into: Set<String>()) { $0.formUnion($1.cells.keys) }
  let known = Glossary.traceColumns.map(\.name)
  let names =
    known.filter { used.contains($0) || $0 == "id" } + used.subtracting(known).sorted()
  let columns = names.map { name in
    let isNumeric = rows.allSatisfy { row in
      if case .text = row.cells[name] { return false }
      return true
    }
    // A glossary column has its type even when no row tells.
    if isNumeric, name != "id" {
      return Column(name, numbers: rows.map { $0.number(name) })
    }
    return Column(
      name,
      text: rows.map { row in
        switch row.cells[name] {
        case .text(let text): text
        case .number(let number): shortestDecimal(number)
        case nil: nil
        }
      })
  }
  return try Table(columns, lines: rows.map(\.line))
}
