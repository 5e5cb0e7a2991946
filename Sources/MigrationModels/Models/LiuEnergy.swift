public import ModelCore
import Quantities

/// Liu's energy law over the traffic of the basic model: `E = alpha V_mig + beta`.
///
/// Source and destination together, above idle. Time does not appear: with fixed hardware the
/// energy follows the traffic.
///
/// Source: Liu et al. 2011, energy model (Equations.md 1.3, recalled: 0.512 J/MB and
/// 20.165 J for two identical Xen hosts with 1 GbE).
public struct LiuEnergy: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "liu.energy",
    title: "Liu, energy from traffic",
    equations: ["E = alpha V_mig + beta, V_mig from liu.basic"],
    source: Liu.source + "; energy model",
    provenance: [.recalled],
    caveat: "the default coefficients belong to 2 x quad-core E5450 hosts with 1 GbE and Xen "
      + "3.4.1: fit them to your own trace (energy_j)",
    requiredInputs: Liu.requiredInputs, optionalInputs: Liu.optionalInputs,
    outputs: Liu.outputs + ["energy_j"], techniques: Liu.techniques,
    assumptions: ["energy is linear in traffic", "the assumptions of liu.basic"],
    reading: Liu.reading,
    parameters: [
      ParameterDefinition(
        "energy_alpha", unit: "J/B", domain: .nonNegative, default: 0.512 / 1e6,
        "alpha, joules per byte sent"),
      ParameterDefinition(
        "energy_beta", unit: "J", domain: .any, default: 20.165, "beta, joules per migration"),
    ])
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
    let basic = LiuBasic(parameters: ModelParameters(defaultsOf: LiuBasic.descriptor), basis: basis)
    var answer = try basic.predict(scenario, recordingRounds: recordingRounds)
    let law = EnergyLaw(perByte: parameters["energy_alpha"], fixed: parameters["energy_beta"])
    answer.energy = answer.transferredBytes.map(law.energy(ofTraffic:))
    return answer
  }
}
