public import ModelCore
import Quantities

/// Pre-copy with a real number of rounds: the last transfer takes exactly the downtime budget.
///
/// `T = (V - D delta) / (R - D)`. Smooth where the round count of `LiuBasic` jumps, and within
/// one round of it: for optimisers and for the back of an envelope.
///
/// Source: Equations.md 0, core identity 4 (derived).
/// Limits: delta -> 0 gives `V / (R - D)`; a budget that holds the whole memory gives `V / R`.
public struct RelaxedPrecopy: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "precopy.relaxed",
    title: "Pre-copy with a real number of rounds",
    equations: [
      "total time = (V - D delta) / (R - D) + T_res", "downtime = delta + T_res",
    ],
    source: "the geometric recursion of liu.basic, summed for a real number of rounds",
    provenance: [.derived], caveat: "our own algebra, checked against the recursion",
    requiredInputs: Liu.requiredInputs + ["downtime_limit_s"], optionalInputs: ["resume_time_s"],
    outputs: ["total_time_s", "downtime_s", "transferred_bytes"], techniques: Liu.techniques,
    assumptions: [
      "constant bandwidth and dirty rate", "the last transfer takes the whole downtime limit",
    ],
    limits: [
      "delta -> 0: V / (R - D)", "delta >= V / R: one transfer, V / R",
      "D >= R: does not converge", "D = 0: V / R",
    ],
    example: "cutover predict --model precopy.relaxed --memory 1GiB --bandwidth 100MiB/s "
      + "--dirty-rate 20MiB/s --downtime-limit 100ms",
    reading: "delta is downtime_limit_s; T_res is resume_time_s, else 0")
  public static let hasUsedVariant = true

  public let parameters: ModelParameters
  public let basis: MemoryBasis

  public init(parameters: ModelParameters, basis: MemoryBasis) {
    self.parameters = parameters
    self.basis = basis
  }

  public func predict(
    _ scenario: Scenario, recordingRounds: Bool
  ) throws(ModelError) -> MigrationPrediction {
    let memory = try firstRoundMemory(scenario)
    let bandwidth = try scenario.requireBandwidth()
    let budget = try scenario.require(.downtimeLimit)
    let time = relaxedTotalTime(
      memory: memory, bandwidth: bandwidth, dirtyRate: try scenario.require(.dirtyRate),
      downtimeBudget: budget)
    guard let time, time.isFinite else {
      return MigrationPrediction(termination: .notConvergent, converged: false)
    }
    let resume = scenario.resumeTime ?? Seconds(siValue: 0)
    var answer = MigrationPrediction(termination: .downtimeLimit, converged: true)
    answer.totalMigrationTime = Seconds(siValue: time) + resume
    answer.downtime = Seconds(siValue: min(budget, time)) + resume
    answer.transferredBytes = Bytes(siValue: time * bandwidth)
    return answer
  }
}
