public import ModelCore

/// A saved fit of a formula, of whatever kind: all that a prediction needs, nothing of the data.
public protocol SavedFormulaPredictor: Sendable {
  /// The formula as it is printed.
  var formulaText: String { get }
  /// The name of what is predicted.
  var predictedName: String { get }
  /// The columns that a prediction reads.
  var inputColumns: [String] { get }
  /// What the numeric inputs covered in training.
  var ranges: [ColumnRange] { get }

  /// One prediction per row, with a reason in place of one that cannot be made.
  func predict(_ table: Table, level: Double) throws(RegressionError) -> [Prediction]
}

extension SavedFormulaPredictor {
  /// The columns in which rows lie outside what the training data covered.
  ///
  /// - Throws: `RegressionError.table` for a column that the table lacks.
  public func extrapolations(
    in table: Table
  ) throws(RegressionError) -> [(column: String, rows: [Int])] {
    var answer: [(column: String, rows: [Int])] = []
    for range in ranges {
      guard table[range.column] != nil else {
        throw .table(.unknownColumn(range.column, nearest: table.nearestNames(to: range.column)))
      }
      guard let column = table.numbersIfPresent(range.column) else { continue }
      let rows = column.storage.indices.filter {
        column.storage[$0] < range.lower || column.storage[$0] > range.upper
      }
      if !rows.isEmpty { answer.append((range.column, rows)) }
    }
    return answer
  }
}

extension FormulaFit: SavedFormulaPredictor {
  public var formulaText: String { formula.description }
  public var inputColumns: [String] { formula.columnsRead }
  public func predict(_ table: Table, level: Double) throws(RegressionError) -> [Prediction] {
    try predict(table, level: level, interval: .prediction)
  }
}

extension SavedLinearPredictor: SavedFormulaPredictor {
  public var formulaText: String { formula.description }
  public var inputColumns: [String] { formula.columnsRead }
  public func predict(_ table: Table, level: Double) throws(RegressionError) -> [Prediction] {
    try predict(table, level: level, interval: .prediction)
  }
}

extension NonlinearFormulaFit: SavedFormulaPredictor {
  public var formulaText: String { formula.description }
  public var inputColumns: [String] { columnsRead }
  public func predict(_ table: Table, level: Double) throws(RegressionError) -> [Prediction] {
    try predict(table, level: level, interval: .prediction)
  }
}
