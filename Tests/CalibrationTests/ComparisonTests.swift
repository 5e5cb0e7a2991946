import Calibration
import Foundation
import MigrationModels
import ModelCore
import Statistics
import TestSupport
import Testing
import Traces

@Suite struct ComparisonTests {
  static let trace = Fixtures.checkout.appending(path: "Notebooks-data/qemu-tcg/migrations.csv")

  static func qemu(_ filter: String) throws -> Table {
    let table = try TraceReader(path: trace.path).readTable().table
    return table.selecting(try RowFilter(parsing: filter).matching(table))
  }

  /// The model that made the data wins, and its error is nothing.
  @Test func theTruthWins() throws {
    let truth = try ModelCatalogue.model("liu.capped+used")
    let table = try SyntheticTrace.table(of: truth, rows: 80, seed: 21, censored: 10)
    let comparison = try Comparison(
      table,
      ComparisonRequest(
        models: ["memory-over-bandwidth", "liu.basic", "liu.capped+used"], targets: [.totalTime]))
    let scores = try comparison.scores()
    #expect(scores.map(\.model).first == "liu.capped+used")
    #expect(scores[0].symmetricError == 0 && scores[0].standing == "best")
    #expect(
      scores[0].rowCount == 70 && scores[0].difference == 0 && scores[0].differenceError == nil)
    #expect(scores.dropFirst().allSatisfy { $0.standing == "worse" && $0.difference > 0 })
    // Ten rows are marked censored although the model says that they end.
    #expect(scores[0].verdictsRight == 70.0 / 80.0)
  }

  /// Numbers of the table against plain arithmetic on the same rows.
  @Test func scoresByHand() throws {
    let table = try Self.qemu("technique=precopy")
    let comparison = try Comparison(
      table,
      ComparisonRequest(models: ["memory-over-bandwidth", "qemu.precopy"], targets: [.totalTime]))
    let score = try #require(try comparison.scores().first { $0.model == "memory-over-bandwidth" })
    let memory = try table.numbers("memory_bytes")
    let bandwidth = try table.numbers("bandwidth_bytes_per_s")
    let total = try table.numbers("total_time_s")
    let limit = try table.numbers("time_limit_s")
    let status = try #require(table.textIfPresent("status"))
    var errors: [Double] = []
    var symmetric = 0.0
    var right = 0
    for row in 0..<table.rowCount {
      let p = try #require(memory[row]) / #require(bandwidth[row])
      let o = try #require(total[row])
      let completed = status[row] == "completed"
      if (p <= (try #require(limit[row]))) == completed { right += 1 }
      guard completed else { continue }
      errors.append(p - o)
      symmetric += 2 * abs(p - o) / (p + o)
    }
    let n = Double(errors.count)
    let accepts = Tolerance.closedForm.accepts
    #expect(score.rowCount == 94 && errors.count == 94)
    #expect(accepts(score.bias ?? .nan, errors.reduce(0, +) / n))
    #expect(accepts(score.meanAbsoluteError ?? .nan, errors.map(abs).reduce(0, +) / n))
    #expect(
      accepts(
        score.rootMeanSquaredError ?? .nan, (errors.map { $0 * $0 }.reduce(0, +) / n).squareRoot()))
    #expect(accepts(score.symmetricError, symmetric / n))
    #expect(accepts(score.verdictsRight, Double(right) / Double(table.rowCount)))
  }

  /// The promise of the first release: on real migrations the naive model is beaten.
  @Test func naiveIsBeatenOnRealMigrations() throws {
    let comparison = try Comparison(
      try Self.qemu("technique=precopy"),
      ComparisonRequest(models: ["memory-over-bandwidth", "qemu.precopy"], targets: [.totalTime]))
    let scores = try comparison.scores()
    #expect(scores.map(\.model) == ["qemu.precopy", "memory-over-bandwidth"])
    #expect(scores[0].medianAbsolutePercentageError < 0.1 * scores[1].medianAbsolutePercentageError)
    #expect(scores[1].standing == "worse")
  }

  /// No row is predicted by a fit that has seen its group: spoiling a group's outcomes does not
  /// change the prediction of its own rows.
  @Test func heldOutMeansHeldOut() throws {
    let truth = try ModelCatalogue.model("akoush.avg", parameters: ["pre_overhead_s": 1.0])
    let table = try SyntheticTrace.table(of: truth, rows: 40, seed: 8, noise: 0.3)
    let request = ComparisonRequest(models: ["akoush.avg"], targets: [.totalTime])
    func predictions(_ table: Table) throws -> [Double?] {
      let comparison = try Comparison(table, request)
      return (comparison.models[0].predictions[.totalTime] ?? []).map {
        Target.totalTime.value(of: $0)
      }
    }
    let before = try predictions(table)
    let spoiled = try Table(
      table.columns.map { column in
        guard column.name == "total_time_s", case .numbers(var numbers) = column.values else {
          return column
        }
        numbers = NumericColumn(
          storage: numbers.storage.enumerated().map {
            $0.offset < 2 ? $0.element + 1e6 : $0.element
          })
        return Column(column.name, .numbers(numbers))
      })
    let after = try predictions(spoiled)
    #expect(before[0] == after[0] && before[1] == after[1])
    #expect(before != after)
  }

  @Test func sameSeedSameScores() throws {
    let table = try Self.qemu("technique=precopy")
    func scores(_ seed: UInt64) throws -> [Double] {
      try Comparison(
        table,
        ComparisonRequest(models: ["akoush.avg", "liu.refined"], targets: [.downtime], seed: seed)
      ).scores().map(\.symmetricError)
    }
    #expect(try scores(1) == scores(1))
    #expect(try scores(1) != scores(2))
  }

  /// Rows that some model does not describe are left out for all, and counted.
  @Test func scopeIsCommon() throws {
    let comparison = try Comparison(
      try Self.qemu("technique in (precopy, hybrid)"),
      ComparisonRequest(models: ["memory-over-bandwidth", "qemu.precopy"], targets: [.totalTime]))
    #expect(comparison.outOfScope == ["hybrid": 27])
    #expect(comparison.notes().contains { $0.hasPrefix("27 rows of technique hybrid") })
    let alone = try Comparison(
      try Self.qemu("technique in (precopy, hybrid)"),
      ComparisonRequest(models: ["memory-over-bandwidth"], targets: [.totalTime]))
    #expect(alone.outOfScope.isEmpty && alone.records.count == 131)
  }

  @Test func unansweredRowsCountAsWhollyWrong() throws {
    let table = try Table([
      Column("memory_bytes", numbers: [1e9, 1e9]),
      Column("bandwidth_bytes_per_s", numbers: [1e8, 1e8]),
      Column("dirty_rate_bytes_per_s", numbers: [1e7, 2e8]),
      Column("downtime_limit_s", numbers: [0.1, 0.1]), Column("total_time_s", numbers: [11.0, 30]),
      Column("status", text: ["completed", "completed"]),
    ])
    let comparison = try Comparison(
      table,
      ComparisonRequest(models: ["dirty-curve", "memory-over-bandwidth"], targets: [.totalTime]))
    let score = try #require(try comparison.scores().first { $0.model == "dirty-curve" })
    #expect(score.unanswered == 1 && score.p90AbsolutePercentageError == .infinity)
    #expect(score.symmetricError > 1 && score.symmetricError < 1.1)
    #expect(score.verdictsRight == 0.5)
  }

  /// The paired standard error against its definition, and against sd / sqrt(n).
  @Test func pairedStandardError() {
    let differences = [0.1, 0.4, -0.2, 0.3, 0.0, 0.6]
    let alone = PairedDifference(differences, groups: (0..<6).map(String.init))
    let mean = differences.reduce(0, +) / 6
    let sd = (differences.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 5).squareRoot()
    #expect(Tolerance.closedForm.accepts(alone.mean, mean))
    #expect(Tolerance.closedForm.accepts(alone.standardError ?? .nan, sd / 6.0.squareRoot()))
    let grouped = PairedDifference(differences, groups: ["a", "a", "b", "b", "c", "c"])
    let sums = [0.5, 0.1, 0.6].map { $0 - 2 * mean }
    let expected = (1.5 * sums.map { $0 * $0 }.reduce(0, +)).squareRoot() / 6
    #expect(Tolerance.closedForm.accepts(grouped.standardError ?? .nan, expected))
    #expect(PairedDifference([1, 2], groups: ["a", "a"]).standardError == nil)
  }

  @Test func refusals() throws {
    let table = try Self.qemu("technique=precopy")
    func compare(_ models: [String], _ targets: [Target]) throws {
      _ = try Comparison(table, ComparisonRequest(models: models, targets: targets))
    }
    #expect(throws: CalibrationError.badSetting("model liu.basic is listed twice")) {
      try compare(["liu.basic", "liu.basic"], [.totalTime])
    }
    #expect(throws: CalibrationError.self) { try compare(["akoush.bounds"], [.totalTime]) }
    #expect(throws: CalibrationError.noTarget("energy_j", reason: "the trace has no such column")) {
      try compare(["liu.energy"], [.energy])
    }
  }

  @Test func everyTableIsInTheGlossary() throws {
    let comparison = try Comparison(
      try Self.qemu("technique=precopy"),
      ComparisonRequest(models: ["akoush.avg", "liu.refined"], targets: [.totalTime]))
    let fit = try ModelFit("akoush.avg", try Self.qemu("technique=precopy"))
    let tables = try [
      Comparison.table(of: comparison.scores(), splitColumn: nil), comparison.parameterTable(),
      comparison.predictionTable(), fit.tidy(), fit.glance(),
    ]
    for name in tables.flatMap(\.names) {
      #expect(Glossary.explanation(of: name) != nil, "\(name)")
    }
    #expect(try fit.glance().rowCount == 1)
  }
}
