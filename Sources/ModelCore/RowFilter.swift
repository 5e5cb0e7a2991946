/// A condition that picks rows of a table: what `--where` takes.
///
///     technique = precopy+xbzrle and total_time_s <= 30
///     workload in (idle, hotcold) and not (status = timeout or downtime_s > 5)
///     energy_j is not missing
///
/// A comparison has a column at its left, one of `=` `==` `!=` `<` `<=` `>` `>=` `in` `not in`,
/// and at its right a number, a quoted text (`'..'` or `".."`, the quote inside written twice) or
/// a bare word of letters, digits and `_ + - . / :`. Comparisons are joined by `and`, `or` and
/// `not` (in any case; `not` binds tightest, then `and`) and grouped by parentheses. A column
/// whose name is no bare word stands in backquotes.
///
/// A comparison with a missing cell is false, whatever the operator: rows without a downtime are
/// neither `downtime_s = 1` nor `downtime_s != 1`. `not` turns the answer round, so `not
/// (downtime_s = 1)` keeps them. `is missing` and `is not missing` ask for them.
///
/// A numeric column is compared with numbers, as doubles. A text column is compared byte by byte
/// with `=`, `!=`, `in` and `not in`; an unquoted number there means its own spelling. A flag is
/// compared with `true` and `false`.
public struct RowFilter: Sendable, Equatable {
  /// The expression as it was given.
  public let text: String
  /// The columns it reads, each once, in the order of their first mention.
  public let columnsRead: [String]
  let condition: Condition

  /// - Throws: `RowFilterError` with the position and what was expected there.
  public init(parsing text: String) throws(RowFilterError) {
    var parser = try RowFilterParser(text)
    self.text = text
    condition = try parser.parse()
    columnsRead = parser.columns
  }

  /// The positions of the rows that fulfil the condition, in the table's order.
  ///
  /// - Throws: `RowFilterError` for a column that the table does not have, for text compared with
  ///   a numeric column, and for an order asked of a text column.
  public func matching(_ table: Table) throws(RowFilterError) -> [Int] {
    let fulfilled = try condition.evaluate(table, text)
    return fulfilled.indices.filter { fulfilled[$0] }
  }

  indirect enum Condition: Sendable, Equatable {
    case compare(column: String, Operator, [Literal])
    case isMissing(column: String)
    case not(Condition)
    case all([Condition])
    case any([Condition])
  }

  enum Operator: String, Sendable {
    case equal = "="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case oneOf = "in"
    case noneOf = "not in"

    var isOrder: Bool {
      switch self {
      case .less, .lessOrEqual, .greater, .greaterOrEqual: true
      default: false
      }
    }

    /// `=` and `in` look for a match, their negations for its absence.
    var isNegated: Bool { self == .unequal || self == .noneOf }
  }

  struct Literal: Sendable, Equatable {
    let text: String
    /// The value of an unquoted number.
    let number: Double?
  }
}

/// What can be wrong with a row filter, or with asking it about a table.
public enum RowFilterError: Failure, Equatable {
  /// - Parameter position: 1-based character of the expression.
  case syntax(expression: String, position: Int, found: String, expected: String)
  case unknownColumn(expression: String, String, nearest: [String])
  case textForNumber(expression: String, column: String, literal: String)
  case orderOfText(expression: String, column: String, comparison: String)
  case notAFlag(expression: String, column: String, literal: String)

  public var category: FailureCategory { .usage }

  public var description: String {
    switch self {
    case .syntax(let expression, let position, let found, let expected):
      "filter \"\(shown(expression))\": at \(position): \(found), \(expected) expected"
    case .unknownColumn(let expression, let name, let nearest):
      "filter \"\(shown(expression))\": no column \(name)" + suggestion(nearest)
    case .textForNumber(let expression, let column, let literal):
      "filter \"\(shown(expression))\": column \(column) holds numbers and cannot be compared with"
        + " the text \"\(literal)\""
    case .orderOfText(let expression, let column, let comparison):
      "filter \"\(shown(expression))\": column \(column) holds text; \(comparison) needs numbers,"
        + " text is compared with =, !=, in and not in"
    case .notAFlag(let expression, let column, let literal):
      "filter \"\(shown(expression))\": column \(column) holds true and false and cannot be compared with"
        + " \"\(literal)\""
    }
  }
}

