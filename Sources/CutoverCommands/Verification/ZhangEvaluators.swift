import MigrationModels
import ModelCore
import Quantities
import Statistics

/// `zhang_*`, `binomial_guard`, `k_of_n`: the laws of dirtying, the least bandwidth for two limits,
/// and binomial counts.
enum ZhangEvaluators {
  static let all = [
    Evaluator("zhang_det", .searched) { (inputs) throws(EvaluationError) in
      let memory = Bytes(siValue: try inputs.number("M", .positive))
      let rate = ByteRate(siValue: try inputs.number("d"))
      let problem = try problem(ConstantDirtyProcess(rate: rate, ceiling: memory), &inputs)
      var outputs = try solve(problem).outputs
      outputs["B_relaxed"] = .number(
        LeastBandwidth.relaxed(
          memory: memory, dirtyRate: rate, totalTimeLimit: problem.totalTimeLimit,
          downtimeLimit: problem.downtimeLimit
        ).siValue)
      outputs["B_stopcopy"] = .number(problem.stopAndCopyBandwidth.siValue)
      return outputs
    },
    Evaluator("zhang_bernoulli", .searched) { (inputs) throws(EvaluationError) in
      let process = BernoulliDirtyProcess(
        memory: Bytes(siValue: try inputs.number("M", .positive)),
        probability: try inputs.number("q", .fraction),
        slot: Seconds(siValue: try inputs.number("slot", .positive)))
      var outputs = try solve(try problem(process, &inputs)).outputs
      outputs["theta"] = .number(process.hazard.siValue)
      outputs["B_convergence"] = .number(process.dirtyRate(at: 0))
      return outputs
    },
    Evaluator("zhang_reciprocal", .searched) { (inputs) throws(EvaluationError) in
      let memory = Bytes(siValue: try inputs.number("M", .positive))
      let scale = Frequency(siValue: try inputs.number("c"))
      let solution = try solve(
        try problem(ReciprocalDirtyProcess(memory: memory, scale: scale), &inputs))
      let rounds = ReciprocalRounds(
        memory: memory.siValue, bandwidth: solution.plan.bandwidth.siValue, scale: scale.siValue)
      var outputs = solution.outputs
      outputs["k"] = .number(rounds.ratio)
      outputs["T_down_closed_form"] = .number(rounds.downtime(solution.plan.lastIndex))
      return outputs
    },
    Evaluator("zhang_reciprocal_poisson", .searched) { (inputs) throws(EvaluationError) in
      let process = PoissonReciprocalDirtyProcess(
        memory: Bytes(siValue: try inputs.number("M", .positive)),
        scale: Frequency(siValue: try inputs.number("c")))
      return try solve(try problem(process, &inputs)).outputs
    },
    Evaluator("zhang_reciprocal_eval", .closedForm) { (inputs) throws(EvaluationError) in
      let memory = try inputs.number("M", .positive)
      let index = try inputs.count("n")
      let rounds = ReciprocalRounds(
        memory: memory, bandwidth: try inputs.number("B", .positive),
        scale: try inputs.number("c"))
      guard index <= 10_000_000 else { throw .refused("n is above 10000000") }
      return [
        "k": .number(rounds.ratio), "V_n": .number(memory * rounds.share(index)),
        "T_down": .number(rounds.downtime(index)), "T_mig": .number(rounds.totalTime(index)),
      ]
    },
    Evaluator("zhang_dirty_fraction", .closedForm) { (inputs) throws(EvaluationError) in
      let one = Bytes(siValue: 1)
      let scale = Frequency(siValue: try inputs.number("c"))
      let hazard = Frequency(siValue: try inputs.number("theta"))
      let window = try inputs.number("t")
      let periodic = ReciprocalDirtyProcess(memory: one, scale: scale)
      let poisson = PoissonReciprocalDirtyProcess(memory: one, scale: scale)
      let bernoulli = BernoulliDirtyProcess(memory: one, hazard: hazard)
      return [
        "det_period": .number(periodic.dirtyBytes(after: window)),
        "poisson_lomax": .number(poisson.dirtyBytes(after: window)),
        "bernoulli": .number(bernoulli.dirtyBytes(after: window)),
      ]
    },
    Evaluator("binomial_guard", .closedForm) { (inputs) throws(EvaluationError) in
      let counts = try binomial(
        trials: try inputs.number("N"), probability: try inputs.number("p", .fraction))
      return [
        "mean": .number(counts.mean),
        "upper": .number(counts.normalGuard(deviations: try inputs.number("z", .any))),
      ]
    },
    Evaluator("k_of_n", .closedForm) { (inputs) throws(EvaluationError) in
      let counts = try binomial(
        trials: try inputs.number("N"), probability: try inputs.number("p", .fraction))
      let least = try inputs.number("K")
      do {
        return ["P_hot": .number(try counts.probabilityOfAtLeast(least))]
      } catch {
        throw .refused("\(error)")
      }
    },
  ]

  private struct Solution {
    let plan: LeastBandwidth.Plan

    var outputs: [String: OracleValue] {
      [
        "B_min": .number(plan.bandwidth.siValue), "n": .count(plan.lastIndex),
        "T_mig": .number(plan.totalTime.siValue), "T_down": .number(plan.downtime.siValue),
      ]
    }
  }

  private static func problem(
    _ process: some DirtyProcess, _ inputs: inout OracleInputs
  ) throws(EvaluationError) -> LeastBandwidth {
    let memory = Bytes(siValue: try inputs.number("M", .positive))
    let total = Seconds(siValue: try inputs.number("T_max", .positive))
    let down = Seconds(siValue: try inputs.number("Td_max", .positive))
    let limit = inputs.has("n_max") ? try inputs.count("n_max") : 200
    do {
      return try LeastBandwidth(
        memory: memory, process: process, totalTimeLimit: total, downtimeLimit: down,
        maximumIndex: limit)
    } catch {
      throw .refused("\(error)")
    }
  }

  private static func solve(
    _ problem: LeastBandwidth
  ) throws(EvaluationError) -> Solution {
    do {
      return Solution(plan: try problem.solve())
    } catch {
      throw .refused("\(error)")
    }
  }

  private static func binomial(
    trials: Double, probability: Double
  ) throws(EvaluationError) -> Binomial {
    do {
      return try Binomial(trials: trials, probability: probability)
    } catch {
      throw .refused("\(error)")
    }
  }
}
