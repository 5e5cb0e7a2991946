import MigrationModels
import ModelCore
import Quantities

/// `am_uniform`, `am_uniform_saturating`, `am_hot`, `am_opt`. A page of these files is taken
/// for a byte, so that `tau` seconds a page are `1 / tau` bytes per second.
enum AldhalaanEvaluators {
  static let all = [
    Evaluator("am_uniform", .closedForm) { (inputs) throws(EvaluationError) in
      let rounds = try Case(&inputs, dirtyRate: "D_pages_s")
      var outputs = try rounds.outputs("aldhalaan.uniform")
      let ratio = rounds.dirtyRate * rounds.pageTime
      outputs["rho"] = .number(ratio)
      let relaxed = rounds.pages * (1 - rounds.fraction * ratio) / (1 - ratio)
      outputs["pages_total_relaxed"] = .number(ratio < 1 ? relaxed : .infinity)
      outputs["T_down_relaxed"] = .number(rounds.fraction * rounds.pages * rounds.pageTime)
      return outputs
    },
    Evaluator("am_uniform_saturating", .closedForm) { (inputs) throws(EvaluationError) in
      try Case(&inputs, dirtyRate: "D_pages_s").outputs("aldhalaan.saturating")
    },
    Evaluator("am_hot", .closedForm) { (inputs) throws(EvaluationError) in
      var rounds = try Case(&inputs, dirtyRate: nil)
      let share = try inputs.number("h", .fraction)
      let hot = try inputs.number("D_hot")
      let cold = try inputs.number("D_cold")
      rounds.dirtyRate = hot + cold
      rounds.scenario.dirtyRate = ByteRate(siValue: hot + cold)
      rounds.scenario.hotSet = Bytes(siValue: share * rounds.pages)
      rounds.scenario.hotWriteFraction = hot == 0 ? 0 : hot / (hot + cold)
      return try rounds.outputs(
        try inputs.flag("defer") ? "aldhalaan.hot-deferred" : "aldhalaan.hot")
    },
    Evaluator("am_opt", .closedForm) { (inputs) throws(EvaluationError) in
      let pages = try inputs.number("P_pages", .positive)
      let pageTime = try inputs.number("tau", .positive)
      let choice = ThresholdChoice(
        memory: Bytes(siValue: pages), bandwidth: ByteRate(siValue: 1 / pageTime),
        dirtyRate: ByteRate(siValue: try inputs.number("D_pages_s")),
        arrivalRate: Frequency(siValue: try inputs.number("mig_rate")),
        pageSize: Bytes(siValue: 1))
      let best = choice.leastDowntime(
        ThresholdBounds(utilization: try inputs.number("U_max")))
      return [
        "feasible": .flag(best != nil),
        "I_opt": .number(best.map { Double($0.iterations) } ?? -1),
        "alpha_opt": .number(best?.fraction ?? .infinity),
        "T_down": .number(best?.downtime.siValue ?? .infinity),
        "U_net": .number(best?.utilization ?? .infinity),
      ]
    },
  ]

  /// What the rounds of all three variants have in common.
  private struct Case {
    var scenario = Scenario()
    let pages: Double
    let pageTime: Double
    let fraction: Double
    var dirtyRate = 0.0

    init(_ inputs: inout OracleInputs, dirtyRate name: String?) throws(EvaluationError) {
      pages = try inputs.number("P_pages")
      pageTime = try inputs.number("tau", .positive)
      fraction = try inputs.number("alpha", .fraction)
      if let name { dirtyRate = try inputs.number(name) }
      scenario.memory = Bytes(siValue: pages)
      scenario.bandwidth = ByteRate(siValue: 1 / pageTime)
      scenario.dirtyRate = ByteRate(siValue: dirtyRate)
      scenario.threshold = Bytes(siValue: fraction * pages)
      scenario.roundLimit =
        inputs.has("max_iter") ? .rounds(try inputs.count("max_iter")) : .unlimited
    }

    func outputs(_ id: String) throws(EvaluationError) -> [String: OracleValue] {
      let answer = try predict(id, [:], scenario, recordingRounds: true)
      let total = answer.transferredBytes?.siValue
      return [
        "iterations": .number(orNone: answer.roundCount.map { Double($0 - 1) }),
        "converged": .flag(answer.converged),
        "pages_last": .number(orNone: answer.rounds.last?.transferredBytes.siValue),
        "pages_total": .number(orNone: total),
        "T_down": .number(orNone: answer.downtime?.siValue),
        "T_total": .number(orNone: answer.totalMigrationTime?.siValue),
        "overhead_factor": .number(orNone: total.map { $0 / pages }),
      ]
    }
  }
}
