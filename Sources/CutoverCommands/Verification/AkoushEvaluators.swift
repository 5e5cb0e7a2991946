import MigrationModels
import ModelCore
import Quantities

/// `akoush_avg`, `akoush_hist_exp`, `akoush_bounds`: the engine under Xen's stop rule, and the
/// catalogue's bounds. One page of such files is one byte here.
enum AkoushEvaluators {
  static let all = [
    Evaluator("akoush_avg", .closedForm) { (inputs) throws(EvaluationError) in
      let rate = ByteRate(siValue: try inputs.number("D_pages_s"))
      return try rounds(ConstantDirtyProcess(rate: rate), &inputs)
    },
    Evaluator("akoush_hist_exp", .closedForm) { (inputs) throws(EvaluationError) in
      let process = SaturatingDirtyProcess(
        rate: ByteRate(siValue: try inputs.number("D_pages_s")),
        workingSet: Bytes(siValue: try inputs.number("W_pages")))
      return try rounds(process, &inputs)
    },
    Evaluator("akoush_bounds", .closedForm) { (inputs) throws(EvaluationError) in
      var scenario = Scenario()
      scenario.memory = Bytes(siValue: try inputs.number("V_mem", .positive))
      scenario.pageSize = Bytes(siValue: try inputs.number("page", .positive))
      scenario.bandwidth = ByteRate(siValue: try inputs.number("R", .positive))
      let answer = try predict(
        "akoush.bounds",
        [
          "pre_overhead_s": try inputs.number("O_pre"),
          "post_overhead_s": try inputs.number("O_post"),
          "traffic_factor": try inputs.numberIfPresent("factor") ?? 3,
        ], scenario)
      return [
        "T_total_lower": .number(orNone: answer.totalMigrationTimeBounds?.lower.siValue),
        "T_total_upper": .number(orNone: answer.totalMigrationTimeBounds?.upper.siValue),
        "T_down_lower": .number(orNone: answer.downtimeBounds?.lower.siValue),
        "T_down_upper": .number(orNone: answer.downtimeBounds?.upper.siValue),
      ]
    },
  ]

  private static let reasons: [Termination: String] = [
    .fewPages: "few_pages", .roundLimit: "max_iterations", .trafficLimit: "max_factor",
  ]

  private static func rounds(
    _ process: some DirtyProcess, _ inputs: inout OracleInputs
  ) throws(EvaluationError) -> [String: OracleValue] {
    let memory = Bytes(siValue: try inputs.number("N_pages", .positive))
    let page = Bytes(siValue: 1)
    let limit = inputs.has("max_iter") ? try inputs.count("max_iter") : 29
    let rule = XenStopRule(
      memory: memory, pageSize: page, minimumPages: try inputs.numberIfPresent("min_pages") ?? 50,
      limit: .rounds(limit), trafficFactor: try inputs.numberIfPresent("factor") ?? 3)
    let migration = Migration(
      machine: VirtualMachine(normalBytes: memory, pageSize: page, dirtyProcess: process),
      channel: Channel(
        bandwidth: ByteRate(siValue: try inputs.number("r_pages_s", .positive)),
        setupTime: Seconds(siValue: try inputs.number("O_pre")),
        resumeTime: Seconds(siValue: try inputs.number("O_post"))),
      strategy: .precopy(rule))
    let answer = migration.run(recordingRounds: true)
    return [
      "iterations": .number(orNone: answer.roundCount.map { Double($0 - 1) }),
      "stop_reason": reasons[answer.termination].map(OracleValue.text) ?? .noConvergence,
      "last_pages": .number(orNone: answer.rounds.last?.transferredBytes.siValue),
      "total_pages": .number(orNone: answer.transferredBytes?.siValue),
      "T_total": .number(orNone: answer.totalMigrationTime?.siValue),
      "T_down": .number(orNone: answer.downtime?.siValue),
    ]
  }
}
