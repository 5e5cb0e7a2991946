import Foundation
import MigrationModels
import ModelCore
import Quantities
import TestSupport
import Testing

@Suite struct AkoushLawsTests {
  /// AVG in closed form: with lambda = D / r < 1, iteration i sends N lambda^(i-1); it stops at
  /// the first i with N lambda^i < 50, i = 29, or N (1 - lambda^i) / (1 - lambda) > 3 N.
  static func closedForm(
    pages: Double, rate: Double, dirtyRate: Double
  ) -> (iterations: Int, pages: Double, last: Double) {
    let ratio = dirtyRate / rate
    guard ratio < 1 else {
      // Every round is a full copy: more than 3 N after the fourth.
      return pages < 50 ? (1, 2 * pages, pages) : (4, 5 * pages, pages)
    }
    func sum(_ terms: Int) -> Double {
      // (1 - lambda^n) / (1 - lambda) without its loss of digits next to lambda = 1.
      let logRatio = log1p((dirtyRate - rate) / rate)
      return pages * expm1(Double(terms) * logRatio) / expm1(logRatio)
    }
    for i in 1...29 {
      let dirty = pages * pow(ratio, Double(i))
      if dirty < 50 || i == 29 || sum(i) > 3 * pages { return (i, sum(i + 1), dirty) }
    }
    return (0, .nan, .nan)
  }

  @Test func averageIsItsClosedForm() throws {
    let seed: UInt64 = 100_010
    var random = TestRandom(seed: seed)
    let model = try ModelCatalogue.model("akoush.avg")
    for trial in 0..<100_000 {
      let pages = random.logUniform(100, 1e9)
      let rate = random.logUniform(1e2, 1e7)
      let dirtyRate =
        rate
        * (trial % 4 == 0
          ? 1 - random.logUniform(1e-12, 0.1) : random.logUniform(1e-6, 2))
      var scenario = Scenario()
      scenario.memory = Bytes(siValue: pages)
      scenario.pageSize = Bytes(siValue: 1)
      scenario.bandwidth = ByteRate(siValue: rate)
      scenario.dirtyRate = ByteRate(siValue: dirtyRate)
      let answer = try model.predict(scenario)
      let closed = Self.closedForm(pages: pages, rate: rate, dirtyRate: dirtyRate)
      let context: Comment = "seed \(seed), trial \(trial)"
      let accepts = Tolerance.closedForm.accepts
      #expect(answer.roundCount == closed.iterations + 1, context)
      #expect(accepts(answer.transferredBytes?.siValue ?? .nan, closed.pages), context)
      #expect(accepts(answer.downtime?.siValue ?? .nan, closed.last / rate), context)
    }
  }

  /// Bounds plus one page contain the page-exact simulation, whatever the guest does.
  @Test func boundsContainTheSimulation() throws {
    let seed: UInt64 = 100_011
    var random = TestRandom(seed: seed)
    let bounds = try ModelCatalogue.model("akoush.bounds")
    for trial in 0..<200 {
      let history = try DirtyHistoryTests.random(
        &random, pages: 60 + Int(random.uniform(0, 500)), slots: 1 + trial % 20,
        slot: random.logUniform(0.01, 10))
      let pages = Double(history.memoryPages)
      var scenario = Scenario()
      scenario.memory = history.pageSize * pages
      scenario.bandwidth = history.pageSize * random.logUniform(1, 3000) / Seconds(siValue: 1)
      scenario.dirtyHistory = history
      scenario.dirtyRate = history.meanDirtyRate
      let limits = try bounds.predict(scenario)
      for skip in [0.0, 1] {
        let answer = try ModelCatalogue.model("akoush.hist", parameters: ["skip_redirtied": skip])
          .predict(scenario)
        let context: Comment = "seed \(seed), trial \(trial), skip \(skip)"
        let page = history.pageSize.siValue / (scenario.bandwidth?.siValue ?? 1)
        let total = try #require(answer.totalMigrationTime).siValue
        let upper = try #require(limits.totalMigrationTimeBounds).upper.siValue
        #expect(total <= upper + page * (1 + 1e-9), context)
        // The skip rule leaves pages out of the full copy, but each of them is sent in the end.
        let lower = try #require(limits.totalMigrationTimeBounds).lower.siValue
        #expect(total >= lower * (1 - 1e-12), context)
        let down = try #require(answer.downtime).siValue
        #expect(down <= (try #require(limits.downtimeBounds)).upper.siValue * (1 + 1e-12), context)
      }
    }
  }

  /// The fourth condition: an iteration that sent more than the one before ends the rounds.
  @Test func growingRoundsEnd() {
    let memory = Bytes(siValue: 1000)
    let rule = XenStopRule(memory: memory, pageSize: Bytes(siValue: 1), endsWhenGrowing: true)
    func decision(_ last: Double, _ before: Double?) -> StopDecision {
      rule.decision(
        RoundState(
          completedRounds: 3, elapsed: 1, remaining: 100, remainingOnWire: 100, sent: 1500,
          lastSent: last, sentBefore: before, measuredBandwidth: 1))
    }
    #expect(decision(200, 100) == .stopAndCopy(.notShrinking, converged: false))
    #expect(decision(100, 100) == .goOn && decision(100, nil) == .goOn)
  }
}
