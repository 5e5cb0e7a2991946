import Foundation
import MigrationModels
import Quantities
import TestSupport
import Testing

@Suite struct PageExactMigrationTests {
  static func migration(
    _ history: DirtyHistory, rate: Double, skips: Bool = true, minimumPages: Double = 50,
    batch: Int = 1024, offset: Double = 0, growing: Bool = false, rounds: Int = 29
  ) -> PageExactMigration {
    PageExactMigration(
      history: history, pageRate: PageRate(siValue: rate),
      stop: XenStopRule(
        memory: Bytes(siValue: Double(history.memoryPages) * 4096), pageSize: history.pageSize,
        minimumPages: minimumPages, limit: .rounds(rounds), endsWhenGrowing: growing),
      offset: Seconds(siValue: offset), skipsRedirtied: skips, batchPages: batch)
  }

  /// An idle machine: one full copy, nothing left.
  @Test func idle() throws {
    let history = try DirtyHistoryTests.history(pages: 1000, [[]])
    let answer = Self.migration(history, rate: 100).run(recordingRounds: true)
    #expect(answer.termination == .fewPages && answer.converged && answer.roundCount == 2)
    #expect(answer.totalMigrationTime == Seconds(siValue: 10) && answer.downtime == .zero)
    #expect(answer.transferredBytes == Bytes(siValue: 1000 * 4096))
  }

  /// By hand: 8 pages at 4 a second, batches of 2; page 7 dirty at once in each slot of 1 s (one
  /// page a slot is written half way through). At 0.5 s nothing is known yet, at the look at 1 s
  /// and at 1.5 s page 7 has been written: it is skipped.
  @Test func skipRuleByHand() throws {
    let history = try DirtyHistoryTests.history(pages: 8, [[7..<8]])
    let skipping = Self.migration(
      history, rate: 4, minimumPages: 2, batch: 2
    ).run(recordingRounds: true)
    #expect(skipping.rounds.map { $0.transferredBytes.siValue / 4096 } == [7, 1])
    let plain = Self.migration(
      history, rate: 4, skips: false, minimumPages: 2, batch: 2
    ).run(recordingRounds: true)
    #expect(plain.rounds.map { $0.transferredBytes.siValue / 4096 } == [8, 1])
    #expect(skipping.downtime == Seconds(siValue: 0.25))
  }

