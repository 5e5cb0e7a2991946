import MigrationModels
import ModelCore
import Quantities
import TestSupport
import Testing

@Suite struct AkoushTests {
  /// The oracle counts in pages; one page is one byte here.
  @Test(arguments: Oracle.cases("akoush_avg"))
  func average(_ test: OracleCase) throws {
    var scenario = Scenario()
    scenario.memory = Bytes(siValue: test.input("N_pages"))
    scenario.pageSize = Bytes(siValue: 1)
    scenario.bandwidth = ByteRate(siValue: test.input("r_pages_s"))
    scenario.dirtyRate = ByteRate(siValue: test.input("D_pages_s"))
    let model = try ModelCatalogue.model(
      "akoush.avg",
      parameters: [
        "pre_overhead_s": test.input("O_pre"), "post_overhead_s": test.input("O_post"),
      ])
    let answer = try model.predict(scenario, recordingRounds: true)
    let accepts = Tolerance.oracle.accepts
    #expect(answer.roundCount == Int(test.output("iterations")) + 1)
    #expect(
      accepts(answer.rounds.last?.transferredBytes.siValue ?? .nan, test.output("last_pages")))
    #expect(accepts(answer.transferredBytes?.siValue ?? .nan, test.output("total_pages")))
    #expect(accepts(answer.totalMigrationTime?.siValue ?? .nan, test.output("T_total")))
    #expect(accepts(answer.downtime?.siValue ?? .nan, test.output("T_down")))
    let reasons: [String: Termination] = [
      "few_pages": .fewPages, "max_factor": .trafficLimit, "max_iter": .roundLimit,
    ]
    let reason = try #require(test.outputs["stop_reason"])
    #expect(reasons[reason] == answer.termination, "\(reason)")
  }

  @Test(arguments: Oracle.cases("akoush_bounds"))
  func bounds(_ test: OracleCase) throws {
    var scenario = Scenario()
    scenario.memory = Bytes(siValue: test.input("V_mem"))
    scenario.pageSize = Bytes(siValue: test.input("page"))
    scenario.bandwidth = ByteRate(siValue: test.input("R"))
    let answer = try ModelCatalogue.model(
      "akoush.bounds",
      parameters: [
        "pre_overhead_s": test.input("O_pre"), "post_overhead_s": test.input("O_post"),
        "traffic_factor": test.input("factor"),
      ]
    ).predict(scenario)
    let accepts = Tolerance.oracle.accepts
    let total = try #require(answer.totalMigrationTimeBounds)
    let down = try #require(answer.downtimeBounds)
    #expect(accepts(total.lower.siValue, test.output("T_total_lower")))
    #expect(accepts(total.upper.siValue, test.output("T_total_upper")))
    #expect(accepts(down.lower.siValue, test.output("T_down_lower")))
    #expect(accepts(down.upper.siValue, test.output("T_down_upper")))
  }

  /// HIST's loop is the same engine with a saturating process.
  @Test(arguments: Oracle.cases("akoush_hist_exp"))
  func saturatingProcessUnderXen(_ test: OracleCase) {
    let memory = Bytes(siValue: test.input("N_pages"))
    let migration = Migration(
      machine: VirtualMachine(
        normalBytes: memory, pageSize: Bytes(siValue: 1),
        dirtyProcess: SaturatingDirtyProcess(
          rate: ByteRate(siValue: test.input("D_pages_s")),
          workingSet: Bytes(siValue: test.input("W_pages")))),
      channel: Channel(
        bandwidth: ByteRate(siValue: test.input("r_pages_s")),
        setupTime: Seconds(siValue: test.input("O_pre")),
        resumeTime: Seconds(siValue: test.input("O_post"))),
      strategy: .precopy(XenStopRule(memory: memory, pageSize: Bytes(siValue: 1))))
    let answer = migration.run()
    let accepts = Tolerance.oracle.accepts
    #expect(answer.roundCount == Int(test.output("iterations")) + 1)
    #expect(accepts(answer.transferredBytes?.siValue ?? .nan, test.output("total_pages")))
    #expect(accepts(answer.totalMigrationTime?.siValue ?? .nan, test.output("T_total")))
    #expect(accepts(answer.downtime?.siValue ?? .nan, test.output("T_down")))
  }

  /// AVG lies within the bounds for any dirty rate.
  @Test func averageWithinBounds() throws {
    let seed: UInt64 = 2010
    var random = TestRandom(seed: seed)
    for trial in 0..<500 {
      var scenario = Scenario()
      scenario.memory = Bytes(siValue: random.logUniform(1e8, 1e12))
      scenario.bandwidth = ByteRate(siValue: random.logUniform(1e7, 1e10))
      scenario.dirtyRate = ByteRate(
        siValue: random.logUniform(1e-3, 10) * (scenario.bandwidth?.siValue ?? 0))
      let average = try ModelCatalogue.model("akoush.avg").predict(scenario)
      let bounds = try ModelCatalogue.model("akoush.bounds").predict(scenario)
      let total = try #require(average.totalMigrationTime)
      let limits = try #require(bounds.totalMigrationTimeBounds)
      // One page of slack: the bound is stated in whole pages, AVG in real ones.
      let slack = 4096 / (scenario.bandwidth?.siValue ?? 1) + 1e-9 * total.siValue
      let context: Comment = "seed \(seed), trial \(trial)"
      #expect(total.siValue >= limits.lower.siValue - slack, context)
      #expect(total.siValue <= limits.upper.siValue + slack, context)
    }
  }
}
