import ModelCore

/// The complete rows of a table, and the values of some of its columns there.
struct TableRows {
  let table: Table
  /// Positions in the table.
  let positions: [Int]

  /// For each row of a table the first of the columns that is missing there, `nil` for none.
  static func firstMissing(_ columns: [String], in table: Table) -> [String?] {
    var answer = [String?](repeating: nil, count: table.rowCount)
    for name in columns {
      guard let column = table[name] else { continue }
      for row in 0..<table.rowCount where answer[row] == nil && isMissing(column.values, row) {
        answer[row] = name
      }
    }
    return answer
  }

  /// The columns that hold no value at all.
  static func empty(_ columns: [String], in table: Table) -> [String] {
    columns.filter { name in
      guard let column = table[name], table.rowCount > 0 else { return false }
      return (0..<table.rowCount).allSatisfy { isMissing(column.values, $0) }
    }
  }

  private static func isMissing(_ values: ColumnValues, _ row: Int) -> Bool {
    switch values {
    case .numbers(let column): column.storage[row].isNaN
    case .text(let column): column.withBytes(of: row) { $0.isEmpty }
    case .flags(let column): column[row] == nil
    }
  }

  /// The numbers that an expression reads, by column.
  ///
  /// - Throws: `RegressionError.notNumbers` for a column of text or flags with anything in it.
  func numbers(for expression: Expression) throws(RegressionError) -> [String: [Double]] {
    var answer: [String: [Double]] = [:]
    for name in expression.columnsRead {
      if let column = table.numbersIfPresent(name) {
        answer[name] = positions.map { column.storage[$0] }
      } else {
        // A column without a single cell has no type; none of its rows is complete.
        guard positions.isEmpty else {
          throw .notNumbers(column: name, in: expression.description)
        }
        answer[name] = []
      }
    }
    return answer
  }

  /// The value of an expression in each row, which may be an infinity or NaN.
  func values(of expression: Expression) throws(RegressionError) -> [Double] {
    expression.evaluate(try numbers(for: expression), count: positions.count)
  }

  /// The cells of a column as text.
  func labels(_ column: String) -> [String] {
    positions.map { table.label(column, row: $0) ?? "" }
  }

  /// Where a row came from, for a message: `trace.csv:17`, or `row 4`.
  func place(_ index: Int) -> String {
    let position = positions[index]
    guard let lines = table.lines else { return place(rowNumber: position + 1) }
    return table.source.map { "\($0):\(lines[position])" } ?? "line \(lines[position])"
  }

  private func place(rowNumber: Int) -> String {
    table.source.map { "\($0), row \(rowNumber)" } ?? "row \(rowNumber)"
  }

  /// The cells that an expression reads in a row: `memory_bytes = 0, rounds = 3`.
  func cells(of expression: Expression, _ index: Int) -> String {
    let names = expression.columnsRead
    guard !names.isEmpty else { return "any row" }
    return names.map { name in
      "\(name) = \(table.label(name, row: positions[index]) ?? "missing")"
    }.joined(separator: ", ")
  }
}
