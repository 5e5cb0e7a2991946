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
