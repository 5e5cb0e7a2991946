import MigrationModels
import ModelCore
import Quantities

/// `liu_basic`, `liu_capped`, `liu_refined`, `liu_energy`: the models of the catalogue, run on
/// scenarios.
enum LiuEvaluators {
  static let all = [
    Evaluator("liu_basic", .closedForm) { (inputs) throws(EvaluationError) in
      try rounds("liu.basic", [:], &inputs)
    },
    Evaluator("liu_capped", .closedForm) { (inputs) throws(EvaluationError) in
      try rounds("liu.capped", [:], &inputs)
    },
    Evaluator("liu_refined", .closedForm) { (inputs) throws(EvaluationError) in
      let parameters = [
        "gamma_per_s": try inputs.number("a", .any),
        "gamma_per_byte_per_s": try inputs.number("b", .any),
        "gamma_constant": try inputs.number("c", .any),
      ]
      return try rounds("liu.refined", parameters, limit: "max_round", &inputs)
    },
    Evaluator("liu_energy", .closedForm) { (inputs) throws(EvaluationError) in
      let law = EnergyLaw(
        perByte: try inputs.number("alpha"), fixed: try inputs.number("beta"))
      let energy = law.energy(ofTraffic: Bytes(siValue: try inputs.number("V_mig")))
      return ["E_joule": .number(energy.siValue)]
    },
  ]

  /// The published energy coefficients, joules per unit of data and joules: the unit of oracle
  /// files is the megabyte that they were measured in.
  private static let energyLaw = EnergyLaw(perByte: 0.512, fixed: 20.165)

  private static let reasons: [Termination: String] = [
    .threshold: "threshold", .notShrinking: "growing", .roundLimit: "rounds",
  ]

  private static func rounds(
    _ id: String, _ parameters: [String: Double], limit: String = "n_max",
    _ inputs: inout OracleInputs
  ) throws(EvaluationError) -> [String: OracleValue] {
    var scenario = Scenario()
    let bandwidth = try inputs.number("R", .positive)
    scenario.memory = Bytes(siValue: try inputs.number("V_mem"))
    scenario.bandwidth = ByteRate(siValue: bandwidth)
    scenario.dirtyRate = ByteRate(siValue: try inputs.number("D"))
    scenario.threshold = Bytes(siValue: try inputs.number("V_thd"))
    scenario.roundLimit = inputs.has(limit) ? .rounds(try inputs.count(limit)) : .unlimited
    let resume = try inputs.numberIfPresent("T_resume") ?? 0
    scenario.resumeTime = Seconds(siValue: resume)
    let answer = try predict(id, parameters, scenario, recordingRounds: true)
    let volume = answer.transferredBytes?.siValue
    return [
      "n": .number(orNone: answer.roundCount.map { Double($0 - 1) }),
      "converged": .flag(answer.converged),
      "reason": reasons[answer.termination].map(OracleValue.text) ?? .noConvergence,
      "V_last": .number(orNone: answer.rounds.last?.transferredBytes.siValue),
      "V_mig": .number(orNone: volume),
      "T_copy": .number(orNone: volume.map { $0 / bandwidth }),
      "T_down": .number(orNone: answer.downtime?.siValue),
      "T_total": .number(orNone: answer.totalMigrationTime?.siValue),
      "E_joule": .number(
        orNone: answer.transferredBytes.map { energyLaw.energy(ofTraffic: $0).siValue }),
    ]
  }
}

/// What a model of the catalogue says about a scenario; its refusal is the evaluation's.
func predict(
  _ id: String, _ parameters: [String: Double] = [:], _ scenario: Scenario,
  recordingRounds: Bool = false
) throws(EvaluationError) -> MigrationPrediction {
  do {
    return try ModelCatalogue.model(id, parameters: parameters)
      .predict(scenario, recordingRounds: recordingRounds)
  } catch {
    throw .refused("\(error)")
  }
}
