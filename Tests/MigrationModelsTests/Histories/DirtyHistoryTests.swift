import Foundation
import MigrationModels
import Quantities
import TestSupport
import Testing

@Suite struct DirtyHistoryTests {
  static let page = Bytes(siValue: 4096)

  static func history(
    pages: Int, slot: Double = 1, _ slots: [[Range<Int>]]
  ) throws -> DirtyHistory {
    var builder = try DirtyHistoryBuilder(
      memoryPages: pages, pageSize: page, slot: Seconds(siValue: slot))
    for (number, runs) in slots.enumerated() {
      try builder.append(slot: number, firstPage: 0, pageCount: 0)
      for run in runs {
        try builder.append(slot: number, firstPage: run.lowerBound, pageCount: run.count)
      }
    }
    return try builder.finish()
  }

  static func random(
    _ random: inout TestRandom, pages: Int, slots: Int, slot: Double = 1
  ) throws -> DirtyHistory {
    try history(
      pages: pages, slot: slot,
      (0..<slots).map { _ in
        (0..<Int(random.uniform(0, 6))).map { _ in
          let first = Int(random.uniform(0, Double(pages)))
          return first..<min(pages, first + Int(random.uniform(0, Double(pages) / 4)) + 1)
        }
      })
  }

  @Test func runsAreJoinedAndSorted() throws {
    let history = try Self.history(pages: 100, [[5..<10, 8..<12, 0..<2, 12..<13], [], [99..<100]])
    #expect(Array(history.runs(in: 0)) == [0..<2, 5..<13])
    #expect(history.pageCount(in: 0) == 10 && history.pageCount(in: 1) == 0)
    #expect(history.slotCount == 3 && history.runCount == 3)
    #expect(history.duration == Seconds(siValue: 3))
    #expect(Tolerance.closedForm.accepts(history.meanDirtyRate.siValue, 11.0 / 3 * 4096))
    #expect(history.pageCountHistogram() == [89, 11, 0, 0])
  }

  /// A gap in the numbering is a slot in which nothing was dirty.
  @Test func absentSlotsAreEmpty() throws {
    var builder = try DirtyHistoryBuilder(
      memoryPages: 10, pageSize: Self.page, slot: Seconds(siValue: 1))
    try builder.append(slot: 3, firstPage: 4, pageCount: 2)
    let history = try builder.finish()
    #expect(history.slotCount == 4 && (0..<4).map(history.pageCount(in:)) == [0, 0, 0, 2])
  }

  @Test func badHistoriesAreRefused() throws {
    let second = Seconds(siValue: 1)
    for pages in [0, -1, DirtyHistoryBuilder.maximumPages + 1] {
      #expect(throws: DirtyHistoryError.memoryOutOfRange(pages: pages)) {
        try DirtyHistoryBuilder(memoryPages: pages, pageSize: Self.page, slot: second)
      }
    }
    for slot in [0, -1, Double.infinity, .nan] {
      #expect(throws: DirtyHistoryError.self) {
        try DirtyHistoryBuilder(memoryPages: 1, pageSize: Self.page, slot: Seconds(siValue: slot))
      }
    }
    var builder = try DirtyHistoryBuilder(memoryPages: 10, pageSize: Self.page, slot: second)
    try builder.append(slot: 2, firstPage: 9, pageCount: 1)
    #expect(throws: DirtyHistoryError.slotsFall(slot: 1, before: 2)) {
      try builder.append(slot: 1, firstPage: 0, pageCount: 1)
    }
    for (first, count) in [(9, 2), (-1, 1), (0, -1), (11, 0), (Int.max, Int.max)] {
      #expect(throws: DirtyHistoryError.self) {
        try builder.append(slot: 2, firstPage: first, pageCount: count)
      }
    }
    #expect(throws: DirtyHistoryError.tooManySlots(slot: Int.max)) {
      try builder.append(slot: Int.max, firstPage: 0, pageCount: 0)
    }
    let empty = try DirtyHistoryBuilder(memoryPages: 10, pageSize: Self.page, slot: second)
    #expect(throws: DirtyHistoryError.empty) { try empty.finish() }
  }

  /// u(t) from gaps is the mean over all windows of the ring, counted by hand.
  @Test func distinctPagesByBruteForce() throws {
    let seed: UInt64 = 31
    var random = TestRandom(seed: seed)
    for trial in 0..<40 {
      let slots = 1 + trial % 9
      let history = try Self.random(&random, pages: 130, slots: slots)
      let process = HistoryDirtyProcess(history)
      for length in 0...slots + 1 {
        var sum = 0
        for start in 0..<slots {
          var pages: Set<Int> = []
          for slot in start..<start + length {
            for run in history.runs(in: slot % slots) { pages.formUnion(run) }
          }
          sum += pages.count
        }
        let expected = Double(sum) / Double(slots) * 4096
        let value = process.dirtyBytes(after: Double(length))
        #expect(
          abs(value - expected) <= 1e-12 * max(1, expected),
          "seed \(seed), trial \(trial), length \(length)")
      }
    }
  }

  @Test func pageCountsByBruteForce() throws {
    let seed: UInt64 = 32
    var random = TestRandom(seed: seed)
    for trial in 0..<40 {
      let history = try Self.random(&random, pages: 200, slots: 7)
      var counts = [Int](repeating: 0, count: 200)
      for slot in 0..<7 {
        for run in history.runs(in: slot) { for page in run { counts[page] += 1 } }
      }
      var histogram = [Int](repeating: 0, count: 8)
      for count in counts { histogram[count] += 1 }
      #expect(history.pageCountHistogram() == histogram, "seed \(seed), trial \(trial)")
    }
  }
}

