public import ModelCore
import Quantities

/// Strunk's energy of the migration of an idle machine: linear in its memory and the bandwidth.
///
/// `E = alpha V + beta B + gamma`.
///
/// Source: Strunk 2012/2013 (Equations.md 9.1, recalled, uncertain; the coefficients were not
/// found). Without coefficients there is no energy: zero would be a number.
/// Limits: an idle machine is copied once, `V / B`.
public struct StrunkEnergy: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "strunk.energy",
    title: "Strunk, energy of an idle machine's migration",
    equations: ["total time = V / B", "E = alpha V + beta B + gamma"],
    source: "A. Strunk: A lightweight model for estimating energy cost of live migration of "
      + "virtual machines, IEEE CLOUD 2013; Costs of virtual machine live migration: a survey, "
      + "2012",
    provenance: [.recalled, .uncertain],
    caveat: "the form is remembered, the coefficients were not found: give your own with "
      + "--parameter, or no energy is answered",
    requiredInputs: ["memory_bytes", "bandwidth_bytes_per_s"],
    outputs: ["total_time_s", "transferred_bytes", "energy_j"],
    techniques: Glossary.techniques.filter { $0.hasPrefix("precopy") },
    assumptions: ["the guest is idle", "identical hosts, as where the coefficients were measured"],
    limits: ["no coefficient given: no energy", "V -> 0: beta B + gamma"],
    example: "cutover predict --model strunk.energy --memory 4GiB --bandwidth 1Gbit/s "
      + "--parameter energy_per_byte=3e-7 --parameter energy_per_byte_per_s=-1e-6 "
      + "--parameter energy_constant=300",
    reading: "the guest is taken to be idle whatever the row says",
    parameters: [
      ParameterDefinition(
        "energy_per_byte", unit: "J/B", domain: .any, default: 0, "alpha, per byte of memory"),
      ParameterDefinition(
        "energy_per_byte_per_s", unit: "J s/B", domain: .any, default: 0,
        "beta, per byte/s of bandwidth"),
      ParameterDefinition("energy_constant", unit: "J", domain: .any, default: 0, "gamma"),
    ])
  public static let hasUsedVariant = true

  public let parameters: ModelParameters
  public let basis: MemoryBasis

  public init(parameters: ModelParameters, basis: MemoryBasis) {
    self.parameters = parameters
    self.basis = basis
  }

  private var hasCoefficients: Bool { parameters.values.contains { $0 != 0 } }

  public func remark(on scenario: Scenario) -> String? {
    hasCoefficients
      ? nil : "no energy: its coefficients are not published; give them with --parameter"
  }

  public func predict(
    _ scenario: Scenario, recordingRounds: Bool
  ) throws(ModelError) -> MigrationPrediction {
    let memory = try firstRoundMemory(scenario)
    let bandwidth = try scenario.requireBandwidth()
    var answer = MigrationPrediction(termination: .singleCopy, converged: true)
    answer.totalMigrationTime = Seconds(siValue: memory / bandwidth)
    answer.transferredBytes = Bytes(siValue: memory)
    if hasCoefficients {
      let energy =
        parameters["energy_per_byte"] * memory + parameters["energy_per_byte_per_s"] * bandwidth
        + parameters["energy_constant"]
      // Coefficients of another range can give less than nothing, which is no energy.
      answer.energy = energy >= 0 ? Joules(siValue: energy) : nil
    }
    return answer
  }
}
