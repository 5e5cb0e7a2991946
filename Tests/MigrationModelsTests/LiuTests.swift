import MigrationModels
import ModelCore
import Quantities
import TestSupport
import Testing

extension Scenario {
  /// An oracle case; its "MB" is one unit of data, taken as a byte here.
  init(liu test: OracleCase, roundKey: String = "n_max") {
    self.init()
    memory = Bytes(siValue: test.input("V_mem"))
    bandwidth = ByteRate(siValue: test.input("R"))
    dirtyRate = ByteRate(siValue: test.input("D"))
    threshold = Bytes(siValue: test.input("V_thd"))
    roundLimit = .rounds(Int(test.input(roundKey)))
    resumeTime = Seconds(siValue: test.input("T_resume"))
  }
}

@Suite struct LiuTests {
  static func check(_ answer: MigrationPrediction, _ test: OracleCase) {
    let accepts = Tolerance.oracle.accepts
    #expect(answer.roundCount == Int(test.output("n")) + 1, "\(test)")
    #expect(
      accepts(
        answer.totalMigrationTime?.siValue ?? .nan, test.output("T_copy") + test.input("T_resume")),
      "\(test)")
    #expect(accepts(answer.downtime?.siValue ?? .nan, test.output("T_down")), "\(test)")
    #expect(accepts(answer.transferredBytes?.siValue ?? .nan, test.output("V_mig")), "\(test)")
    #expect(
      accepts(answer.rounds.last?.transferredBytes.siValue ?? .nan, test.output("V_last")),
      "\(test)")
  }

  @Test(arguments: Oracle.cases("liu_basic"))
  func basic(_ test: OracleCase) throws {
    let answer = try ModelCatalogue.model("liu.basic").predict(
      Scenario(liu: test), recordingRounds: true)
    Self.check(answer, test)
    #expect(answer.converged == (test.outputs["converged"] == "true"))
  }

  @Test(arguments: Oracle.cases("liu_basic"))
  func closedFormIsTheSecondRoute(_ test: OracleCase) {
    let closed = GeometricRounds(
      memory: test.input("V_mem"), bandwidth: test.input("R"), dirtyRate: test.input("D"),
      threshold: test.input("V_thd"), roundCap: Int(test.input("n_max")))
    #expect(closed.lastIndex == Int(test.output("n")))
    #expect(closed.converged == (test.outputs["converged"] == "true"))
    #expect(Tolerance.oracle.accepts(closed.volume, test.output("V_mig")))
    #expect(Tolerance.oracle.accepts(closed.lastVolume, test.output("V_last")))
  }

  @Test(arguments: Oracle.cases("liu_capped"))
  func capped(_ test: OracleCase) throws {
    let answer = try ModelCatalogue.model("liu.capped").predict(
      Scenario(liu: test), recordingRounds: true)
    Self.check(answer, test)
    #expect(answer.converged == (test.outputs["converged"] == "true"))
  }

  @Test(arguments: Oracle.cases("liu_refined"))
  func refined(_ test: OracleCase) throws {
    let model = try ModelCatalogue.model(
      "liu.refined",
      parameters: [
        "gamma_per_s": test.input("a"), "gamma_per_byte_per_s": test.input("b"),
        "gamma_constant": test.input("c"),
      ])
    let answer = try model.predict(
      Scenario(liu: test, roundKey: "max_round"), recordingRounds: true)
    Self.check(answer, test)
    let reasons = [
      "threshold": Termination.threshold, "growing": .notShrinking, "max_round": .roundLimit,
    ]
    if let reason = test.outputs["reason"] {
      #expect(
        reasons[reason] == answer.termination || reason == answer.termination.rawValue, "\(reason)")
    }
  }

  @Test(arguments: Oracle.cases("liu_energy"))
  func energy(_ test: OracleCase) throws {
    let model = try ModelCatalogue.model(
      "liu.energy",
      parameters: ["energy_alpha": test.input("alpha"), "energy_beta": test.input("beta")])
    var scenario = Scenario()
    scenario.memory = Bytes(siValue: test.input("V_mig"))
    scenario.bandwidth = ByteRate(siValue: 100)
    scenario.dirtyRate = ByteRate(siValue: 0)
    scenario.threshold = Bytes(siValue: 0)
    let answer = try model.predict(scenario)
    #expect(
      Tolerance.closedForm.accepts(
        answer.energy?.siValue ?? .nan,
        test.output("E")
          .isNaN ? test.output("E_joule") : test.output("E")))
  }

  /// Recursion and closed form agree on random cases, round count included.
  @Test func routesAgreeOnRandomCases() throws {
    let seed: UInt64 = 20_111
    var random = TestRandom(seed: seed)
    for trial in 0..<2000 {
      var scenario = Scenario()
      let memory = random.logUniform(1e6, 1e12)
      let bandwidth = random.logUniform(1e6, 1e10)
      let dirtyRate = bandwidth * random.logUniform(1e-4, 3)
      let threshold = memory * random.logUniform(1e-6, 2)
      let cap = Int(random.uniform(0, 40))
      scenario.memory = Bytes(siValue: memory)
      scenario.bandwidth = ByteRate(siValue: bandwidth)
      scenario.dirtyRate = ByteRate(siValue: dirtyRate)
      scenario.threshold = Bytes(siValue: threshold)
      scenario.roundLimit = .rounds(cap)
      let closed = GeometricRounds(
        memory: memory, bandwidth: bandwidth, dirtyRate: dirtyRate, threshold: threshold,
        roundCap: cap)
      let answer = try ModelCatalogue.model("liu.basic").predict(scenario)
      let context: Comment = "seed \(seed), trial \(trial)"
      #expect(answer.roundCount == closed.lastIndex + 1, context)
      #expect(answer.converged == closed.converged, context)
      #expect(
        Tolerance.closedForm.accepts(answer.transferredBytes?.siValue ?? .nan, closed.volume),
        context)
    }
  }

  /// The edge-case contract: what the models say where formulas have no value.
  @Test func edges() throws {
    var scenario = Scenario()
    scenario.memory = Bytes(siValue: 1000)
    scenario.bandwidth = ByteRate(siValue: 100)
    scenario.dirtyRate = ByteRate(siValue: 200)
    scenario.threshold = Bytes(siValue: 1)
    scenario.roundLimit = .unlimited
    for id in ["liu.basic", "liu.capped"] {
      let answer = try ModelCatalogue.model(id).predict(scenario)
      #expect(answer.termination == .notConvergent && answer.totalMigrationTime == nil, "\(id)")
      #expect(answer.downtime == nil && !answer.converged, "\(id)")
    }
    scenario.dirtyRate = ByteRate(siValue: 50)
    scenario.threshold = Bytes(siValue: 0)
    let never = try ModelCatalogue.model("liu.basic").predict(scenario)
    #expect(never.termination == .notConvergent)
    scenario.roundLimit = .rounds(0)
    let paused = try ModelCatalogue.model("liu.basic").predict(scenario)
    #expect(paused.roundCount == 1 && paused.termination == .roundLimit && !paused.converged)
    #expect(
      paused.totalMigrationTime == Seconds(siValue: 10) && paused.downtime == Seconds(siValue: 10))
  }

  /// With the working set known, rounds settle on it and never pass it.
  @Test func workingSetCapsTheRounds() throws {
    var scenario = Scenario()
    scenario.memory = Bytes(siValue: 10_000)
    scenario.bandwidth = ByteRate(siValue: 100)
    scenario.dirtyRate = ByteRate(siValue: 500)
    scenario.workingSet = Bytes(siValue: 300)
    scenario.threshold = Bytes(siValue: 1)
    let answer = try ModelCatalogue.model("liu.capped").predict(scenario, recordingRounds: true)
    #expect(answer.rounds.count == 30 && !answer.converged)
    #expect(answer.rounds.dropFirst().allSatisfy { $0.transferredBytes.siValue == 300 })
  }

  /// Without a threshold it is bandwidth x downtime limit, as the description says.
  @Test func thresholdFromDowntimeLimit() throws {
    var scenario = Scenario()
    scenario.memory = Bytes(siValue: 1024)
    scenario.bandwidth = ByteRate(siValue: 100)
    scenario.dirtyRate = ByteRate(siValue: 20)
    scenario.downtimeLimit = Seconds(siValue: 0.01)
    var explicit = scenario
    explicit.threshold = Bytes(siValue: 1)
    let model = try ModelCatalogue.model("liu.basic")
    #expect(try model.predict(scenario) == model.predict(explicit))
    scenario.downtimeLimit = nil
    #expect(throws: ModelError.missingInput("threshold_bytes")) { try model.predict(scenario) }
  }
}
