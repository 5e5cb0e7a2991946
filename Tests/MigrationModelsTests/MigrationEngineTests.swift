import Foundation
import MigrationModels
import Quantities
import TestSupport
import Testing

@Suite struct MigrationEngineTests {
  static func machine(
    _ memory: Double, _ process: any DirtyProcess = ConstantDirtyProcess(rate: ByteRate(siValue: 0))
  ) -> VirtualMachine {
    VirtualMachine(
      normalBytes: Bytes(siValue: memory), pageSize: Bytes(siValue: 4096), dirtyProcess: process)
  }

  /// Never stops the rounds by itself.
  struct Endless: StopRule {
    var isCertainToEnd: Bool { false }
    func decision(_ state: RoundState) -> StopDecision { .goOn }
  }

  @Test(arguments: Oracle.cases("technique").filter { $0.name == "postcopy_push" })
  func postcopy(_ test: OracleCase) {
    let switchTime = test.input("cpu_state_MB") / test.input("R")
    let answer = Migration(
      machine: Self.machine(test.input("V_mem")),
      channel: Channel(
        bandwidth: ByteRate(siValue: test.input("R")), resumeTime: Seconds(siValue: switchTime)),
      strategy: .postcopy
    ).run(recordingRounds: true)
    let accepts = Tolerance.oracle.accepts
    #expect(accepts(answer.downtime?.siValue ?? .nan, test.output("T_down")))
    #expect(accepts(answer.totalMigrationTime?.siValue ?? .nan, test.output("T_total")))
    #expect(accepts((answer.transferredBytes?.siValue ?? .nan) + 4, test.output("volume")))
    #expect(answer.rounds.map(\.phase) == [.postcopy] && answer.termination == .switchover)
  }

  @Test(arguments: Oracle.cases("technique").filter { $0.name == "hybrid_one_round" })
  func hybrid(_ test: OracleCase) {
    let switchTime = test.input("cpu_state_MB") / test.input("R")
    let answer = Migration(
      machine: Self.machine(
        test.input("V_mem"), ConstantDirtyProcess(rate: ByteRate(siValue: test.input("D")))),
      channel: Channel(
        bandwidth: ByteRate(siValue: test.input("R")), resumeTime: Seconds(siValue: switchTime)),
      strategy: .hybrid(Endless(), afterRounds: 1)
    ).run(recordingRounds: true)
    let accepts = Tolerance.oracle.accepts
    #expect(accepts(answer.downtime?.siValue ?? .nan, test.output("T_down")))
    #expect(accepts(answer.totalMigrationTime?.siValue ?? .nan, test.output("T_total")))
    #expect(accepts((answer.transferredBytes?.siValue ?? .nan) + 4, test.output("volume")))
    #expect(answer.rounds.map(\.phase) == [.precopy, .postcopy])
  }

  /// Free pages left out: the same recursion from less memory, and the `+used` variant of Liu.
  @Test(arguments: Oracle.cases("technique").filter { $0.name == "skip_free_60pct" })
  func skippingFreePages(_ test: OracleCase) throws {
    var scenario = Scenario(liu: test)
    scenario.used = Bytes(siValue: test.input("V_mem") * (1 - test.input("free")))
    let answer = try ModelCatalogue.model("liu.basic+used").predict(scenario, recordingRounds: true)
    LiuTests.check(answer, test)
  }

  @Test func theOracleHasTheCasesUsedHere() {
    let counts = [
      "liu_basic": 9, "liu_capped": 5, "liu_refined": 4, "liu_energy": 3, "akoush_avg": 7,
      "akoush_bounds": 3, "akoush_hist_exp": 3, "dirty_curve": 48, "technique": 20,
      "relaxed_total": 3,
    ]
    for (model, count) in counts {
      #expect(Oracle.cases(model).count == count, "\(model)")
    }
  }

  @Test func stopAndCopyIsOnePausedTransfer() {
    let answer = Migration(
      machine: Self.machine(1000),
      channel: Channel(
        bandwidth: ByteRate(siValue: 100), setupTime: Seconds(siValue: 2),
        resumeTime: Seconds(siValue: 0.5)),
      strategy: .stopAndCopy
    ).run(recordingRounds: true)
    #expect(answer.totalMigrationTime == Seconds(siValue: 12.5))
    #expect(answer.downtime == Seconds(siValue: 10.5))
    #expect(answer.rounds.first?.start == Seconds(siValue: 2))
  }

