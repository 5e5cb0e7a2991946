import Kernels
import ModelCore
import Quantities
import TestSupport
import Testing

@testable import MigrationModels

/// The batch face answers what the single face answers, to the last bit.
@Suite struct LiuBasicBatchTests {
  static func model() throws -> LiuBasic {
    try #require(ModelCatalogue.model("liu.basic") as? LiuBasic)
  }

  static func check(_ batch: LiuBasicBatch, threads: Int, _ note: Comment) throws {
    let model = try model()
    let answers = batch.predictions(threads: threads)
    for row in batch.memory.indices {
      var scenario = Scenario()
      scenario[.memory] = batch.memory[row]
      scenario[.bandwidth] = batch.bandwidth[row]
      scenario[.dirtyRate] = batch.dirtyRate[row]
      scenario[.threshold] = batch.threshold[row]
      scenario[.resumeTime] = batch.resumeTime[row]
      scenario[.maxRounds] = batch.limit[row]
      let single = try model.predict(scenario)
      let total = single.totalMigrationTime?.siValue ?? .nan
      #expect(answers.totalTime[row].bitPattern == total.bitPattern, note)
      let pause = single.downtime?.siValue ?? .nan
      #expect(answers.downtime[row].bitPattern == pause.bitPattern, note)
      let sent = single.transferredBytes?.siValue ?? .nan
      #expect(answers.transferredBytes[row].bitPattern == sent.bitPattern, note)
      let rounds = single.roundCount.map(Double.init) ?? .nan
      #expect(answers.rounds[row].bitPattern == rounds.bitPattern, note)
    }
  }

  @Test(arguments: [CUTOVER_LEVEL_BASE, CUTOVER_LEVEL_AVX2, CUTOVER_LEVEL_AVX512])
  func randomScenarios(level: Int32) throws {
    cutover_limit_kernel_level(level)
    defer { cutover_limit_kernel_level(CUTOVER_LEVEL_AVX512) }
    let seed = UInt64.random(in: 0..<1 << 32)
    print("batch seed \(seed)")
    var generator = TestRandom(seed: seed)
    for count in [0, 1, 15, 16, 17, 500, 8193] {
      func column(_ range: ClosedRange<Double>) -> [Double] {
        (0..<count).map { _ in Double.random(in: range, using: &generator) }
      }
      let batch = try LiuBasicBatch(
        memory: column(0...1e11), bandwidth: column(1e6...2e9), dirtyRate: column(0...3e9),
        threshold: column(0...1e9), resumeTime: column(0...1),
        limit: column(0...60).map { $0.rounded() })
      try Self.check(batch, threads: 3, "seed \(seed)")
    }
  }

  /// Limits of the model, beside each other in one vector.
  @Test func edges() throws {
    let batch = try LiuBasicBatch(
      memory: [0, 1e9, 1e9, 1e9, 1e300, 1e9, 1e9, 1e9, 1e9, 1e9],
      bandwidth: [1e8, 1e8, 1e8, 1e8, 1e-5, 1e8, 1e8, 1e8, 1e-300, 1e8],
      dirtyRate: [1e7, 0, 1e8, 2e8, 1e300, 1e7, 1e7, 1e7, 1e7, 9e7],
      threshold: [0, 0, 1e6, 1e6, 1, 1e9, 2e9, 0, 1, 1e6],
      limit: [29, 29, 29, 29, 29, 29, 29, 29, 29, 0])
    try Self.check(batch, threads: 1, "edges")
  }

  @Test func whatNoScenarioMayHave() {
    func make(
      memory: [Double] = [1], bandwidth: [Double] = [1], limit: [Double]? = nil
    ) throws -> LiuBasicBatch {
      try LiuBasicBatch(
        memory: memory, bandwidth: bandwidth, dirtyRate: [0], threshold: [0], limit: limit)
    }
    #expect(throws: ModelError.self) { try make(memory: [1, 2]) }
    #expect(throws: ModelError.self) { try make(memory: [-1]) }
    #expect(throws: ModelError.self) { try make(memory: [.nan]) }
    #expect(throws: ModelError.self) { try make(bandwidth: [0]) }
    #expect(throws: ModelError.self) { try make(bandwidth: [.infinity]) }
    #expect(throws: ModelError.self) { try make(limit: [2.5]) }
    #expect(throws: ModelError.self) { try make(limit: [1e9]) }
  }
}
