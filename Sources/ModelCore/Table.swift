/// Columns of equal length with unique names: what readers produce, models and fits consume,
/// and reports print.
public struct Table: Sendable, Equatable {
  public private(set) var columns: [Column]
  public let rowCount: Int
  private let positions: [String: Int]

  /// Where the rows came from, when they were read from a file.
  private let origins: RowLines?
  /// The name of the file it was read from, for messages.
  public var source: String?

  /// - Throws: `TableError.repeatedColumn` for two columns of one name,
  ///   `TableError.unequalLengths` when columns differ in length.
  public init(_ columns: [Column], source: String? = nil, lines: [Int]? = nil) throws(TableError) {
    let rows = columns.first?.values.count ?? 0
    var positions: [String: Int] = [:]
    for (position, column) in columns.enumerated() {
      guard positions.updateValue(position, forKey: column.name) == nil else {
        throw .repeatedColumn(column.name)
      }
      guard column.values.count == rows else {
        throw .unequalLengths(column: column.name, rows: column.values.count, expected: rows)
      }
    }
    self.columns = columns
    self.positions = positions
    self.rowCount = rows
    self.source = source
    origins = lines.map(RowLines.listed)
  }

  /// A table of rows that stand on consecutive lines of a file.
  ///
  /// - Parameters:
  ///   - rowCount: also for a table without columns.
  ///   - firstLine: of the first row.
  /// - Throws: as `init`.
  package init(
    _ columns: [Column], source: String?, rowCount: Int, firstLine: Int
  ) throws(TableError) {
    let checked = try Table(columns, source: source)
    self.init(
      unchecked: columns, rowCount: columns.isEmpty ? 0 : rowCount, positions: checked.positions,
      source: source, origins: .consecutive(first: firstLine, count: rowCount))
  }

  /// Where each row came from (1-based line of its first byte), when it was read from a file.
  public var lines: [Int]? {
    switch origins {
    case .listed(let lines): lines
    case .consecutive(let first, let count): Array(first..<(first + count))
    case nil: nil
    }
  }

  /// The line of a row, without a list of all.
  public func line(ofRow row: Int) -> Int? {
    switch origins {
    case .listed(let lines): lines[row]
    case .consecutive(let first, _): first + row
    case nil: nil
    }
  }

  public var names: [String] { columns.map(\.name) }

  /// The column of that name, or `nil`.
  public subscript(name: String) -> Column? {
    positions[name].map { columns[$0] }
  }

  /// The numbers of a column that must be there.
  ///
  /// - Throws: `TableError.unknownColumn`, or `TableError.notNumeric` when it holds text.
  public func numbers(_ name: String) throws(TableError) -> NumericColumn {
    guard let column = self[name] else {
      throw .unknownColumn(name, nearest: nearestNames(to: name))
    }
    guard case .numbers(let numbers) = column.values else { throw .notNumeric(name) }
    return numbers
  }

  /// The numbers of a column that may be absent; `nil` too when the column holds text.
  public func numbersIfPresent(_ name: String) -> NumericColumn? {
    guard case .numbers(let numbers) = self[name]?.values else { return nil }
    return numbers
  }

  /// The text of a column that may be absent; numbers are not turned into text.
  public func textIfPresent(_ name: String) -> TextColumn? {
    guard case .text(let text) = self[name]?.values else { return nil }
    return text
  }

  /// One cell as text, as a message or a group label shows it; `nil` when missing.
  public func label(_ name: String, row: Int) -> String? {
    switch self[name]?.values {
    case .numbers(let column): column[row].map(shortestDecimal)
    case .text(let column): column[row]
    case .flags(let column): column[row].map { $0 ? "true" : "false" }
    case nil: nil
    }
  }

  /// The rows at these positions, in this order; repeats are allowed.
  public func selecting(_ rows: [Int]) -> Table {
    Table(
      unchecked: columns.map { Column($0.name, $0.values.selecting(rows)) }, rowCount: rows.count,
      positions: positions, source: source,
      origins: origins.map { origins in
        switch origins {
        case .listed(let lines): .listed(rows.map { lines[$0] })
        case .consecutive(let first, _): .listed(rows.map { first + $0 })
        }
      })
  }

  /// The table with more columns at its right.
  public func appending(_ more: [Column]) throws(TableError) -> Table {
    let checked = try Table(columns + more, source: source)
    return Table(
      unchecked: checked.columns, rowCount: checked.rowCount, positions: checked.positions,
      source: source, origins: origins)
  }

  /// Up to three column names that a misspelt one may have meant.
  public func nearestNames(to name: String) -> [String] {
    nearestWords(to: name, among: names)
  }

  private init(
    unchecked columns: [Column], rowCount: Int, positions: [String: Int], source: String?,
    origins: RowLines?
  ) {
    self.columns = columns
    self.rowCount = rowCount
    self.positions = positions
    self.source = source
    self.origins = origins
  }

  public static func == (left: Table, right: Table) -> Bool {
    left.columns == right.columns && left.rowCount == right.rowCount
  }
}

/// The lines that the rows of a table came from; a file without blank or longer rows needs no list.
private enum RowLines: Sendable {
  case consecutive(first: Int, count: Int)
  case listed([Int])
}

/// What can be wrong with a table or with a request to one.
public enum TableError: Failure, Equatable {
  case repeatedColumn(String)
  case unequalLengths(column: String, rows: Int, expected: Int)
  case unknownColumn(String, nearest: [String])
  case notNumeric(String)

  public var category: FailureCategory {
    switch self {
    case .repeatedColumn, .unequalLengths: .badData
    case .unknownColumn, .notNumeric: .usage
    }
  }

  public var description: String {
    switch self {
    case .repeatedColumn(let name):
      "column \(name) appears twice; every column name must be unique"
    case .unequalLengths(let column, let rows, let expected):
      "column \(column) has \(rows) rows where the others have \(expected)"
    case .unknownColumn(let name, let nearest):
      "no column \(name)" + suggestion(nearest)
    case .notNumeric(let name):
      "column \(name) holds text where numbers are needed"
    }
  }
}