  /// Headers and zero marks, worked by hand: 3 normal pages, 5 zero pages.
  @Test func wireBytes() {
    let answer = Migration(
      machine: VirtualMachine(
        normalBytes: Bytes(siValue: 3 * 4096), zeroBytes: Bytes(siValue: 5 * 4096),
        pageSize: Bytes(siValue: 4096),
        dirtyProcess: ConstantDirtyProcess(rate: ByteRate(siValue: 0))),
      channel: Channel(
        bandwidth: ByteRate(siValue: 1), pageHeader: Bytes(siValue: 8),
        zeroPageHeader: Bytes(siValue: 9)),
      strategy: .stopAndCopy
    ).run()
    #expect(answer.transferredBytes == Bytes(siValue: 3 * 4104 + 5 * 9))
  }

  /// The sum of the parts is the whole, rounds follow each other, and recording changes nothing.
  @Test func roundsAddUp() {
    let seed: UInt64 = 7
    var random = TestRandom(seed: seed)
    for trial in 0..<300 {
      let memory = random.logUniform(1e6, 1e11)
      let bandwidth = random.logUniform(1e6, 1e10)
      let migration = Migration(
        machine: Self.machine(
          memory,
          SaturatingDirtyProcess(
            rate: ByteRate(siValue: bandwidth * random.logUniform(1e-3, 10)),
            workingSet: Bytes(siValue: memory * random.uniform(0, 1)))),
        channel: Channel(
          bandwidth: ByteRate(siValue: bandwidth),
          setupTime: Seconds(siValue: random.uniform(0, 3)),
          resumeTime: Seconds(siValue: random.uniform(0, 1)), pageHeader: Bytes(siValue: 8)),
        strategy: .precopy(
          DowntimeLimitRule(
            downtimeLimit: Seconds(siValue: random.logUniform(1e-3, 1)), limit: .rounds(50))))
      let answer = migration.run(recordingRounds: true)
      var plain = answer
      plain.rounds = []
      let context: Comment = "seed \(seed), trial \(trial)"
      #expect(migration.run() == plain, context)
      var clock = migration.channel.setupTime.siValue
      for round in answer.rounds {
        #expect(Tolerance.closedForm.accepts(round.start.siValue, clock), context)
        clock += round.duration.siValue
        #expect(round.dirtiedBytes.siValue <= memory, context)
      }
      let total = answer.totalMigrationTime?.siValue ?? .nan
      #expect(
        Tolerance.closedForm.accepts(total, clock + migration.channel.resumeTime.siValue), context)
      let bytes = answer.rounds.reduce(0) { $0 + $1.transferredBytes.siValue }
      #expect(
        Tolerance.closedForm.accepts(answer.transferredBytes?.siValue ?? .nan, bytes), context)
      #expect(answer.rounds.count == answer.roundCount, context)
    }
  }

  /// A working set above what the rule asks for never ends, and is told apart from a slow end.
  @Test func fixedPointIsNonConvergence() {
    func run(_ rate: Double) -> MigrationPrediction {
      Migration(
        machine: Self.machine(
          1e9,
          SaturatingDirtyProcess(rate: ByteRate(siValue: rate), workingSet: Bytes(siValue: 5e8))),
        channel: Channel(bandwidth: ByteRate(siValue: 1e8)),
        strategy: .precopy(DowntimeLimitRule(downtimeLimit: Seconds(siValue: 0.01)))
      ).run()
    }
    let stuck = run(2e8)
    #expect(stuck.termination == .notConvergent && stuck.totalMigrationTime == nil)
    #expect(run(0.99e8).converged)
  }

  /// Beyond the range of a double there is no number.
  @Test func overflowIsNonConvergence() throws {
    var scenario = Scenario()
    scenario.memory = Bytes(siValue: 1e12)
    scenario.bandwidth = ByteRate(siValue: 1)
    scenario.dirtyRate = ByteRate(siValue: 1e9)
    scenario.threshold = Bytes(siValue: 1)
    scenario.roundLimit = .rounds(1000)
    let answer = try ModelCatalogue.model("liu.basic").predict(scenario)
    #expect(answer.termination == .notConvergent && answer.transferredBytes == nil)
  }

  @Test(arguments: Oracle.cases("relaxed_total"))
  func relaxed(_ test: OracleCase) {
    func total(_ budget: Double) -> Double {
      relaxedTotalTime(
        memory: test.input("M"), bandwidth: test.input("B"), dirtyRate: test.input("d"),
        downtimeBudget: budget) ?? .nan
    }
    #expect(Tolerance.oracle.accepts(total(test.input("delta")), test.output("T")))
    #expect(Tolerance.oracle.accepts(total(0), test.output("T_limit")))
  }
}