@Suite struct DirtyHistoryGeneratorTests {
  static func generator(
    _ behaviours: [(DirtyBehaviour, Int)], pages: Int, slots: Int, seed: UInt64 = 7
  ) -> DirtyHistoryGenerator {
    DirtyHistoryGenerator(
      memoryPages: pages, pageSize: Bytes(siValue: 4096), slot: Seconds(siValue: 1),
      slotCount: slots, phases: behaviours.map { .init($0.0, slots: $0.1) }, seed: seed)
  }

  static let uniform = DirtyBehaviour(
    .uniform, writeRate: PageRate(siValue: 700), workingSetPages: 2000)

  @Test func sameSeedSameHistory() throws {
    let one = try Self.generator([(Self.uniform, 1)], pages: 4000, slots: 20).generate()
    #expect(try Self.generator([(Self.uniform, 1)], pages: 4000, slots: 20).generate() == one)
    #expect(
      try Self.generator([(Self.uniform, 1)], pages: 4000, slots: 20, seed: 8).generate() != one)
  }

  /// A sweep touches its pages in turn, around the end of the working set, fractions carried.
  @Test func sweep() throws {
    let sweep = DirtyBehaviour(
      .sequential, writeRate: PageRate(siValue: 2.5), workingSetPages: 6, firstPage: 10)
    let history = try Self.generator([(sweep, 1)], pages: 100, slots: 4).generate()
    #expect(
      (0..<4).map { Array(history.runs(in: $0)) } == [
        [10..<12], [12..<15], [10..<11, 15..<16], [11..<14],
      ])
    // Faster than its working set: everything, every slot.
    let fast = DirtyBehaviour(.sequential, writeRate: PageRate(siValue: 100), workingSetPages: 6)
    #expect(
      try Self.generator([(fast, 1)], pages: 6, slots: 2).generate().runs(in: 1).map { $0 }
        == [0..<6])
  }

  /// Behaviours take turns; idle slots are there and empty.
  @Test func phases() throws {
    let idle = DirtyBehaviour(.idle, workingSetPages: 1)
    let history = try Self.generator(
      [(Self.uniform, 2), (idle, 3)], pages: 4000, slots: 12
    ).generate()
    let busy = (0..<12).map { history.pageCount(in: $0) > 0 }
    #expect(busy == (0..<12).map { $0 % 5 < 2 })
  }

  /// The hot set gets its share of the writes.
  @Test func hotAndCold() throws {
    let behaviour = DirtyBehaviour(
      .hotcold, writeRate: PageRate(siValue: 1000), workingSetPages: 100_000, hotSetPages: 50,
      hotWriteFraction: 0.9)
    let history = try Self.generator([(behaviour, 1)], pages: 200_000, slots: 50).generate()
    let cold = (0..<50).map { slot in
      history.runs(in: slot).reduce(0) { $0 + $1.filter { $0 >= 50 }.count }
    }
    // 100 cold writes a slot, nearly all on pages of their own: 5000 in all, deviation 67.
    #expect(abs(cold.reduce(0, +) - 5000) < 5 * 67)
    for slot in 0..<50 {
      // 900 writes on 50 pages leave none out but once in a million slots.
      #expect(history.runs(in: slot).reduce(0) { $0 + $1.filter { $0 < 50 }.count } == 50)
    }
  }

  /// Uniform writes are the memoryless process, within its sampling error.
  @Test func uniformIsMemoryless() throws {
    let seed: UInt64 = 99
    let history = try Self.generator(
      [(Self.uniform, 1)], pages: 4000, slots: 400, seed: seed
    ).generate()
    let measured = HistoryDirtyProcess(history)
    let memoryless = SaturatingDirtyProcess(
      rate: ByteRate(siValue: 700 * 4096), workingSet: Bytes(siValue: 2000 * 4096))
    for window in [1.0, 2, 3, 5, 10] {
      let p = memoryless.dirtyBytes(after: window) / memoryless.workingSet.siValue
      // A window's count has at most the binomial deviation; windows overlap, so that only
      // 400 / window of the means are independent. Five deviations, and 1/W of the formula.
      let deviation =
        (2000 * p * (1 - p)).squareRoot() / (400 / window).squareRoot() * 5 + 1
      let difference =
        (measured.dirtyBytes(after: window)
          - memoryless.dirtyBytes(after: window)) / 4096
      #expect(abs(difference) <= deviation, "seed \(seed), window \(window)")
    }
  }

  @Test func refusesWhatCannotBe() {
    let bad: [DirtyBehaviour] = [
      DirtyBehaviour(.uniform, writeRate: PageRate(siValue: 1), workingSetPages: 4001),
      DirtyBehaviour(.uniform, writeRate: PageRate(siValue: 1), workingSetPages: 0),
      DirtyBehaviour(.uniform, writeRate: PageRate(siValue: -1), workingSetPages: 10),
      DirtyBehaviour(.uniform, writeRate: PageRate(siValue: 1e12), workingSetPages: 10),
      DirtyBehaviour(.sequential, writeRate: PageRate(siValue: 1e300), workingSetPages: 10),
      DirtyBehaviour(.hotcold, writeRate: PageRate(siValue: 1), workingSetPages: 10),
      DirtyBehaviour(
        .uniform, writeRate: PageRate(siValue: 1), workingSetPages: 10, firstPage: 3995),
    ]
    for behaviour in bad {
      #expect(throws: DirtyGeneratorError.self) {
        try Self.generator([(behaviour, 1)], pages: 4000, slots: 3).generate()
      }
    }
    #expect(throws: DirtyGeneratorError.nothingToDo) {
      try Self.generator([], pages: 4000, slots: 3).generate()
    }
    #expect(throws: DirtyGeneratorError.nothingToDo) {
      try Self.generator([(Self.uniform, 0)], pages: 4000, slots: 3).generate()
    }
  }
}
