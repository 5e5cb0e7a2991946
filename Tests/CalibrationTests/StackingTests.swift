import Foundation
import MigrationModels
import ModelCore
import Statistics
import TestSupport
import Testing

@testable import Calibration

@Suite struct StackingTests {
  private func errors(_ models: Int, rows: Int, seed: UInt64) -> [[Double]] {
    var random = TestRandom(seed: seed)
    let common = (0..<rows).map { _ in random.uniform(-0.3, 0.3) }
    return (0..<models).map { model in
      let bias = random.uniform(-0.4, 0.4)
      return common.map { $0 * Double(model) / 2 + bias + random.uniform(-0.2, 0.2) }
    }
  }

  private func loss(_ weights: [Double], _ errors: [[Double]]) -> Double {
    errors[0].indices.reduce(0) { sum, row in
      let value = zip(weights, errors).reduce(0) { $0 + $1.0 * $1.1[row] }
      return sum + value * value
    }
  }

  /// Two models: the weight of the first is where the parabola has its least value on [0, 1].
  @Test func twoModelsHaveAClosedForm() throws {
    for seed in UInt64(1)...20 {
      let e = errors(2, rows: 30, seed: seed)
      let over = zip(e[0], e[1]).reduce(0) { $0 + $1.1 * ($1.1 - $1.0) }
      let under = zip(e[0], e[1]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let expected = min(1, max(0, over / under))
      let found = try Stacking(errors: e).weights
      #expect(abs(found[0] - expected) < 1e-9, "seed \(seed)")
      #expect(abs(found[0] + found[1] - 1) < 1e-12, "seed \(seed)")
    }
  }

  /// No point of a fine grid on the simplex is better, and none far away is as good.
  @Test func noGridPointIsBetter() throws {
    for seed in UInt64(30)...36 {
      let e = errors(3, rows: 40, seed: seed)
      let found = try Stacking(errors: e).weights
      #expect(found.allSatisfy { $0 >= 0 })
      let least = loss(found, e)
      var best = (loss: Double.infinity, weights: found)
      let steps = 200
      for a in 0...steps {
        for b in 0...(steps - a) {
          let w = [a, b, steps - a - b].map { Double($0) / Double(steps) }
          let value = loss(w, e)
          if value < best.loss { best = (value, w) }
        }
      }
      // 1e-9: rounding of sums of forty squares of order one.
      #expect(least <= best.loss + 1e-9, "seed \(seed)")
      // The grid has a point within half a step of the optimum in each coordinate.
      #expect(
        zip(found, best.weights).allSatisfy { abs($0 - $1) < 0.05 }, "seed \(seed): \(found)")
    }
  }

  @Test func weightsOfThoseThatAnswer() throws {
    // Opposite errors cancel at equal weights; the third is worse than either.
    let e = [[0.1, 0.1, 0.1], [-0.1, -0.1, -0.1], [0.5, 0.4, 0.5]]
    let stack = try Stacking(errors: e)
    #expect(zip(stack.weights, [0.5, 0.5, 0]).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(stack.weights(answering: [true, false, true]) == [1, 0, 0])
    #expect(stack.weights(answering: [false, false, true]) == [0, 0, 1])
    #expect(stack.weights(answering: [false, false, false]) == [0, 0, 0])
  }

  /// The model that made the data gets all the weight, and the stack makes no error.
  @Test func theTruthGetsAllWeight() throws {
    let truth = try ModelCatalogue.model("liu.capped+used")
    let table = try SyntheticTrace.table(of: truth, rows: 60, seed: 22, censored: 6)
    let comparison = try Comparison(
      table,
      ComparisonRequest(
        models: ["stacked", "memory-over-bandwidth", "liu.basic", "liu.capped+used"],
        targets: [.totalTime]))
    let stacked = try #require(comparison.models.first { $0.id == "stacked" })
    #expect(stacked.parameters.map(\.term) == ["total_time_s: liu.capped+used"])
    #expect(stacked.parameters.map(\.estimate) == [1])
    let score = try #require(try comparison.scores().first { $0.model == "stacked" })
    #expect(score.symmetricError < 1e-12)
    #expect(score.unanswered == 0)
  }

  /// A held-out row teaches neither the weights nor the models of its own prediction.
  @Test func heldOutOutcomesDoNotMatter() throws {
    let table = try ComparisonTests.qemu("technique=precopy")
    let request = ComparisonRequest(
      models: ["stacked", "memory-over-bandwidth+used", "liu.capped+used", "akoush.avg+used"],
      targets: [.totalTime])
    let before = try Comparison(table, request)
    let folds = try GroupedFolds(
      groups: before.records.map(\.group), folds: request.folds, seed: request.seed)
    let changed = Set(
      before.records.indices.filter { folds.fold[$0] == 0 }.map { before.records[$0].row })
    let columns = table.columns.map { column -> Column in
      guard column.name == "total_time_s", let values = table.numbersIfPresent(column.name) else {
        return column
      }
      return Column(
        column.name,
        numbers: (0..<table.rowCount).map { row in
          values[row].map { changed.contains(row) ? 7 * $0 : $0 }
        })
    }
    let after = try Comparison(try Table(columns), request)
    let first = try #require(before.models.first?.predictions[.totalTime])
    let second = try #require(after.models.first?.predictions[.totalTime])
    for row in first.indices where folds.fold[row] == 0 {
      #expect(
        first[row].totalMigrationTime == second[row].totalMigrationTime, "row \(row)")
    }
    #expect(
      first.indices.contains { first[$0].totalMigrationTime != second[$0].totalMigrationTime })
  }
}
