public import ModelCore

/// A non-linear formula applied to a table: which names are parameters, the complete rows, the
/// response and the weights. It is the residual function that the solver minimises.
public struct NonlinearDesign: Sendable {
  public let formula: NonlinearFormula
  /// The parameters, in the order in which they appear.
  public let parameterNames: [String]
  /// The columns that the right side reads.
  public let columns: [String]
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
  /// What the columns of the right side covered.
  public let ranges: [ColumnRange]
  /// The table that was given.
  public let table: Table

  private let values: [String: DualColumns]
  private let weightRoots: [Double]?

  /// Decides which names are parameters and reads the rest from the table.
  ///
  /// Rows with a missing cell in a column that is read are left out and counted, then rows of
  /// weight 0. Roles are not checked here: `NonlinearFormula.checkRoles` does that.
  /// - Parameters:
  ///   - parameters: names that are parameters even where the table has such a column; when any
  ///     are given, every other name has to be a column, so that a misspelt one is found. `nil`:
  ///     every name that is no column.
  ///   - weights: precision weights, >= 0, up to a common factor.
  /// - Throws: `NonlinearError` for a name that is neither, a parameter that the formula does
  ///   not have, a column of text, a response or weight that cannot be used, and for no rows.
  public init(
    _ formula: NonlinearFormula, _ table: Table, parameters: [String]? = nil,
    weights: Expression? = nil
  ) throws(NonlinearError) {
    let names = formula.names
    let given = parameters.map { Set($0) }
    for name in parameters ?? [] where !names.contains(name) {
      throw .unknownParameter(
        name, nearest: nearestWords(to: name, among: names),
        parameters: names.filter { table[$0] == nil })
    }
    parameterNames = names.filter { given?.contains($0) ?? (table[$0] == nil) }
    columns = names.filter { name in !(given?.contains(name) ?? (table[name] == nil)) }
    for name in formula.responseColumns + columns where table[name] == nil {
      let isLeft = formula.responseColumns.contains(name)
      throw .regression(
        .formula(
          formula.error(
            at: name,
            (isLeft
              ? "no column \(name)" : "\(name) is neither a column nor a parameter with a start")
              + suggestion(nearestWords(to: name, among: table.names + (parameters ?? []))))))
    }
    guard !parameterNames.isEmpty else { throw .noParameters(formula: formula.description) }
    for name in weights?.columnsRead ?? [] where table[name] == nil {
      throw .regression(
        .table(.unknownColumn(name, nearest: table.nearestNames(to: name))))
    }

    let used = unique(formula.responseColumns + columns + (weights?.columnsRead ?? []))
    let missing = TableRows.firstMissing(used, in: table)
    let complete = TableRows(
      table: table, positions: missing.indices.filter { missing[$0] == nil })
    let (kept, rowWeights) = try checkedFit { () throws(RegressionError) in
      try Self.weigh(complete, weights)
    }
    missingRows = table.rowCount - complete.positions.count
    zeroWeightRows = complete.positions.count - kept.positions.count
    guard !kept.positions.isEmpty else {
      throw .regression(
        .noRows(
          table: table.rowCount, missing: missingRows, zeroWeight: zeroWeightRows,
          empty: TableRows.empty(used, in: table)))
    }
    let read = columns
    let answer = try checkedFit { () throws(RegressionError) in try Self.read(read, kept) }
    values = answer.values
    ranges = answer.ranges
    (response, observed) = try checkedFit { () throws(RegressionError) in
      (
        try Self.finiteResponse(formula.response, kept),
        try kept.values(of: ResponseScale(formula.response).original)
      )
    }
    self.formula = formula
    self.weights = rowWeights
    weightRoots = rowWeights.map { $0.map { $0.squareRoot() } }
    rows = kept.positions
    self.table = table
  }

  private static func read(
    _ columns: [String], _ rows: TableRows
  ) throws(RegressionError) -> (values: [String: DualColumns], ranges: [ColumnRange]) {
    var values: [String: DualColumns] = [:]
    var ranges: [ColumnRange] = []
    for name in columns {
      let cells = try rows.values(of: .column(name))
      values[name] = DualColumns(values: cells)
      guard let lower = cells.min(), let upper = cells.max(), lower.isFinite, upper.isFinite
      else { continue }
      ranges.append(ColumnRange(column: name, lower: lower, upper: upper))
    }
    return (values, ranges)
  }

  private static func finiteResponse(
    _ expression: Expression, _ rows: TableRows
  ) throws(RegressionError) -> [Double] {
    let values = try rows.values(of: expression)
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(
        place: rows.place(index), expression: expression.description, value: values[index],
        cells: rows.cells(of: expression, index))
    }
    return values
  }

  private static func weigh(
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

  /// Where a row of the design came from, for a message.
  func place(_ index: Int) -> String {
    TableRows(table: table, positions: rows).place(index)
  }

  /// The model's values, not weighted, one per row.
  public func fitted(at parameters: [Double]) -> [Double] {
    fill(formula.right.evaluate(bound(parameters, differentiated: false)).values)
  }

  private func bound(_ parameters: [Double], differentiated: Bool) -> [String: DualColumns] {
    var names = values
    for (index, name) in parameterNames.enumerated() where index < parameters.count {
      names[name] = DualColumns(
        values: [parameters[index]], partials: differentiated ? [index: [1]] : [:])
    }
    return names
  }

  private func fill(_ column: [Double]) -> [Double] {
    column.count == rows.count || column.isEmpty
      ? column : [Double](repeating: column[0], count: rows.count)
  }

  private func weighted(_ column: [Double]) -> [Double] {
    guard let weightRoots else { return column }
    return zip(column, weightRoots).map { $0 * $1 }
  }
}

extension NonlinearDesign: ResidualFunction {
  public var residualCount: Int { rows.count }

  /// sqrt(w) (model - response).
  public func residuals(at parameters: [Double]) -> [Double] {
    weighted(zip(fitted(at: parameters), response).map { $0 - $1 })
  }

  public func linearization(at parameters: [Double]) -> Linearization {
    let duals = formula.right.evaluate(bound(parameters, differentiated: true))
    let columns = parameterNames.indices.map { j in
      weighted(fill(duals.partials[j] ?? [0]))
    }
    return Linearization(
      residuals: weighted(zip(fill(duals.values), response).map { $0 - $1 }), columns: columns)
  }
}
