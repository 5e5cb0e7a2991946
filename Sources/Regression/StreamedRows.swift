import LinearAlgebra
import ModelCore

/// One batch, evaluated: the columns of the state for its rows.
struct StreamedRows {
  /// The design with the levels of this batch.
  let design: StreamingDesign
  /// The constant 1, the columns of the model, the response.
  let block: Matrix
  let weights: [Double]?
  let rows: TableRows
  let missingRows: Int
  let zeroWeightRows: Int

  /// - Throws: what `Design` throws for such rows; `.stream(.kindChanged)`.
  init(_ table: Table, _ design: StreamingDesign) throws(RegressionError) {
    let selection = try RowSelection(design.formula, weights: design.weights, in: table)
    (rows, weights) = (selection.rows, selection.weights)
    (missingRows, zeroWeightRows) = (selection.missing, selection.zeroWeight)
    guard !rows.positions.isEmpty else {
      // Without a row there may be no level yet, and so no column.
      self.design = design
      block = Matrix(rows: 0, columns: design.columnCount)
      return
    }
    var learner = VariableLearner(rows: rows)
    let response = try learner.finite(design.formula.response)
    var values: [VariableValues] = []
    var found: [Int: [String]] = [:]
    for (position, variable) in design.formula.variables.enumerated() {
      switch (variable, design.variables[position]) {
      case (.factor(let name), .factor(_, let kind)),
        (.expression(.column(let name)), .factor(_, let kind)):
        let (levels, codes) = try Self.factor(name, kind, rows)
        found[position] = levels
        values.append(.codes(codes))
      case (.polynomial(let expression, _), .polynomial(let polynomial)):
        let x = try learner.finite(expression)
        values.append(.numbers(polynomial.columns(x)))
      case (.powers(let expression, _, _), .powers(let degree)):
        values.append(.numbers(Polynomial.powers(try learner.finite(expression), degree)))
      case (.expression(let expression), _):
        values.append(.numbers([try learner.finite(expression)]))
      case (.polynomial, _), (.powers, _), (.factor, _):
        throw .stream(.inconsistent("the variable \(variable) is not what it says"))
      }
    }
    try learner.verdict()
    let grown = try design.growing(found)
    for (position, levels) in found {
      guard case .factor(let all, _) = grown.variables[position],
        case .codes(let codes) = values[position]
      else { continue }
      let places = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, $0) })
      let order = levels.map { places[$0] ?? -1 }
      values[position] = .codes(codes.map { order[$0] })
    }
    self.design = grown
    let matrix = try grown.wide.matrix(values, count: rows.positions.count)
    try Design.checkProducts(matrix, grown.wide, rows)
    block = try Self.framed(matrix, response, hasOnes: grown.formula.hasIntercept)
  }

  private static func factor(
    _ name: String, _ kind: StreamedColumnKind, _ rows: TableRows
  ) throws(RegressionError) -> (levels: [String], codes: [Int]) {
    guard let column = rows.table[name] else { return ([], []) }
    var isNumbers = false
    if case .numbers = column.values { isNumbers = true }
    guard isNumbers == (kind == .numbers) else {
      throw .stream(.kindChanged(column: name, expected: kind == .numbers ? "numbers" : "text"))
    }
    var coder = LevelCoder()
    let codes = coder.codes(column.values, rows: rows.positions)
    return (coder.levels, codes)
  }

  /// The matrix between a column of ones and the response.
  private static func framed(
    _ matrix: Matrix, _ response: [Double], hasOnes: Bool
  ) throws(RegressionError) -> Matrix {
    var storage: [Double] = []
    storage.reserveCapacity(matrix.storage.count + 2 * response.count)
    if !hasOnes { storage += repeatElement(1, count: response.count) }
    storage += matrix.storage
    storage += response
    let elements = storage
    return try algebra { () throws(LinearAlgebraError) in
      try Matrix(
        rows: response.count, columns: matrix.columns + (hasOnes ? 1 : 2), storage: elements)
    }
  }
}

/// The rows of a batch that count, as in a `Design`: complete, of a weight above 0.
struct RowSelection {
  let rows: TableRows
  let weights: [Double]?
  let missing: Int
  let zeroWeight: Int

  init(
    _ formula: Formula, weights: Expression?, in table: Table
  ) throws(RegressionError) {
    try formulaChecked { () throws(FormulaError) in try formula.checkColumns(in: table) }
    let weightColumns = weights?.columnsRead ?? []
    for name in weightColumns where table[name] == nil {
      throw .table(.unknownColumn(name, nearest: table.nearestNames(to: name)))
    }
    let used = unique(formula.responseColumns + formula.columnsRead + weightColumns)
    let missing = TableRows.firstMissing(used, in: table)
    let complete = TableRows(
      table: table, positions: missing.indices.filter { missing[$0] == nil })
    (rows, self.weights) = try Design.weigh(complete, weights)
    self.missing = table.rowCount - complete.positions.count
    zeroWeight = complete.positions.count - rows.positions.count
  }
}