/// An expression as a message shows it: long ones are cut, the position tells where to look.
private func shown(_ expression: String) -> String {
  let longest = 200
  return expression.count <= longest ? expression : expression.prefix(longest) + "..."
}

extension RowFilter.Condition {
  /// One answer per row.
  func evaluate(_ table: Table, _ expression: String) throws(RowFilterError) -> [Bool] {
    switch self {
    case .not(let inner): return try inner.evaluate(table, expression).map { !$0 }
    case .all(let parts): return try combine(parts, table, expression) { $0 && $1 }
    case .any(let parts): return try combine(parts, table, expression) { $0 || $1 }
    case .isMissing(let name):
      switch try values(of: name, table, expression) {
      case .numbers(let column): return column.storage.map(\.isNaN)
      case .text(let column): return (0..<column.count).map { column.withBytes(of: $0, \.isEmpty) }
      case .flags(let column): return column.map { $0 == nil }
      }
    case .compare(let name, let comparison, let literals):
      switch try values(of: name, table, expression) {
      case .numbers(let column):
        return try compare(column, name, comparison, literals, expression)
      case .text(let column):
        return try compare(column, name, comparison, literals, expression)
      case .flags(let column):
        return try compare(column, name, comparison, literals, expression)
      }
    }
  }

  private func combine(
    _ parts: [RowFilter.Condition], _ table: Table, _ expression: String,
    _ join: (Bool, Bool) -> Bool
  ) throws(RowFilterError) -> [Bool] {
    var answer: [Bool]?
    // Every part is evaluated: a mistake is reported whatever the rows hold.
    for part in parts {
      let next = try part.evaluate(table, expression)
      answer = answer.map { zip($0, next).map { join($0, $1) } } ?? next
    }
    return answer ?? []
  }

  private func values(
    of name: String, _ table: Table, _ expression: String
  ) throws(RowFilterError) -> ColumnValues {
    guard let column = table[name] else {
      throw .unknownColumn(expression: expression, name, nearest: table.nearestNames(to: name))
    }
    return column.values
  }

  private func compare(
    _ column: NumericColumn, _ name: String, _ comparison: RowFilter.Operator,
    _ literals: [RowFilter.Literal], _ expression: String
  ) throws(RowFilterError) -> [Bool] {
    var numbers: [Double] = []
    for literal in literals {
      guard let number = literal.number else {
        throw .textForNumber(expression: expression, column: name, literal: literal.text)
      }
      numbers.append(number)
    }
    let bound = numbers.first ?? .nan
    // A missing cell is a NaN inside, and every ordered comparison with it is false already.
    switch comparison {
    case .less: return column.storage.map { $0 < bound }
    case .lessOrEqual: return column.storage.map { $0 <= bound }
    case .greater: return column.storage.map { $0 > bound }
    case .greaterOrEqual: return column.storage.map { $0 >= bound }
    case .equal, .unequal, .oneOf, .noneOf:
      return column.storage.map { value in
        !value.isNaN && numbers.contains(value) != comparison.isNegated
      }
    }
  }

  private func compare(
    _ column: TextColumn, _ name: String, _ comparison: RowFilter.Operator,
    _ literals: [RowFilter.Literal], _ expression: String
  ) throws(RowFilterError) -> [Bool] {
    guard !comparison.isOrder else {
      throw .orderOfText(expression: expression, column: name, comparison: comparison.rawValue)
    }
    let words = literals.map { Array($0.text.utf8) }
    return (0..<column.count).map { row in
      column.withBytes(of: row) { cell in
        !cell.isEmpty && words.contains { $0.elementsEqual(cell) } != comparison.isNegated
      }
    }
  }

  private func compare(
    _ column: [Bool?], _ name: String, _ comparison: RowFilter.Operator,
    _ literals: [RowFilter.Literal], _ expression: String
  ) throws(RowFilterError) -> [Bool] {
    guard !comparison.isOrder else {
      throw .orderOfText(expression: expression, column: name, comparison: comparison.rawValue)
    }
    var flags: [Bool] = []
    for literal in literals {
      guard let flag = Bool(literal.text.lowercased()) else {
        throw .notAFlag(expression: expression, column: name, literal: literal.text)
      }
      flags.append(flag)
    }
    return column.map { cell in
      cell.map { flags.contains($0) != comparison.isNegated } ?? false
    }
  }
}
