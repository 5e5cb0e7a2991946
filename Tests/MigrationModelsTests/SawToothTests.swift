import MigrationModels
import ModelCore
import Quantities
import TestSupport
import Testing

/// What Documentation/Sawtooth.md shows: where "more is better" does not hold.
@Suite struct SawToothTests {
  static func scenario(bandwidth: Double) -> Scenario {
    var scenario = Scenario()
    scenario.memory = Bytes(siValue: 8 * 0x1p30)
    scenario.dirtyRate = ByteRate(siValue: 40 * 0x1p20)
    scenario.bandwidth = ByteRate(siValue: bandwidth * 0x1p20)
    scenario.threshold = Bytes(siValue: 32 * 0x1p20)
    return scenario
  }

  /// More bandwidth, fewer rounds, a longer last one: the downtime rises in jumps, although the
  /// total time never does.
  @Test func downtimeOfAThresholdRuleIsASawTooth() throws {
    let model = try ModelCatalogue.model("liu.basic")
    var (rises, falls) = (0, 0)
    var before: MigrationPrediction?
    for bandwidth in stride(from: 60.0, through: 400, by: 0.5) {
      let answer = try model.predict(Self.scenario(bandwidth: bandwidth))
      if let before, let now = answer.downtime, let then = before.downtime {
        if now > then {
          rises += 1
          #expect((answer.roundCount ?? 0) == (before.roundCount ?? 0) - 1)
        } else {
          falls += 1
        }
        #expect((answer.totalMigrationTime ?? .zero) <= (before.totalMigrationTime ?? .zero))
      }
      before = answer
    }
    #expect(rises > 5 && falls > 100, "\(rises) rises, \(falls) falls")
  }

  /// A cap on the traffic breaks the law: a little more bandwidth can add a whole round.
  @Test func trafficCapMakesTotalTimeJump() throws {
    let model = try ModelCatalogue.model("akoush.avg")
    var jumps: [Double] = []
    var before: Seconds?
    for bandwidth in stride(from: 20.0, through: 60, by: 0.05) {
      let now = try model.predict(Self.scenario(bandwidth: bandwidth)).totalMigrationTime
      if let before, let now, now > before { jumps.append((now - before).siValue) }
      before = now
    }
    #expect(!jumps.isEmpty && (jumps.max() ?? 0) > 10, "\(jumps)")
  }

  /// Decimal inputs that make the remaining memory equal to the threshold reach it, whatever
  /// their doubles say.
  @Test(arguments: [(1000.0, 100.0, 10.0), (1024, 10, 7), (500, 3, 0.9), (7, 1.1, 0.33)])
  func reachesAThresholdThatEqualsARound(_ rates: (Double, Double, Double)) throws {
    let (memory, bandwidth, dirtyRate) = rates
    for rounds in 1...12 {
      var exact = memory
      for _ in 0..<rounds { exact *= dirtyRate / bandwidth }
      for nudge in [1 - 4e-16, 1, 1 + 4e-16] {
        var scenario = Scenario()
        scenario.memory = Bytes(siValue: memory)
        scenario.bandwidth = ByteRate(siValue: bandwidth)
        scenario.dirtyRate = ByteRate(siValue: dirtyRate)
        scenario.threshold = Bytes(siValue: exact * nudge)
        let answer = try ModelCatalogue.model("liu.basic").predict(scenario)
        #expect(answer.roundCount == rounds + 1)
        let closed = GeometricRounds(
          memory: memory, bandwidth: bandwidth, dirtyRate: dirtyRate, threshold: exact * nudge,
          roundCap: 29)
        #expect(closed.lastIndex == rounds)
      }
    }
  }
}

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

@Suite struct SkippedPagesTests {
  /// Every page is skipped or sent, and what is dirty at the end was either.
  @Test func sharesAddUp() {
    let seed: UInt64 = 93
    var random = TestRandom(seed: seed)
    for trial in 0..<100_000 {
      let pages = SkippedPages(
        writeRate: random.logUniform(1e-12, 1e4), window: random.logUniform(1e-3, 1e3))
      let accepts = Tolerance(relative: 1e-14, reason: "two additions").accepts
      guard accepts(pages.sent + pages.skipped, 1),
        accepts(pages.skipped + pages.sentThenDirty, pages.dirtyAfter)
      else {
        Issue.record("seed \(seed), trial \(trial): \(pages)")
        return
      }
    }
  }

  /// Long before one branch hands over to the other both have all their digits.
  @Test func branchesMeet() {
    for step in -8...8 {
      let x = 1 + Double(step) * 1e-15
      let pages = SkippedPages(writeRate: x, window: 1)
      let accepts = Tolerance(relative: 1e-13, reason: "at x = 1").accepts
      #expect(accepts(pages.skipped, 0.36787944117144233))
      #expect(accepts(pages.sentThenDirty, 0.26424111765711533))
    }
  }
}
