import ModelCore
import Regression
import TestSupport
import Testing

@Suite struct DiagnosisTests {
  @Test func tablesOfAnyFit() throws {
    let diagnosis = try Diagnosis(
      RegressionTests.fit(
        "log(total_time_s) ~ log(memory_bytes) * technique", referenceData(), weights: "w"))
    #expect(
      diagnosis.checks.names == [
        "test", "statistic", "df", "df_residual", "p_value", "meaning",
      ])
    #expect(diagnosis.influence.rowCount == 10)
    #expect(diagnosis.collinearity.rowCount == 4)
    #expect(diagnosis.residuals.names == ["quantile", ".resid", ".std_resid", "normal"])
    let residuals = try diagnosis.residuals.numbers(".resid").storage
    #expect(residuals == residuals.sorted() && residuals.count == 9)
    let p = try diagnosis.checks.numbers("p_value").storage
    #expect(p.allSatisfy { (0...1).contains($0) })
    #expect(!diagnosis.notes.isEmpty)
    // Every column of every table has a definition, and its cells are in its domain.
    for table in [
      diagnosis.checks, diagnosis.influence, diagnosis.collinearity, diagnosis.residuals,
    ] {
      for name in table.names {
        guard let definition = Glossary.explanation(of: name) else {
          Issue.record("\(name) is not in the glossary")
          continue
        }
        guard case .number(let domain) = definition.kind else { continue }
        for cell in try table.numbers(name).storage where !cell.isNaN {
          #expect(domain.contains(cell), "\(name): \(cell)")
        }
      }
    }
  }

  static func notes(_ formula: String, _ table: Table) throws -> [String] {
    try Diagnosis(RegressionTests.fit(formula, table)).notes
  }

  @Test func soundFit() throws {
    #expect(
      try Self.notes("y ~ x + z", simulated(rows: 200, seed: 71))
        == ["none of the checks raises an alarm (p < 0.01)."])
  }

  /// Each defect earns its own note, and the note says what to do.
  @Test func defects() throws {
    let uneven = try Self.notes("y ~ x + z", simulated(rows: 300, seed: 72, spread: true))
    #expect(uneven.contains { $0.hasPrefix("breusch_pagan") && $0.contains("wild bootstrap") })

    let x = (0..<60).map { Double($0) / 10 }
    var draws = TestRandom(seed: 73)
    let curve = try Table([
      Column("x", numbers: x), Column("y", numbers: x.map { $0 * $0 + draws.normal() / 10 }),
    ])
    let bent = try Self.notes("y ~ x", curve)
    #expect(bent.contains { $0.hasPrefix("reset") } && bent.contains { $0.hasPrefix("durbin") })

    let far = try Table([
      Column("x", numbers: x + [100]),
      Column("y", numbers: x.map { 2 * $0 + draws.normal() } + [20]),
    ])
    let hanging = try Self.notes("y ~ x", far)
    #expect(hanging.contains { $0.contains("Cook's distance above 1") })
    #expect(hanging.contains { $0.hasPrefix("outlier") })

    let twin = try Table([
      Column("x", numbers: x), Column("t", numbers: x.map { $0 + draws.normal() / 100 }),
      Column("y", numbers: x.map { $0 + draws.normal() }),
    ])
    let double = try Self.notes("y ~ x + t", twin)
    #expect(double.contains { $0.hasPrefix("x, t: other terms say nearly the same") })

    let offset = try Table([
      Column("x", numbers: x.map { $0 + 1000 }),
      Column("y", numbers: x.map { $0 + draws.normal() }),
    ])
    #expect(
      try Self.notes("y ~ x", offset).contains { $0.hasPrefix("the largest condition index") })
  }

  @Test func smallAndPerfectFits() throws {
    let few = try Table([
      Column("x", numbers: [1, 2, 3, 4]), Column("y", numbers: [1, 2.5, 2.9, 4.4]),
    ])
    #expect(try Self.notes("y ~ x", few).contains { $0.contains("too few for these tests") })
    let perfect = try Table([
      Column("x", numbers: [1, 2, 3, 4]), Column("y", numbers: [2, 4, 6, 8]),
    ])
    let fit = try RegressionTests.fit("y ~ x", perfect)
    let diagnosis = try Diagnosis(fit)
    #expect(diagnosis.checks.rowCount == 0 && diagnosis.notes.count == 1)
    #expect(diagnosis.notes[0].hasPrefix("the fit is perfect"))
    let saturated = try Self.notes("y ~ x", few.selecting([0, 1]))
    #expect(saturated.contains { $0.hasPrefix("as many terms as rows") })
  }
}
