public import LinearAlgebra
public import ModelCore

/// The smallest and largest value of a column among the rows that a model was fitted to.
public struct ColumnRange: Sendable, Equatable, Codable {
  public let column: String
  public let lower: Double
  public let upper: Double
}

/// A formula applied to a table: the response, the model matrix and the weights.
public struct Design: Sendable {
  public let recipe: DesignRecipe
  /// One row per row used, one column per name in `recipe.columnNames`.
  public let matrix: Matrix
  /// The left side of the formula, finite.
  public let response: [Double]
  /// The response before a logarithm on the left side was taken; else the response.
  public let observed: [Double]
  /// Positive, or `nil` when the fit is not weighted.
  public let weights: [Double]?
  /// The rows of the table that are used, ascending.
  public let rows: [Int]
  /// Rows left out because a cell of a column that is read is missing.
  public let missingRows: Int
  /// Rows left out because their weight is 0.
  public let zeroWeightRows: Int
  /// What the numeric columns of the right side covered.
  public let ranges: [ColumnRange]
  /// The table that was given.
  public let table: Table

  public var formula: Formula { recipe.formula }

  /// Builds the model matrix and learns the recipe.
  ///
  /// Rows with a missing cell in a column that is read are left out and counted, then rows of
  /// weight 0. Roles are not checked here: `Formula.checkRoles` does that.
  /// - Parameter weights: precision weights, >= 0, up to a common factor.
  /// - Throws: `RegressionError`: a column that is absent or of text inside arithmetic; a value
  ///   that is not finite, with its row; a factor of one level; no rows or no columns.
  public init(
    _ formula: Formula, _ table: Table, weights: Expression? = nil
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
    let (kept, rowWeights) = try Self.weigh(complete, weights)
    let zeroWeight = complete.positions.count - kept.positions.count
    guard !kept.positions.isEmpty else {
      throw .noRows(
        table: table.rowCount, missing: table.rowCount - complete.positions.count,
        zeroWeight: zeroWeight, empty: TableRows.empty(used, in: table))
    }

    var learner = VariableLearner(rows: kept)
    let response = try learner.finite(formula.response)
    var recipes: [VariableRecipe] = []
    var values: [VariableValues] = []
    for variable in formula.variables {
      let (recipe, columns) = try learner.learn(variable)
      recipes.append(recipe)
      values.append(columns)
    }
    try learner.verdict()

    recipe = try DesignRecipe(formula: formula, variables: recipes)
    matrix = try recipe.matrix(values, count: kept.positions.count)
    self.response = response
    observed = try kept.values(of: ResponseScale(formula.response).original)
    self.weights = rowWeights
    rows = kept.positions
    missingRows = table.rowCount - complete.positions.count
    zeroWeightRows = zeroWeight
    self.table = table
    var ranges: [ColumnRange] = []
    for name in formula.columnsRead {
      guard let column = table.numbersIfPresent(name) else { continue }
      let cells = kept.positions.map { column.storage[$0] }
      // An infinite cell can leave a finite term (1/x); there is no range to speak of then.
      guard let lower = cells.min(), let upper = cells.max(), lower.isFinite, upper.isFinite
      else { continue }
      ranges.append(ColumnRange(column: name, lower: lower, upper: upper))
    }
    self.ranges = ranges
    try Self.checkProducts(matrix, recipe, kept)
  }

  /// Variables are finite by now; their products need not be.
  static func checkProducts(
    _ matrix: Matrix, _ recipe: DesignRecipe, _ rows: TableRows
  ) throws(RegressionError) {
    guard let element = matrix.storage.firstIndex(where: { !$0.isFinite }) else { return }
    let (column, row) = element.quotientAndRemainder(dividingBy: matrix.rows)
    let cells = recipe.formula.columnsRead.map { Expression.column($0) }
      .map { rows.cells(of: $0, row) }.joined(separator: ", ")
    throw .notFinite(
      place: rows.place(row), expression: recipe.columnNames[column],
      value: matrix.storage[element], cells: cells)
  }

  static func weigh(
    _ rows: TableRows, _ weights: Expression?
  ) throws(RegressionError) -> (TableRows, [Double]?) {
    guard let weights else { return (rows, nil) }
    let values = try rows.values(of: weights)
    for (index, value) in values.enumerated() where !(value >= 0 && value.isFinite) {
      throw .weight(place: rows.place(index), expression: weights.description, value: value)
    }
    let kept = values.indices.filter { values[$0] > 0 }
    return (
      TableRows(table: rows.table, positions: kept.map { rows.positions[$0] }),
      kept.map { values[$0] }
    )
  }
}

/// Learns recipes from training rows and remembers the first row that cannot be used.
struct VariableLearner {
  let rows: TableRows
  private var first: (index: Int, error: RegressionError)?

  init(rows: TableRows) {
    self.rows = rows
  }

  /// The values of an expression; one that is not finite is held against the whole design.
  mutating func finite(_ expression: Expression) throws(RegressionError) -> [Double] {
    let values = try rows.values(of: expression)
    if let index = values.firstIndex(where: { !$0.isFinite }),
      first.map({ index < $0.index }) ?? true
    {
      first = (
        index,
        .notFinite(
          place: rows.place(index), expression: expression.description, value: values[index],
          cells: rows.cells(of: expression, index))
      )
    }
    return values
  }

  /// - Throws: the error of the first row, in the order of the table, whose values are unusable.
  func verdict() throws(RegressionError) {
    if let first { throw first.error }
  }

  mutating func learn(
    _ variable: Variable
  ) throws(RegressionError) -> (VariableRecipe, VariableValues) {
    switch variable {
    case .factor(let name):
      return try factor(name)
    case .expression(.column(let name)) where rows.table.numbersIfPresent(name) == nil:
      return try factor(name)
    case .expression(let expression):
      return (.numeric, .numbers([try finite(expression)]))
    case .powers(let expression, let degree, _):
      return (.powers(degree: degree), .numbers(Polynomial.powers(try finite(expression), degree)))
    case .polynomial(let expression, let degree):
      let x = try finite(expression)
      // Without finite values there is no polynomial; the row's own error is the one to report.
      try verdict()
      do {
        let polynomial = try Polynomial(x, degree: degree)
        return (.polynomial(polynomial), .numbers(polynomial.columns(x)))
      } catch {
        switch error {
        case .tooFewValues(let count):
          throw .polynomial(term: variable.description, degree: degree, differentValues: count)
        case .outOfRange:
          throw .outOfRange(term: variable.description)
        }
      }
    }
  }

  private func factor(
    _ name: String
  ) throws(RegressionError) -> (VariableRecipe, VariableValues) {
    let labels = rows.labels(name)
    var levels = Array(Set(labels))
    if let numbers = rows.table.numbersIfPresent(name) {
      let cells = Set(rows.positions.map { numbers.storage[$0] })
      levels = cells.sorted().map(shortestDecimal)
    } else {
      levels.sort()
    }
    guard levels.count > 1 else {
      throw .singleLevel(column: name, level: levels.first ?? "", rows: labels.count)
    }
    let codes = Dictionary(uniqueKeysWithValues: levels.enumerated().map { ($1, $0) })
    return (.factor(levels: levels), .codes(labels.map { codes[$0] ?? -1 }))
  }
}
