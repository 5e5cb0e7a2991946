import MigrationModels
import Quantities
import Testing

@Suite struct MigrationCostTests {
  static func candidate(
    _ time: Double, _ down: Double, _ bytes: Double?, converged: Bool = true
  ) -> MigrationPrediction {
    var answer = MigrationPrediction(
      termination: converged ? .threshold : .roundLimit, converged: converged)
    answer.totalMigrationTime = Seconds(siValue: time)
    answer.downtime = Seconds(siValue: down)
    answer.transferredBytes = bytes.map(Bytes.init(siValue:))
    return answer
  }

  @Test func costIsTheWeightedSumOfSharesOfTheLargest() throws {
    let candidates = [
      Self.candidate(10, 0.4, 100), Self.candidate(20, 0.1, 50),
      Self.candidate(1, 0.001, 1, converged: false),
    ]
    let weights = try CostWeights(totalTime: 2, downtime: 1, traffic: 1, energy: 0)
    let ranked = try rankedByCost(candidates, weights: weights)
    #expect(ranked.map(\.index) == [1, 0, 2] && ranked.map(\.rank) == [1, 2, nil])
    #expect(ranked[0].cost == 0.5 + 0.25 * 0.25 + 0.25 * 0.5)
    #expect(ranked[1].cost == 0.25 + 0.25 + 0.25 && ranked[2].cost == nil)
  }

  @Test func whatCountsHasToBeThere() throws {
    let weights = try CostWeights(totalTime: 0, downtime: 0, traffic: 1, energy: 0)
    #expect(throws: CostError.missing(column: "transferred_bytes", candidate: 1)) {
      try rankedByCost([Self.candidate(1, 1, 1), Self.candidate(1, 1, nil)], weights: weights)
    }
    #expect(throws: CostError.weights) {
      try CostWeights(totalTime: -1, downtime: 1, traffic: 1, energy: 1)
    }
    #expect(throws: CostError.weights) {
      try CostWeights(totalTime: 0, downtime: 0, traffic: 0, energy: 0)
    }
    #expect(try rankedByCost([]).isEmpty)
    let free = try rankedByCost(
      [Self.candidate(0, 0, 0)],
      weights: CostWeights(totalTime: 1, downtime: 1, traffic: 1, energy: 0))
    #expect(free[0].cost == 0)
  }
}
