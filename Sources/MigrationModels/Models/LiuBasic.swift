public import ModelCore
import Quantities

/// Liu's basic model: a geometric sequence of rounds without a cap.
///
/// `V_0 = V, T_i = V_i / R, V_{i+1} = D T_i`, so `V_i = V lambda^i` with `lambda = D / R`;
/// `n = ceil(log_lambda(V_thd / V))`, downtime `V_n / R + T_res`, traffic
/// `V (1 - lambda^(n+1)) / (1 - lambda)`.
///
/// Source: Liu et al. 2011, basic model (Equations.md 1.1, seed and recalled).
/// Assumptions: constant rates; a round may be larger than the memory, which is physically
/// wrong for D > R: use `LiuCapped` there.
/// Limits: `V_thd >= V` is a stop-and-copy, `D = 0` needs two transfers, the second empty;
/// lambda >= 1 ends at the round cap, without one it does not converge.
public struct LiuBasic: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "liu.basic",
    title: "Liu, basic",
    equations: [
      "V_0 = V, T_i = V_i / R, V_{i+1} = D T_i",
      "stop when V_i <= V_thd or after max_rounds pre-copy rounds",
      "total time = sum of T_i + T_res, downtime = T_n + T_res",
    ],
    source: Liu.source + "; basic model, equations 2-6 of the survey",
    provenance: [.seed, .recalled],
    caveat: "whether the published total includes T_res is not certain; here it does",
    requiredInputs: Liu.requiredInputs, optionalInputs: Liu.optionalInputs, outputs: Liu.outputs,
    techniques: Liu.techniques,
    assumptions: [
      "constant bandwidth and dirty rate", "every page of memory_bytes is sent in round 0",
      "the dirty volume is not capped at the memory",
    ],
    limits: [
      "V_thd >= V: one transfer, with the guest paused",
      "D = 0: two transfers, the second empty, downtime T_res",
      "D >= R: ends at max_rounds, without one it does not converge",
      "V_thd = 0: never reached, ends at max_rounds",
    ],
    example: "cutover predict --model liu.basic --memory 1GiB --bandwidth 100MiB/s "
      + "--dirty-rate 20MiB/s --threshold 1MiB --resume-time 20ms",
    reading: Liu.reading)
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
    let inputs = try Liu.inputs(scenario, memory: try firstRoundMemory(scenario))
    return Liu.run(
      inputs, scenario: scenario,
      process: ConstantDirtyProcess(rate: ByteRate(siValue: inputs.dirtyRate)), capped: false,
      recordingRounds: recordingRounds)
  }
}
