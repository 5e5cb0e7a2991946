import MigrationModels
import ModelCore
import Quantities

/// `cerroni_single`, `multi_vm`, `m_mixed`: one machine, and groups of equal ones.
enum CerroniEvaluators {
  static let all = [
    Evaluator("cerroni_single", .closedForm) { (inputs) throws(EvaluationError) in
      let scenario = try scenario(&inputs)
      let answer = try predict("cerroni.single", [:], scenario, recordingRounds: true)
      let rounds = answer.rounds.dropLast().reduce(0) { $0 + $1.duration.siValue }
      return [
        "n": .number(orNone: answer.roundCount.map { Double($0 - 1) }),
        "T_pre": .number(orNone: answer.totalMigrationTime.map { _ in rounds }),
        "T_down": .number(orNone: answer.downtime?.siValue),
        "T_mig": .number(orNone: answer.totalMigrationTime?.siValue),
        "volume": .number(orNone: answer.transferredBytes?.siValue),
        "converged": .flag(answer.converged),
      ]
    },
    Evaluator("multi_vm", .closedForm) { (inputs) throws(EvaluationError) in
      let scenario = try scenario(&inputs)
      let size = ["group_size": Double(try inputs.count("M"))]
      let switching = [
        "cpu_state_time_s": try inputs.number("T_cpu"), "parallel_machines": 1,
      ]
      let sequential = try predict("cerroni.sequential", size, scenario)
      let parallel = try predict("cerroni.parallel", size, scenario)
      let improved = try predict(
        "sun.mixed", size.merging(switching) { first, _ in first }, scenario)
      return group(sequential, "seq_").merging(group(parallel, "par_")) { first, _ in first }
        .merging(group(improved, "imp_")) { first, _ in first }
    },
    Evaluator("m_mixed", .closedForm) { (inputs) throws(EvaluationError) in
      let scenario = try scenario(&inputs)
      let parameters = [
        "group_size": Double(try inputs.count("M")),
        "parallel_machines": Double(try inputs.count("m")),
        "cpu_state_time_s": try inputs.number("T_cpu"),
      ]
      return group(try predict("sun.mixed", parameters, scenario), "")
    },
  ]

  private static func scenario(
    _ inputs: inout OracleInputs
  ) throws(EvaluationError) -> Scenario {
    var scenario = Scenario()
    scenario.memory = Bytes(siValue: try inputs.number("V_mem"))
    scenario.bandwidth = ByteRate(siValue: try inputs.number("R", .positive))
    scenario.dirtyRate = ByteRate(siValue: try inputs.number("D"))
    scenario.threshold = Bytes(siValue: try inputs.number("V_thd"))
    scenario.roundLimit = inputs.has("n_max") ? .rounds(try inputs.count("n_max")) : .unlimited
    scenario.resumeTime = Seconds(siValue: try inputs.numberIfPresent("T_resume") ?? 0)
    return scenario
  }

  private static func group(
    _ answer: MigrationPrediction, _ prefix: String
  ) -> [String: OracleValue] {
    [
      prefix + "n": .number(orNone: answer.roundCount.map { Double($0 - 1) }),
      prefix + "T_mig": .number(orNone: answer.totalMigrationTime?.siValue),
      prefix + "T_down_vm": .number(orNone: answer.downtime?.siValue),
      prefix + "T_down_service": .number(orNone: answer.serviceDowntime?.siValue),
      prefix + "volume": .number(orNone: answer.transferredBytes?.siValue),
    ]
  }
}
