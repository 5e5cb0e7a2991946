import LinearAlgebra
import ModelCore
import Regression
import Testing

@Suite struct DesignTests {
  static let formulas = try! uniqueFormulas()

  static func uniqueFormulas() throws -> [String] {
    var seen: Set<String> = []
    return try fixture("regression/model_matrix.csv").compactMap { $0["formula"] }
      .filter { seen.insert($0).inserted }
  }

  /// Column by column against R's model.matrix: names, order, contrasts, polynomials.
  @Test(arguments: formulas)
  func modelMatrixAsInR(_ text: String) throws {
    let cells = try fixture("regression/model_matrix.csv").filter { $0["formula"] == text }
    let design = try Design(Formula(text), referenceData())
    var names: [String] = []
    for cell in cells {
      let column = Int(try number(cell, "position")) - 1
      if column == names.count { names.append(cell["column"] ?? "") }
      let row = try #require(design.rows.firstIndex(of: Int(try number(cell, "row")) - 1))
      try #require(column < design.matrix.columns)
      let expected = try number(cell, "value")
      // The recurrence for polynomials and R's QR differ by rounding, in columns of length 1.
      #expect(
        abs(design.matrix[row, column] - expected) <= 1e-13 * max(1, abs(expected)),
        "\(cell["column"] ?? "") row \(row)")
    }
    #expect(design.recipe.columnNames == names)
  }

  @Test func countsWhatItLeavesOut() throws {
    let table = try Table([
      Column("y", numbers: [1, 2, nil, 4, 5, 6]), Column("x", numbers: [1, nil, 3, 4, 5, 7]),
      Column("w", numbers: [1, 1, 1, 0, 2, 3]),
      Column("unused", numbers: [nil, nil, nil, nil, nil, nil]),
    ])
    let design = try Design(Formula("y ~ x"), table, weights: Expression(parsing: "w / 2"))
    #expect(design.rows == [0, 4, 5] && design.missingRows == 2 && design.zeroWeightRows == 1)
    #expect(design.weights == [0.5, 1, 1.5] && design.response == [1, 5, 6])
    #expect(design.ranges.map(\.column) == ["x"])
    #expect(design.ranges[0].lower == 1 && design.ranges[0].upper == 7)
  }

  @Test func namesTheFirstUnusableRow() throws {
    let table = try Table(
      [Column("y", numbers: [1, 2, 3]), Column("x", numbers: [nil, 0, -1])], source: "t.csv",
      lines: [2, 3, 5])
    let error = try #require(throws: RegressionError.self) {
      try Design(Formula("y ~ log(x)"), table)
    }
    #expect(
      error.description == "t.csv:3: log(x) is -inf for x = 0; expected a finite number "
        + "(drop the row or change the formula)")
    #expect(error.category == .badData)
    // The first row of the table counts, not the first variable of the formula.
    let early = try Table([
      Column("y", numbers: [1, -2, 3]), Column("x", numbers: [1, 5, -1]),
      Column("z", numbers: [0, 1, 2]),
    ])
    let first = try #require(throws: RegressionError.self) {
      try Design(Formula("log(y) ~ sqrt(x) + log(z)"), early)
    }
    #expect(first.description.hasPrefix("row 1: log(z) is -inf for z = 0"))
  }

  @Test func mistakes() throws {
    let table = try Table(
      [
        Column("y", numbers: [1, 2, 3]), Column("x", numbers: [1, 2, 2]),
        Column("one", text: ["a", "a", "a"]),
        Column("t", text: ["a", "b", "a"]), Column("empty", numbers: [nil, nil, nil]),
        Column("w", numbers: [1, -1, 0]), Column("huge", numbers: [1e300, 2e300, 1e300]),
        Column("wide", numbers: [1.7e308, -1.7e308, 1.7e308]),
      ], source: "t.csv")
    func error(_ formula: String, _ weights: String? = nil) throws -> RegressionError {
      try #require(throws: RegressionError.self) {
        try Design(Formula(formula), table, weights: weights.map { try Expression(parsing: $0) })
      }
    }
    #expect(try error("y ~ one") == .singleLevel(column: "one", level: "a", rows: 3))
    #expect(try error("y ~ log(t)") == .notNumbers(column: "t", in: "log(t)"))
    #expect(try error("t ~ x") == .notNumbers(column: "t", in: "t"))
    #expect(
      try error("y ~ empty") == .noRows(table: 3, missing: 3, zeroWeight: 0, empty: ["empty"]))
    #expect(try error("y ~ 0") == .noColumns(formula: "y ~ 0"))
    #expect(
      try error("y ~ poly(x, 2)") == .polynomial(term: "poly(x, 2)", degree: 2, differentValues: 2))
    #expect(try error("y ~ x", "w") == .weight(place: "t.csv, row 2", expression: "w", value: -1))
    #expect(try error("y ~ x", "I(0 * x)") == .noRows(table: 3, missing: 0, zeroWeight: 3))
    #expect(
      try error("y ~ huge:I(huge * 1)")
        == .notFinite(
          place: "t.csv, row 1", expression: "huge:I(huge * 1)", value: .infinity,
          cells: "huge = 1e+300"))
    #expect(try error("y ~ poly(wide, 1)") == .outOfRange(term: "poly(wide, 1)"))
    guard case .formula(let unknown) = try error("y ~ xx") else {
      Issue.record("no formula error")
      return
    }
    #expect(unknown.offset == 4)
    guard case .table(.unknownColumn("ww", nearest: _)) = try error("y ~ x", "ww") else {
      Issue.record("no table error")
      return
    }
  }

  @Test func flagsAreFactors() throws {
    let table = try Table([
      Column("y", numbers: [1, 2, 3]), Column("converged", flags: [true, false, true]),
    ])
    let design = try Design(Formula("y ~ converged"), table)
    #expect(design.recipe.columnNames == ["(Intercept)", "convergedtrue"])
    #expect(Array(design.matrix.column(1)) == [1, 0, 1])
  }
}
