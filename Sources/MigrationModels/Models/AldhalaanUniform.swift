public import ModelCore
import Quantities

/// Aldhalaan and Menasce with uniform dirtying: rounds until a fraction alpha of the pages is
/// left.
///
/// `P rho^i` pages in iteration i, `rho = D tau`; `I = ceil(ln alpha / ln rho)`; pages
/// `P (1 - rho^(I+1)) / (1 - rho)`, `T_down = P rho^I tau`, `U = Lambda tau pages`.
///
/// Source: Aldhalaan and Menasce 2013 (Equations.md 3.2 and 3.4, derived from the abstract).
/// Limits: alpha = 1 is a stop-and-copy; D = 0 makes two transfers, the second empty; rho >= 1
/// does not converge without max_rounds. The downtime lies in `(rho alpha, alpha] P tau`: it
/// jumps whenever I does.
public struct AldhalaanUniform: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "aldhalaan.uniform",
    title: "Aldhalaan and Menasce, uniform dirtying",
    equations: [
      "P pages, tau = page / B seconds each, rho = D tau: P rho^i pages in iteration i",
      "stop when at most alpha P pages are left: I = ceil(ln alpha / ln rho) iterations",
      "pages = P (1 - rho^(I+1)) / (1 - rho), total time = pages tau + T_res",
      "downtime = P rho^I tau + T_res, utilization = Lambda tau pages",
    ],
    source: Aldhalaan.source, provenance: [.found, .derived], caveat: Aldhalaan.caveat,
    requiredInputs: Aldhalaan.requiredInputs, optionalInputs: Aldhalaan.optionalInputs,
    outputs: Aldhalaan.outputs, techniques: Aldhalaan.techniques,
    assumptions: [
      "constant bandwidth and dirty rate", "a page dirtied twice in an iteration counts twice",
    ],
    limits: [
      "alpha = 1: one transfer, with the guest paused", "D = 0: two transfers, the second empty",
      "rho >= 1: ends at max_rounds, without one it does not converge",
      "the downtime jumps between rho alpha P tau and alpha P tau as alpha changes",
    ],
    example: "cutover predict --model aldhalaan.uniform --memory 1GiB --bandwidth 100MiB/s "
      + "--dirty-rate 5000pages/s --parameter migrations_per_s=0.01",
    reading: Aldhalaan.reading, parameters: Aldhalaan.parameters)
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
    try Aldhalaan.run(
      scenario, memory: try firstRoundMemory(scenario),
      process: ConstantDirtyProcess(
        rate: ByteRate(siValue: try scenario.require(.dirtyRate))),
      capped: false, parameters: parameters, recordingRounds: recordingRounds)
  }
}
