public import ModelCore
import Quantities

/// Aldhalaan and Menasce with distinct pages: an iteration cannot dirty a page twice.
///
/// `P_{i+1} = P (1 - exp(-D P_i tau / P))`.
///
/// Source: Aldhalaan and Menasce 2013 (Equations.md 3.2, derived).
/// Limits: D -> 0 is `AldhalaanUniform`; for rho > 1 the rounds settle on the share x > 0 of
/// `x = 1 - exp(-rho x)`, so that a stop fraction below x never stops them.
public struct AldhalaanSaturating: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "aldhalaan.saturating",
    title: "Aldhalaan and Menasce, distinct pages",
    equations: [
      "P_0 = P, P_{i+1} = P (1 - exp(-D P_i tau / P)), tau = page / B",
      "stop when P_i <= alpha P",
      "total time = sum of P_i tau + T_res, downtime = P_I tau + T_res",
      "utilization = Lambda tau (sum of P_i)",
    ],
    source: Aldhalaan.source, provenance: [.derived], caveat: Aldhalaan.caveat,
    requiredInputs: Aldhalaan.requiredInputs,
    optionalInputs: Aldhalaan.optionalInputs + ["working_set_bytes"], outputs: Aldhalaan.outputs,
    techniques: Aldhalaan.techniques,
    assumptions: ["constant bandwidth", "uniform random writes over the working set"],
    limits: [
      "alpha = 1: one transfer, with the guest paused", "D = 0: two transfers, the second empty",
      "rho > 1: the rounds settle on the share x of x = 1 - exp(-rho x); alpha < x never stops",
    ],
    example: "cutover predict --model aldhalaan.saturating --memory 1GiB --bandwidth 100MiB/s "
      + "--dirty-rate 80MiB/s --threshold 10MiB",
    reading: Aldhalaan.reading
      + "; the writes fall on working_set_bytes, on all of the memory where the row has none",
    parameters: Aldhalaan.parameters)
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
    return try Aldhalaan.run(
      scenario, memory: memory,
      process: SaturatingDirtyProcess(
        rate: ByteRate(siValue: try scenario.require(.dirtyRate)),
        workingSet: scenario.workingSet ?? Bytes(siValue: memory)),
      capped: true, parameters: parameters, recordingRounds: recordingRounds)
  }
}
