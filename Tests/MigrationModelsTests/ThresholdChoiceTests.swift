import Foundation
import MigrationModels
import Quantities
import TestSupport
import Testing

@Suite struct ThresholdChoiceTests {
  /// Every number of iterations by adding up volumes, until less than a page is left.
  static func table(_ choice: ThresholdChoice) -> [(volume: Double, left: Double)] {
    var rows: [(Double, Double)] = []
    var (volume, left) = (0.0, choice.memory)
    while rows.count < 5000 {
      volume += left
      rows.append((volume, left))
      if left < choice.pageSize || choice.dirtyRate >= choice.bandwidth { break }
      left *= choice.dirtyRate / choice.bandwidth
    }
    return rows
  }

  /// The search by logarithms finds what a walk over all iterations finds, both ways.
  @Test func equalsTheWalkOverAllIterations() throws {
    let seed: UInt64 = 34
    var random = TestRandom(seed: seed)
    for trial in 0..<20_000 {
      let memory = random.logUniform(1e5, 1e12)
      let bandwidth = random.logUniform(1e6, 1e10)
      let choice = ThresholdChoice(
        memory: Bytes(siValue: memory), bandwidth: ByteRate(siValue: bandwidth),
        dirtyRate: ByteRate(siValue: bandwidth * random.uniform(0.001, 0.95)),
        arrivalRate: Frequency(siValue: random.uniform(0.05, 0.5) * bandwidth / memory),
        resumeTime: Seconds(siValue: random.uniform(0, 0.1)))
      let rows = Self.table(choice)
      let bounds = ThresholdBounds(
        utilization: trial % 3 == 0 ? nil : random.uniform(0.04, 2),
        totalMigrationTime: trial % 3 == 1
          ? nil : Seconds(siValue: memory / bandwidth * random.uniform(0.9, 8)))
      func keeps(_ row: (volume: Double, left: Double)) -> Bool {
        choice.arrivalRate * row.volume / bandwidth <= bounds.utilization ?? .infinity
          && row.volume / bandwidth + choice.resumeTime
            <= bounds.totalMigrationTime?.siValue ?? .infinity
      }
      let context: Comment = "seed \(seed), trial \(trial)"
      let best = choice.leastDowntime(bounds)
      #expect(best?.iterations == rows.lastIndex(where: keeps), context)
      if let best {
        #expect(
          Tolerance.closedForm.accepts(
            best.downtime.siValue, rows[best.iterations].left / bandwidth + choice.resumeTime),
          context)
      }
      let limit = Seconds(
        siValue: choice.resumeTime + memory / bandwidth * random.logUniform(1e-3, 1.2))
      let least = choice.leastUtilization(ThresholdBounds(downtime: limit))
      let expected = rows.firstIndex { $0.left / bandwidth + choice.resumeTime <= limit.siValue }
      #expect(expected == nil || least?.iterations == expected, context)
    }
  }

  /// The relaxed answer keeps the bound with equality and is never worse than the exact one.
  @Test func relaxedAnswerUsesTheWholeBound() throws {
    let seed: UInt64 = 35
    var random = TestRandom(seed: seed)
    for trial in 0..<20_000 {
      let choice = ThresholdChoice(
        memory: Bytes(siValue: 1e9), bandwidth: ByteRate(siValue: 1e8),
        dirtyRate: ByteRate(siValue: 1e8 * random.uniform(0.01, 0.95)),
        arrivalRate: Frequency(siValue: 0.01))
      let bounds = ThresholdBounds(utilization: random.uniform(0.1, 1))
      guard let exact = choice.leastDowntime(bounds),
        let relaxed = choice.relaxedLeastDowntime(bounds)
      else {
        Issue.record("seed \(seed), trial \(trial): infeasible")
        return
      }
      // At a whole number of iterations and zero left the relaxed volume passes the last page.
      #expect(relaxed.downtime.siValue <= exact.downtime.siValue * (1 + 1e-12), "trial \(trial)")
      if relaxed.fraction > 0, relaxed.fraction < 1 {
        #expect(
          Tolerance(relative: 1e-12, reason: "one division").accepts(
            relaxed.utilization, bounds.utilization ?? .nan))
      }
    }
  }

  @Test func edges() {
    let idle = ThresholdChoice(
      memory: Bytes(siValue: 1e9), bandwidth: ByteRate(siValue: 1e8), dirtyRate: .zero)
    #expect(idle.leastDowntime(ThresholdBounds())?.iterations == 1)
    #expect(idle.leastDowntime(ThresholdBounds())?.downtime == .zero)
    #expect(idle.outcome(stopFraction: 0)?.iterations == 1)
    let busy = ThresholdChoice(
      memory: Bytes(siValue: 1e9), bandwidth: ByteRate(siValue: 1e8),
      dirtyRate: ByteRate(siValue: 1e8))
    #expect(busy.leastDowntime(ThresholdBounds())?.iterations == 0)
    #expect(busy.outcome(stopFraction: 0.5) == nil && busy.outcome(stopFraction: 1) != nil)
    #expect(busy.outcome(iterations: 3).totalMigrationTime == Seconds(siValue: 40))
    #expect(
      busy.leastUtilization(ThresholdBounds(downtime: Seconds(siValue: 1))) == nil)
    // A bound met with equality is kept.
    let half = ThresholdChoice(
      memory: Bytes(siValue: 1e9), bandwidth: ByteRate(siValue: 1e8),
      dirtyRate: ByteRate(siValue: 5e7))
    let bounds = ThresholdBounds(totalMigrationTime: Seconds(siValue: 17.5))
    #expect(half.leastDowntime(bounds)?.iterations == 2)
    #expect(
      half.leastUtilization(ThresholdBounds(downtime: Seconds(siValue: 2.5)))?.iterations == 2)
    #expect(
      half.leastDowntime(ThresholdBounds(totalMigrationTime: Seconds(siValue: 9))) == nil)
  }
}
