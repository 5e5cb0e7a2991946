import LinearAlgebra
import ModelCore

/// Why a row of new data has no columns.
struct RowProblem: Error, Equatable {
  let reason: String
}

extension DesignRecipe {
  /// The columns of the model for each row of a table, or why a row has none.
  ///
  /// - Throws: `RegressionError` when the table lacks a column of the right side, or holds text
  ///   where the recipe knows numbers.
  func apply(to table: Table) throws(RegressionError) -> [Result<[Double], RowProblem>] {
    try formulaChecked { () throws(FormulaError) in
      try formula.checkColumns(in: table, includingResponse: false)
    }
    let missing = TableRows.firstMissing(formula.columnsRead, in: table)
    let rows = TableRows(table: table, positions: missing.indices.filter { missing[$0] == nil })
    var problems = [RowProblem?](repeating: nil, count: rows.positions.count)
    var values: [VariableValues] = []
    for (variable, recipe) in zip(formula.variables, variables) {
      values.append(try self.values(variable, recipe, rows, &problems))
    }
    let matrix = try self.matrix(values, count: rows.positions.count)
    var answer = missing.map { column in
      Result<[Double], RowProblem>.failure(RowProblem(reason: "\(column ?? "a cell") is missing"))
    }
    for (index, position) in rows.positions.enumerated() {
      if let problem = problems[index] {
        answer[position] = .failure(problem)
        continue
      }
      let row = matrix.row(index)
      answer[position] =
        row.allSatisfy(\.isFinite)
        ? .success(row)
        : .failure(RowProblem(reason: "a term of the model is beyond the range of doubles"))
    }
    return answer
  }

  private func values(
    _ variable: Variable, _ recipe: VariableRecipe, _ rows: TableRows,
    _ problems: inout [RowProblem?]
  ) throws(RegressionError) -> VariableValues {
    switch (variable, recipe) {
    case (.factor(let name), .factor(let levels)),
      (.expression(.column(let name)), .factor(let levels)):
      let codes = Dictionary(levels.enumerated().map { ($1, $0) }) { first, _ in first }
      var answer: [Int] = []
      for (index, label) in rows.labels(name).enumerated() {
        if codes[label] == nil, problems[index] == nil {
          let known = levels.prefix(12).joined(separator: ", ") + (levels.count > 12 ? ", ..." : "")
          problems[index] = RowProblem(
            reason: "\(name) is \"\(label)\", which the training data did not have (\(known))")
        }
        answer.append(codes[label] ?? -1)
      }
      return .codes(answer)
    case (.polynomial(let expression, _), .polynomial(let polynomial)):
      return .numbers(polynomial.columns(try finite(expression, rows, &problems)))
    case (.powers(let expression, let degree, _), _):
      return .numbers(Polynomial.powers(try finite(expression, rows, &problems), degree))
    case (.expression(let expression), _):
      return .numbers([try finite(expression, rows, &problems)])
    case (.polynomial, _), (.factor, _):
      throw .inconsistentFit("the variable \(variable) is not what it says")
    }
  }

  /// The values of an expression, 0 in place of what is not finite, with the reason noted.
  private func finite(
    _ expression: Expression, _ rows: TableRows, _ problems: inout [RowProblem?]
  ) throws(RegressionError) -> [Double] {
    var values = try rows.values(of: expression)
    for index in values.indices where !values[index].isFinite {
      if problems[index] == nil {
        problems[index] = RowProblem(
          reason: "\(expression) is \(shortestDecimal(values[index])) for "
            + rows.cells(of: expression, index))
      }
      values[index] = 0
    }
    return values
  }
}
