import Foundation
import MigrationModels
import ModelCore
import Quantities
import TestSupport
import Testing

@Suite struct QEMUPrecopyTests {
  /// A second route: the loop written out in pages, with QEMU's bookkeeping.
  static func byHand(
    pages: Double, zeroPages: Double, bandwidth: Double, dirtyPages: Double, working: Double,
    limit: Double, setup: Double, switchover: Double
  ) -> (total: Double, down: Double, rounds: Int) {
    var time = setup
    var bytes = pages * 4104 + zeroPages * 9
    var rounds = 0
    while true {
      let seconds = bytes / bandwidth
      time += seconds
      rounds += 1
      let dirty = min(pages, working * (1 - exp(-dirtyPages * seconds / working)))
      bytes = dirty * 4104
      if dirty * 4096 / bandwidth <= limit {
        let last = bytes / bandwidth
        return (time + last + switchover, last + switchover, rounds + 1)
      }
    }
  }

  @Test func agreesWithTheLoopInPages() throws {
    let seed: UInt64 = 99
    var random = TestRandom(seed: seed)
    for trial in 0..<200 {
      let pages = random.uniform(1000, 200_000).rounded()
      let zero = random.uniform(0, 200_000).rounded()
      let bandwidth = random.logUniform(1e6, 1e9)
      let dirty = random.uniform(0, 0.9) * bandwidth / 4096
      let working = random.uniform(0.01, 1) * pages
      let limit = random.uniform(0.02, 0.5)
      let expected = Self.byHand(
        pages: pages, zeroPages: zero, bandwidth: bandwidth, dirtyPages: dirty, working: working,
        limit: limit, setup: 0.002, switchover: 0.004)
      var scenario = Scenario()
      scenario.memory = Bytes(siValue: (pages + zero) * 4096)
      scenario.used = Bytes(siValue: pages * 4096)
      scenario.bandwidth = ByteRate(siValue: bandwidth)
      scenario.dirtyRate = ByteRate(siValue: dirty * 4096)
      scenario.workingSet = Bytes(siValue: working * 4096)
      scenario.downtimeLimit = Seconds(siValue: limit)
      let answer = try ModelCatalogue.model(
        "qemu.precopy", parameters: ["setup_time_s": 0.002, "switchover_time_s": 0.004]
      ).predict(scenario)
      let context: Comment = "seed \(seed), trial \(trial)"
      // The loop above uses 1 - exp(-x), which loses digits that expm1 keeps.
      let loose = Tolerance(relative: 1e-9, reason: "1 - exp(-x) cancels for short windows")
      #expect(answer.roundCount == expected.rounds, context)
      #expect(loose.accepts(answer.totalMigrationTime?.siValue ?? .nan, expected.total), context)
      #expect(loose.accepts(answer.downtime?.siValue ?? .nan, expected.down), context)
    }
  }

  /// Public figure: 376892 kB at 866.83 Mbit/s take 3478 ms.
  @Test func expectedDowntime() throws {
    let test = try #require(Oracle.cases("qemu_expected_downtime").first)
    let channel = ByteRate(siValue: test.input("mbps") * 1e6 / 8)
    let limit = test.output("ms_kB1000") / 1000
    let rule = DowntimeLimitRule(downtimeLimit: Seconds(siValue: limit * (1 + 1e-12)))
    let tighter = DowntimeLimitRule(downtimeLimit: Seconds(siValue: limit * (1 - 1e-9)))
    let state = RoundState(
      completedRounds: 1, elapsed: 1, remaining: test.input("remaining_kB") * 1000,
      remainingOnWire: test.input("remaining_kB") * 1000, sent: 1, lastSent: 1,
      measuredBandwidth: channel.siValue)
    #expect(rule.decision(state) == .stopAndCopy(.downtimeLimit, converged: true))
    #expect(tighter.decision(state) == .goOn)
  }
}
