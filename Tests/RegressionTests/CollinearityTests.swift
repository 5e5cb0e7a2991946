import ModelCore
import Regression
import Testing

@Suite struct CollinearityTests {
  /// `car::vif` (by term, with interactions and weights).
  @Test(arguments: ReferenceCase.all("r.csv"))
  func agreesWithCar(_ reference: ReferenceCase) throws {
    let collinearity = try Collinearity(reference.fit())
    let expected = reference.rows("vif")
    #expect(expected.count == collinearity.terms.count { $0.inflation != nil })
    for row in expected {
      let term = try #require(collinearity.terms.first { $0.name == row["name"] }, "\(row)")
      #expect(closeRelative(term.inflation, try number(row, "value"), otherSolver), "\(row)")
    }
  }

  /// statsmodels' inflation of single columns; indices and shares by NumPy's singular values.
  @Test(arguments: ReferenceCase.all("python.csv"))
  func agreesWithNumPy(_ reference: ReferenceCase) throws {
    let collinearity = try Collinearity(reference.fit())
    for row in reference.rows("vif") {
      let term = collinearity.terms[Int(try number(row, "name"))]
      #expect(closeRelative(term.inflation, try number(row, "value"), otherSolver))
      #expect(
        closeRelative(
          term.inflationPerColumn, try number(row, "value").squareRoot(), otherSolver))
    }
    for row in reference.rows("condition_index") {
      let index = collinearity.conditionIndices[Int(try number(row, "name"))]
      #expect(closeRelative(index, try number(row, "value"), otherSolver))
    }
    let shares = reference.rows("variance_share")
    #expect(shares.count == collinearity.terms.count * collinearity.terms.count)
    for row in shares {
      let share = collinearity.varianceShares[Int(try number(row, "name"))]
      #expect(close(share[Int(try number(row, "row"))], try number(row, "value"), otherSolver))
    }
  }

  /// Two columns at a known angle: 1 / (1 - cos^2), to the last digits even when nearly parallel.
  @Test(arguments: [1, 1e-3, 1e-6]) func knownAngle(_ gap: Double) throws {
    // u and v orthogonal to each other and to the constant, of equal length; b = u + gap v.
    let u: [Double] = [1, -1, 1, -1, 1, -1, 1, -1]
    let v: [Double] = [1, 1, -1, -1, 1, 1, -1, -1]
    let table = try Table([
      Column("a", numbers: u), Column("b", numbers: zip(u, v).map { $0 + gap * $1 }),
      Column("y", numbers: [1, 4, 2, 8, 5, 7, 3, 6]),
    ])
    let collinearity = try Collinearity(RegressionTests.fit("y ~ a + b", table))
    let expected = (1 + gap * gap) / (gap * gap)
    // Storing b rounds at 1e-16, which 1/gap magnifies, twice for the square.
    #expect(
      closeRelative(collinearity.terms[1].inflation, expected, 1e-14 + 4e-16 / gap),
      "\(collinearity.terms[1])")
    #expect(collinearity.terms[0].inflation == nil)
    if gap < 0.1 {
      let index = try #require(collinearity.conditionIndices.last)
      #expect(collinearity.terms[1].conditionIndex == index && index > 1 / gap)
      #expect(collinearity.terms[0].conditionIndex != index)
    }
  }

  /// A redundant column is not counted, and shares add up to 1.
  @Test func redundantColumns() throws {
    var columns = try simulated(rows: 20, seed: 3).columns
    guard case .numbers(let x) = columns[0].values else { return }
    columns.append(Column("twice", numbers: x.storage.map { 2 * $0 }))
    let collinearity = try Collinearity(RegressionTests.fit("y ~ x + z + twice", Table(columns)))
    #expect(collinearity.terms.map(\.name) == ["(Intercept)", "x", "z"])
    for shares in collinearity.varianceShares { #expect(close(shares.reduce(0, +), 1, 1e-14)) }
    let table = try collinearity.table()
    #expect(
      table.names == ["term", "columns", "vif", "vif_per_column", "condition_index"]
        && table.rowCount == 3)
  }
}
