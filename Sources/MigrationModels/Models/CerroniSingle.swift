public import ModelCore
import Quantities

/// Cerroni's model of one machine: Liu's rounds under a cap.
///
/// `n = min(ceil(log_lambda(V_th / V)), n_max)`, `T_pre = (V/R)(1 - lambda^n)/(1 - lambda)`,
/// `T_down = (V/R) lambda^n + T_res`, `T_mig = T_pre + T_down`.
///
/// Source: Cerroni and Callegati 2014 (Equations.md 6.1, recalled; consistent with the authors'
/// program).
/// Limits: lambda = 1: `T_pre = n V / R`; lambda > 1: only the cap ends the rounds, and they
/// grow without bound.
public struct CerroniSingle: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "cerroni.single",
    title: "Cerroni, one machine",
    equations: [
      "lambda = D / R, n = min(ceil(log_lambda(V_th / V)), n_max)",
      "T_pre = (V / R) (1 - lambda^n) / (1 - lambda), downtime = (V / R) lambda^n + T_res",
      "total time = T_pre + downtime",
    ],
    source: Cerroni.source, provenance: [.recalled],
    caveat: "recalled; consistent with the authors' published program",
    requiredInputs: Cerroni.requiredInputs, optionalInputs: Cerroni.optionalInputs,
    outputs: Cerroni.outputs, techniques: Cerroni.techniques,
    assumptions: [
      "constant bandwidth and dirty rate", "the dirty volume is not capped at the memory",
    ],
    limits: [
      "V_th >= V: one transfer, with the guest paused", "D = 0: two transfers, the second empty",
      "lambda = 1: T_pre = n V / R", "lambda > 1: n = n_max, and the rounds grow",
    ],
    example: "cutover predict --model cerroni.single --memory 1000MB --bandwidth 1Gbit/s "
      + "--dirty-rate 2500pages/s --threshold 1MB --max-rounds 8 --resume-time 100ms",
    reading: Cerroni.reading)
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
    try Cerroni.machine(
      scenario, memory: try firstRoundMemory(scenario), recordingRounds: recordingRounds)
  }
}
