import ModelCore
import Regression
import Testing

@Suite struct InfluenceTests {
  /// Every measure that R (weighted and not) and statsmodels give, row by row.
  @Test(arguments: ReferenceCase.all("r.csv") + ReferenceCase.all("python.csv"))
  func agreesWithReferences(_ reference: ReferenceCase) throws {
    let fit = try reference.fit()
    let influence = Influence(fit)
    let values: [String: [Double?]] = [
      "hat": influence.hat, "std_resid": influence.standardizedResiduals,
      "student_resid": influence.studentizedResiduals, "cooks_d": influence.cooksDistance,
      "dffits": influence.dffits, "cov_ratio": influence.covarianceRatio,
    ]
    let places = Dictionary(uniqueKeysWithValues: fit.design.rows.enumerated().map { ($1, $0) })
    let expected = reference.rows("influence")
    #expect(expected.count == 6 * fit.design.rows.count)
    for row in expected {
      let list = try #require(values[row["name"] ?? ""])
      let place = try #require(places[Int(try number(row, "row")) - 1])
      let wanted = row["value"].flatMap(Double.init)
      #expect(close(list[place], wanted, otherSolver), "\(row)")
    }
  }

  @Test(arguments: ReferenceCase.all("r.csv"))
  func dfbetasAgreeWithR(_ reference: ReferenceCase) throws {
    let fit = try reference.fit()
    let influence = Influence(fit)
    let betas = try influence.dfbetas()
    let changes = try influence.coefficientChanges()
    let places = Dictionary(uniqueKeysWithValues: fit.design.rows.enumerated().map { ($1, $0) })
    for row in reference.rows("dfbetas") + reference.rows("dfbeta") {
      let term = try #require(fit.basis.firstIndex { fit.coefficients[$0].term == row["name"] })
      let place = try #require(places[Int(try number(row, "row")) - 1])
      let wanted = try number(row, "value")
      if row["kind"] == "dfbetas" {
        #expect(close(betas[term].values[place], wanted, otherSolver), "\(row)")
      } else {
        let error = try #require(fit.coefficients[fit.basis[term]].standardError)
        let change = try #require(changes[place])[term]
        #expect(abs(change - wanted) <= otherSolver * error, "\(row)")
      }
    }
  }

  /// The formulas without refits against refits, weighted.
  @Test(arguments: ["w", nil] as [String?])
  func agreesWithRefits(_ weights: String?) throws {
    let data = try referenceData()
    let text = "log(total_time_s) ~ log(memory_bytes) + vcpus + technique"
    let fit = try RegressionTests.fit(text, data, weights: weights)
    let influence = Influence(fit)
    let changes = try influence.coefficientChanges()
    for (place, row) in fit.design.rows.enumerated() {
      let rest = fit.design.rows.filter { $0 != row }
      let refit = try RegressionTests.fit(text, data.selecting(rest), weights: weights)
      let sigma = try #require(influence.sigmaWithout[place])
      #expect(closeRelative(sigma, refit.summary.sigma, ownRoutes), "row \(row)")
      let change = try #require(changes[place])
      for column in fit.basis.indices {
        let coefficient = fit.coefficients[column]
        let (estimate, error) = (
          try #require(coefficient.estimate), try #require(coefficient.standardError)
        )
        let without = try #require(refit.coefficients[column].estimate)
        #expect(abs(estimate - without - change[column]) <= ownRoutes * error, "row \(row)")
      }
    }
  }

  /// A row that is the only one of its level has leverage 1: nothing about it can be said.
  @Test func aRowOfItsOwn() throws {
    let table = try Table([
      Column("x", numbers: [1, 2, 3, 4, 5, 6]), Column("g", text: ["a", "a", "a", "a", "a", "b"]),
      Column("y", numbers: [1, 2.5, 2.9, 4.2, 5.1, 9]),
    ])
    let influence = Influence(try RegressionTests.fit("y ~ x + g", table))
    #expect(abs(influence.hat[5] - 1) < 1e-14)
    #expect(influence.studentizedResiduals[5] == nil && influence.dffits[5] == nil)
    #expect(try influence.coefficientChanges()[5] == nil)
    #expect(try influence.coefficientChanges()[4] != nil)
    #expect(try influence.dfbetas().allSatisfy { $0.values[5] == nil && $0.values[0] != nil })
    #expect(influence.order.last == 5)
  }

  @Test func tableNamesTheRow() throws {
    var columns = try simulated(rows: 30, seed: 11).columns
    columns.append(Column("run", text: (0..<30).map { "run-\($0)" }))
    guard case .numbers(let y) = columns[2].values else { return }
    var values = y.storage
    values[17] += 40
    columns[2] = Column("y", numbers: values)
    let table = try Table(columns, source: "t.csv", lines: (0..<30).map { $0 * 2 + 2 })
    let answer = try Influence(RegressionTests.fit("y ~ x + z", table)).table(limit: 3)
    #expect(answer.rowCount == 3)
    #expect(answer.label("row", row: 0) == "18" && answer.label("line", row: 0) == "36")
    let cooks = try answer.numbers(".cooks_d")
    #expect(cooks.storage == cooks.storage.sorted(by: >))
    #expect(answer.label("most_moved_term", row: 0) != nil)
  }
}