  /// The same simulation with plain arrays, page after page: the second route.
  @Test func bruteForce() throws {
    let seed: UInt64 = 414
    var random = TestRandom(seed: seed)
    for trial in 0..<150 {
      let slot = random.logUniform(0.01, 3)
      let history = try DirtyHistoryTests.random(
        &random, pages: 1 + Int(random.uniform(1, 300)), slots: 1 + trial % 12, slot: slot)
      let rate = random.logUniform(1, 3000)
      let migration = Self.migration(
        history, rate: rate, skips: trial % 3 != 0, minimumPages: Double(trial % 20),
        batch: 1 + trial % 7, offset: random.uniform(0, 20), growing: trial % 4 == 0,
        rounds: 1 + trial % 15)
      let answer = migration.run(recordingRounds: true)
      let expected = naive(migration)
      let context: Comment = "seed \(seed), trial \(trial)"
      #expect(answer.rounds.map { Int($0.transferredBytes.siValue / 4096) } == expected, context)
      let seconds = Double(expected.reduce(0, +)) / rate
      #expect(
        Tolerance.closedForm.accepts(answer.totalMigrationTime?.siValue ?? .nan, seconds), context)
    }
  }

  /// Pages sent per transfer.
  private func naive(_ migration: PageExactMigration) -> [Int] {
    let history = migration.history
    let pages = history.memoryPages
    let slot = history.slot.siValue
    // Every write as an instant in slots; page j of m in slot k at k + (j + 1/2) / m.
    func written(from start: Double, to end: Double) -> Set<Int> {
      var answer: Set<Int> = []
      var k = Int(start.rounded(.down))
      while Double(k) <= end {
        let list = history.runs(in: k % history.slotCount).flatMap { Array($0) }
        for (j, page) in list.enumerated() {
          // Kept apart from the slot's number, as a share of the slot: the same rounding decides
          // on both sides of an instant.
          let before = Int((start - Double(k)) * Double(list.count) + 0.5)
          let after = Int((end - Double(k)) * Double(list.count) + 0.5)
          if j < after, start < Double(k) || j >= before { answer.insert(page) }
        }
        k += 1
      }
      return answer
    }
    var toSend = Set(0..<pages)
    var sent: [Int] = []
    var elapsed = 0.0
    while true {
      let total = sent.reduce(0, +)
      if !sent.isEmpty {
        let growing =
          migration.stop.endsWhenGrowing && sent.count > 1
          && sent[sent.count - 1] > sent[sent.count - 2]
        var limit = Int.max
        if case .rounds(let rounds) = migration.stop.limit { limit = rounds }
        if Double(toSend.count) < migration.stop.minimumPages || sent.count >= limit
          || total > 3 * pages || growing
        {
          return sent + [toSend.count]
        }
      }
      let start = (migration.offset.siValue + elapsed) / slot
      var count = 0
      var rest = toSend.sorted()
      while !rest.isEmpty {
        let now =
          (migration.offset.siValue + elapsed + Double(count) / migration.pageRate.siValue)
          / slot
        let dirty = migration.skipsRedirtied ? written(from: start, to: now) : []
        var batch = 0
        while batch < migration.batchPages, let page = rest.first {
          rest.removeFirst()
          if !dirty.contains(page) { batch += 1 }
        }
        count += batch
      }
      let end =
        (migration.offset.siValue + elapsed + Double(count) / migration.pageRate.siValue)
        / slot
      toSend = written(from: start, to: end)
      elapsed += Double(count) / migration.pageRate.siValue
      sent.append(count)
    }
  }

  /// Where writes are memoryless, the simulation agrees with u(t) under the same rules.
  @Test func agreesWithTheMemorylessProcess() throws {
    let seed: UInt64 = 5
    let (pages, workingSet, writes, rate) = (65_536, 20_000, 12_000.0, 10_000.0)
    let history = try DirtyHistoryGenerator(
      memoryPages: pages, pageSize: Bytes(siValue: 4096), slot: Seconds(siValue: 0.05),
      slotCount: 4000,
      phases: [
        .init(
          DirtyBehaviour(
            .uniform, writeRate: PageRate(siValue: writes), workingSetPages: workingSet), slots: 1)
      ], seed: seed
    ).generate()
    let simulated = Self.migration(history, rate: rate, skips: false).run(recordingRounds: true)
    let engine = Migration(
      machine: VirtualMachine(
        normalBytes: Bytes(siValue: Double(pages) * 4096), pageSize: Bytes(siValue: 4096),
        dirtyProcess: SaturatingDirtyProcess(
          rate: ByteRate(siValue: writes * 4096),
          workingSet: Bytes(siValue: Double(workingSet) * 4096))),
      channel: Channel(bandwidth: ByteRate(siValue: rate * 4096)),
      strategy: .precopy(
        XenStopRule(
          memory: Bytes(siValue: Double(pages) * 4096), pageSize: Bytes(siValue: 4096))))
    let expected = engine.run(recordingRounds: true)
    #expect(simulated.roundCount == expected.roundCount)
    #expect(simulated.termination == expected.termination)
    for (one, other) in zip(simulated.rounds, expected.rounds) {
      // A count of W pages has at most W/4 variance; a round inherits the error of the one
      // before, which u's slope (below 1 page per page sent here) does not magnify.
      let deviation = (Double(workingSet) / 4).squareRoot() * 5
      #expect(
        abs(one.transferredBytes.siValue - other.transferredBytes.siValue) / 4096 <= deviation,
        "seed \(seed), round \(one.index)")
    }
  }

  /// Skipping never sends more in the full copy; a page twice dirtied is sent once.
  @Test func skippingSavesTraffic() throws {
    let seed: UInt64 = 6
    let history = try DirtyHistoryGenerator(
      memoryPages: 30_000, pageSize: Bytes(siValue: 4096), slot: Seconds(siValue: 0.1),
      slotCount: 600,
      phases: [
        .init(
          DirtyBehaviour(
            .uniform, writeRate: PageRate(siValue: 4000), workingSetPages: 30_000), slots: 1)
      ], seed: seed
    ).generate()
    let skipping = Self.migration(history, rate: 10_000).run(recordingRounds: true)
    let plain = Self.migration(history, rate: 10_000, skips: false).run(recordingRounds: true)
    let first = try #require(skipping.rounds.first)
    #expect(plain.rounds.first?.transferredBytes == Bytes(siValue: 30_000 * 4096))
    // Memoryless writes at f = 4000/30000 per page and second over t = 3 s: the share sent is
    // (1 - e^(-ft)) / (ft); the round is shorter for what is skipped. Equations 10, skip-aware.
    let share = first.transferredBytes.siValue / 4096 / 30_000
    let ft = 4000.0 / 30_000 * first.duration.siValue
    // Five binomial deviations of 30000 pages, and a slot of 0.1 s at the end of the round.
    let deviation = 5 * (share * (1 - share) / 30_000).squareRoot() + 0.1 * 4000 / 30_000
    #expect(abs(share - (1 - exp(-ft)) / ft) <= deviation, "seed \(seed)")
    #expect((skipping.transferredBytes ?? .zero) < (plain.transferredBytes ?? .zero))
  }

  /// 64 GiB with an hour of one-second slots: the numbers must come out, and be within the bounds.
  @Test func anHourOf64GiB() throws {
    let pages = 1 << 24
    let history = try DirtyHistoryGenerator(
      memoryPages: pages, pageSize: Bytes(siValue: 4096), slot: Seconds(siValue: 1),
      slotCount: 3600,
      phases: [
        .init(
          DirtyBehaviour(
            .sequential, writeRate: PageRate(siValue: 200_000), workingSetPages: 8 << 20),
          slots: 60),
        .init(
          DirtyBehaviour(
            .hotcold, writeRate: PageRate(siValue: 100), workingSetPages: 1 << 20,
            hotSetPages: 500, hotWriteFraction: 0.9), slots: 60),
      ], seed: 64
    ).generate()
    let migration = Self.migration(history, rate: 280_000)
    let answer = migration.run()
    let lower = Double(pages) / 280_000
    let total = try #require(answer.totalMigrationTime).siValue
    #expect(total >= lower && total <= 5 * lower)
    let process = HistoryDirtyProcess(history)
    #expect(process.dirtyBytes(after: 3600) == process.ceiling?.siValue)
    #expect(process.distinctPages >= 8 << 20)
  }

  /// Slots far shorter than a round, and rounds far longer than the history: no hang.
  @Test func manyLaps() throws {
    let history = try DirtyHistoryTests.history(pages: 5000, slot: 1e-9, [[0..<3], [100..<200]])
    let answer = Self.migration(history, rate: 1e-3).run()
    #expect(answer.converged == false && answer.termination == .roundLimit)
    #expect(answer.roundCount == 30)
  }
}
