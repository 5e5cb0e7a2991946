public import ModelCore

extension Expression {
  /// The value in every row of a table.
  ///
  /// - Parameter table: has the columns that are read, as numbers.
  /// - Returns: one value per row; `nil` where a cell that is read is missing, and where the value
  ///   is no finite number.
  /// - Throws: `TableError.unknownColumn` or `TableError.notNumeric`.
  ///
  /// ```swift
  /// let seconds = try Expression(parsing: "duration_ms / 1000").values(in: table)
  /// ```
  public func values(in table: Table) throws(TableError) -> [Double?] {
    var columns: [String: [Double]] = [:]
    for name in columnsRead { columns[name] = try table.numbers(name).storage }
    return evaluate(columns, count: table.rowCount).map { $0.isFinite ? $0 : nil }
  }
}
