public import ModelCore

/// What a trace holds: how many rows of which kind, and a line per column.
public struct TraceInfo: Sendable, Equatable {
  /// A word and how many rows have it, most frequent first, then by name.
  public struct WordCount: Sendable, Equatable {
    public let word: String
    public let count: Int
  }

  public let rowCount: Int
  public let techniques: [WordCount]
  public let statuses: [WordCount]
  /// Rows whose status is known and is not `completed`: their times are lower bounds.
  public let censoredCount: Int
  /// Different values of `group`; 0 without that column.
  public let groupCount: Int
  /// A row per column of the trace: `column, role, unit, type, count, missing, min, median, max,
  /// distinct`. `count` is the number of cells that are not missing; `median` is the mean of the
  /// two middle values of an even count; numbers have no unit beyond the column's own. `type` is
  /// `number`, `text`, `flag`, or `mixed` for text of which some cells are numbers.
  public let columns: Table

  /// - Throws: `TraceError` never for a table that a reader made.
  public init(_ read: TraceRead) throws(TraceError) {
    let table = read.table
    rowCount = table.rowCount
    techniques = Self.counts(table.textIfPresent("technique"))
    statuses = Self.counts(table.textIfPresent("status"))
    censoredCount = statuses.reduce(0) { $0 + ($1.word == "completed" ? 0 : $1.count) }
    groupCount = Self.counts(table.textIfPresent("group")).count
    let mixed = Set(read.mixedColumns.map(\.name))
    columns = try Self.describe(table, mixed)
  }

  private static func counts(_ column: TextColumn?) -> [WordCount] {
    guard let column else { return [] }
    var counts: [String: Int] = [:]
    for row in 0..<column.count {
      if let word = column[row] { counts[word, default: 0] += 1 }
    }
    return counts.map { WordCount(word: $0.key, count: $0.value) }
      .sorted { ($1.count, $0.word) < ($0.count, $1.word) }
  }

  private static func describe(_ table: Table, _ mixed: Set<String>) throws(TraceError) -> Table {
    let summaries = table.columns.map { ColumnSummary($0, isMixed: mixed.contains($0.name)) }
    let definitions = table.names.map { Glossary.definition(of: $0) }
    do {
      return try Table([
        Column("column", text: table.names),
        Column("role", text: table.names.map { Glossary.role(of: $0).rawValue }),
        Column("unit", text: definitions.map { $0?.unit.rawValue }),
        Column("type", text: summaries.map(\.type)),
        Column("count", numbers: summaries.map { Double($0.count) }),
        Column("missing", numbers: summaries.map { Double($0.missing) }),
        Column("min", numbers: summaries.map(\.least)),
        Column("median", numbers: summaries.map(\.median)),
        Column("max", numbers: summaries.map(\.greatest)),
        Column("distinct", numbers: summaries.map { Double($0.distinct) }),
      ])
    } catch {
      throw TraceError(file: table.source ?? "", .internalFault(error.description))
    }
  }
}

/// The figures of one column.
private struct ColumnSummary {
  let type: String
  let count: Int
  let missing: Int
  var least: Double?
  var median: Double?
  var greatest: Double?
  let distinct: Int

  init(_ column: Column, isMixed: Bool) {
    missing = column.values.missingCount
    count = column.values.count - missing
    switch column.values {
    case .numbers(let numbers):
      type = "number"
      let sorted = numbers.storage.filter { !$0.isNaN }.sorted()
      distinct = sorted.isEmpty ? 0 : 1 + zip(sorted, sorted.dropFirst()).count { $0 != $1 }
      least = sorted.first
      greatest = sorted.last
      if !sorted.isEmpty {
        let below = sorted[(sorted.count - 1) / 2]
        let above = sorted[sorted.count / 2]
        // Halves first: the sum of two large doubles may overflow.
        median = below == above ? below : below / 2 + above / 2
      }
    case .text(let text):
      type = isMixed ? "mixed" : "text"
      distinct = Set((0..<text.count).compactMap { text[$0] }).count
    case .flags(let flags):
      type = "flag"
      distinct = Set(flags.compactMap { $0 }).count
    }
  }
}
