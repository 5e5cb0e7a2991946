import MigrationModels
import Quantities
import TestSupport
import Testing

@Suite struct MigrationGroupTests {
  static func scenario() -> Scenario {
    var scenario = Scenario()
    scenario.memory = Bytes(siValue: 1e9)
    scenario.bandwidth = ByteRate(siValue: 125e6)
    scenario.dirtyRate = ByteRate(siValue: 10.24e6)
    scenario.threshold = Bytes(siValue: 1e6)
    scenario.roundLimit = .rounds(8)
    scenario.resumeTime = Seconds(siValue: 0.1)
    return scenario
  }

  /// Machines one by one make what the models of equal machines say.
  @Test(arguments: [1.0, 2, 4, 10, 13])
  func equalMachinesMakeThePublishedGroups(_ size: Double) throws {
    let group = ["group_size": size]
    let single = try ModelCatalogue.model("cerroni.single")
    let one = try single.predict(Self.scenario())
    let sequential = try ModelCatalogue.model("cerroni.sequential", parameters: group)
      .predict(Self.scenario())
    let serial = MigrationGroup(oneAfterTheOther: Array(repeating: one, count: Int(size)))
    let accepts = Tolerance.closedForm.accepts
    #expect(
      accepts(
        serial?.totalMigrationTime.siValue ?? .nan, sequential.totalMigrationTime?.siValue ?? 0))
    #expect(
      accepts(serial?.serviceDowntime.siValue ?? .nan, sequential.serviceDowntime?.siValue ?? 0))
    var shared = Self.scenario()
    shared.bandwidth = ByteRate(siValue: 125e6 / size)
    let share = try single.predict(shared)
    let parallel = try ModelCatalogue.model("cerroni.parallel", parameters: group)
      .predict(Self.scenario())
    let together = MigrationGroup(atTheSameTime: Array(repeating: share, count: Int(size)))
    #expect(
      accepts(
        together?.totalMigrationTime.siValue ?? .nan, parallel.totalMigrationTime?.siValue ?? 0))
    // A difference of two times that are hundreds of times larger.
    let difference = Tolerance(relative: 1e-9, reason: "a difference of two long times")
    #expect(
      difference.accepts(
        together?.serviceDowntime.siValue ?? .nan, parallel.serviceDowntime?.siValue ?? 0))
  }

  @Test func unequalMachines() {
    let machines = [MigrationCostTests.candidate(10, 1, 0), MigrationCostTests.candidate(4, 2, 0)]
    let serial = MigrationGroup(oneAfterTheOther: machines)
    #expect(serial?.totalMigrationTime == Seconds(siValue: 14))
    #expect(serial?.serviceDowntime == Seconds(siValue: 5))
    let together = MigrationGroup(atTheSameTime: machines)
    #expect(together?.totalMigrationTime == Seconds(siValue: 10))
    #expect(together?.serviceDowntime == Seconds(siValue: 8))
    #expect(MigrationGroup(atTheSameTime: []) == nil)
    let never = MigrationPrediction(termination: .notConvergent, converged: false)
    #expect(MigrationGroup(oneAfterTheOther: machines + [never]) == nil)
  }
}
