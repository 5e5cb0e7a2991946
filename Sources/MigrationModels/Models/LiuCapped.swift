public import ModelCore
import Quantities

/// Liu's basic model with the physical cap: a page is sent at most once a round.
///
/// `V_{i+1} = min(V, W, D T_i)`, W the working set where it is known.
///
/// Source: Equations.md 0 identity 1 (derived) on Liu et al. 2011.
/// Limits: equals `LiuBasic` while no round exceeds the cap; lambda >= 1 with N rounds allowed
/// sends (N + 1) V.
public struct LiuCapped: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "liu.capped",
    title: "Liu, capped at memory and working set",
    equations: [
      "V_0 = V, T_i = V_i / R, V_{i+1} = min(V, W, D T_i)",
      "stop when V_i <= V_thd or after max_rounds pre-copy rounds",
      "total time = sum of T_i + T_res, downtime = T_n + T_res",
    ],
    source: Liu.source + "; cap added",
    provenance: [.derived],
    caveat: "the cap is ours",
    requiredInputs: Liu.requiredInputs,
    optionalInputs: Liu.optionalInputs + ["working_set_bytes"], outputs: Liu.outputs,
    techniques: Liu.techniques,
    assumptions: [
      "constant bandwidth and dirty rate", "every page of memory_bytes is sent in round 0",
      "writes reach new pages at the full rate until memory or working set is exhausted",
    ],
    limits: [
      "V_thd >= V: one transfer, with the guest paused",
      "D = 0: two transfers, the second empty, downtime T_res",
      "D >= R: every round sends V (or W), n + 1 times until max_rounds",
    ],
    example: "cutover predict --model liu.capped --memory 8GiB --bandwidth 1Gbit/s "
      + "--dirty-rate 2Gbit/s --working-set 512MiB --downtime-limit 300ms",
    reading: Liu.reading + "; W is working_set_bytes where the row has it")
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
    let constant = ConstantDirtyProcess(rate: ByteRate(siValue: inputs.dirtyRate))
    return Liu.run(
      inputs, scenario: scenario,
      process: CappedDirtyProcess(
        constant, ceiling: scenario.workingSet ?? Bytes(siValue: .infinity)),
      capped: true, recordingRounds: recordingRounds)
  }
}
