import LinearAlgebra
import ModelCore

/// The batches that most files are made of: all cells there, every term one column of numbers.
extension LeastSquaresState {
  /// Adds the rows of a batch without making a matrix of them.
  ///
  /// - Returns: `false`, with the state as it was, for a batch that is not so plain, or whose columns
  ///   are close to dependent.
  /// - Throws: as `add`.
  mutating func addPlainly(_ table: Table) throws(RegressionError) -> Bool {
    guard table.rowCount > 0, design.weights == nil, let expressions = plainTerms else {
      return false
    }
    try formulaChecked { () throws(FormulaError) in try design.formula.checkColumns(in: table) }
    var ranges: [String: ClosedRange<Double>] = [:]
    let columnsRead = design.formula.columnsRead
    for name in design.formula.responseColumns + columnsRead where ranges[name] == nil {
      guard let column = table.numbersIfPresent(name), let range = finiteExtent(column.storage)
      else { return false }
      ranges[name] = range
    }
    var block: [[Double]?] = [nil]
    var extents: [ClosedRange<Double>] = [1...1]
    // What only reads columns asks nothing of the learner, which a list of all rows is for.
    let computes = ([design.formula.response] + expressions).contains { !$0.isColumn }
    var learner = VariableLearner(
      rows: TableRows(table: table, positions: computes ? Array(0..<table.rowCount) : []))
    // The response first: of two errors in a row, its is the one that is reported.
    let response = try values(design.formula.response, table, ranges, &learner)
    for expression in expressions {
      guard let (values, range) = try values(expression, table, ranges, &learner) else { continue }
      block.append(values)
      extents.append(range)
    }
    try learner.verdict()
    guard let response, block.count == expressions.count + 1 else { return false }
    block.append(response.values)
    extents.append(response.range)
    var next = reduction
    guard next.addProducts(of: block, rows: table.rowCount, extents: extents) else { return false }
    reduction = next
    rowsRead += table.rowCount
    self.response.add(Extent(lower: response.range.lowerBound, upper: response.range.upperBound))
    for name in columnsRead {
      guard let range = ranges[name] else { continue }
      self.extents[name, default: Extent()].add(
        Extent(lower: range.lowerBound, upper: range.upperBound))
    }
    return true
  }

  /// One expression per column of the model; `nil` when some term is more than that.
  private var plainTerms: [Expression]? {
    var answer: [Expression] = []
    for term in design.formula.terms {
      guard term.variables.count == 1, let variable = term.variables.first,
        design.variables[variable] == .numeric,
        case .expression(let expression) = design.formula.variables[variable]
      else { return nil }
      answer.append(expression)
    }
    return answer
  }

  /// The values of an expression and what they cover; `nil` when some are not finite, which the
  /// learner knows then.
  private func values(
    _ expression: Expression, _ table: Table, _ ranges: [String: ClosedRange<Double>],
    _ learner: inout VariableLearner
  ) throws(RegressionError) -> (values: [Double], range: ClosedRange<Double>)? {
    if case .column(let name) = expression, let range = ranges[name],
      let column = table.numbersIfPresent(name)
    {
      return (column.storage, range)
    }
    let values = try learner.finite(expression)
    return finiteExtent(values).map { (values, $0) }
  }
}

extension Expression {
  fileprivate var isColumn: Bool {
    if case .column = self { return true }
    return false
  }
}
