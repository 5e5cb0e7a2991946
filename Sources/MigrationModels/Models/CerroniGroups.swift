public import ModelCore
import Quantities

/// Cerroni's group of equal machines, one after the other at the full rate.
///
/// `T = M T_1`, service downtime `T_dn + (M - 1) T_1`: the service of the group stops with the
/// first machine and is whole again when the last one runs.
///
/// Source: Cerroni 2014, 2015 (Equations.md 6.2 and 5.1, recalled and derived).
/// Limits: M = 1 is `CerroniSingle`.
public struct CerroniSequential: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "cerroni.sequential",
    title: "Cerroni, a group one after the other",
    equations: [
      "total time = M T_1, T_1 from cerroni.single at rate R",
      "service downtime = downtime + (M - 1) T_1", "bytes = M V S_n",
    ],
    source: Cerroni.source, provenance: [.recalled, .derived],
    caveat: "the definition of the service's downtime is recalled",
    requiredInputs: Cerroni.requiredInputs, optionalInputs: Cerroni.optionalInputs,
    outputs: Cerroni.groupOutputs, techniques: Cerroni.techniques,
    assumptions: [
      "equal machines", "the service needs all of them", "the assumptions of cerroni.single",
    ],
    limits: [
      "M = 1: cerroni.single", "D < R: every machine converges, whatever M",
      "D = 0: total time M (V / R + T_res)",
    ],
    example: "cutover predict --model cerroni.sequential --memory 1000MB --bandwidth 1Gbit/s "
      + "--dirty-rate 2500pages/s --threshold 1MB --resume-time 100ms --parameter group_size=4",
    reading: Cerroni.groupReading, parameters: [Cerroni.groupSize])
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
    let size = try parameters.machineCount("group_size")
    var answer = try Cerroni.machine(
      scenario, memory: try firstRoundMemory(scenario), recordingRounds: recordingRounds)
    guard let one = answer.totalMigrationTime, let pause = answer.downtime else { return answer }
    answer.totalMigrationTime = one * size
    answer.serviceDowntime = pause + one * (size - 1)
    answer.transferredBytes = answer.transferredBytes.map { $0 * size }
    return answer
  }
}

/// Cerroni's group of equal machines, all at the same time, each with its share of the rate.
///
/// `T = T_1(R / M)`, service downtime `T_dn(R / M)`.
///
/// Source: Cerroni 2014, 2015 (Equations.md 6.2 and 5.1, recalled and derived).
/// Limits: M = 1 is `CerroniSingle`; from `M = R / D` on no round is smaller than the one before.
public struct CerroniParallel: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "cerroni.parallel",
    title: "Cerroni, a group at the same time",
    equations: [
      "total time = T_1(R / M), service downtime = downtime(R / M)",
      "lambda_p = M lambda, bytes = M V S_n(lambda_p)",
    ],
    source: Cerroni.source, provenance: [.recalled, .derived],
    caveat: "recalled; equal shares are exact for equal machines only",
    requiredInputs: Cerroni.requiredInputs, optionalInputs: Cerroni.optionalInputs,
    outputs: Cerroni.groupOutputs, techniques: Cerroni.techniques,
    assumptions: ["equal machines, which end together", "the assumptions of cerroni.single"],
    limits: [
      "M = 1: cerroni.single", "M >= R / D: ends at max_rounds, without one it does not converge",
      "D = 0: total time M V / R + T_res",
    ],
    example: "cutover predict --model cerroni.parallel --memory 1000MB --bandwidth 1Gbit/s "
      + "--dirty-rate 2500pages/s --threshold 1MB --resume-time 100ms --parameter group_size=4",
    reading: Cerroni.groupReading, parameters: [Cerroni.groupSize])
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
    let size = try parameters.machineCount("group_size")
    return try Cerroni.group(
      scenario, memory: try firstRoundMemory(scenario), size: size, together: size, switchTime: 0)
  }
}

/// Sun's m-mixed strategy: m machines at the same time in pre-copy, the others one by one in
/// post-copy. With m = 1 it is the improved serial strategy.
///
/// `T = T_1(R / m) + (M - m)(T_cpu + V / R)`, service downtime `T_dn(R / m) + (M - m) T_cpu`.
///
/// Source: Sun et al. 2016 (Equations.md 5.1, derived to meet the abstract).
/// Limits: m = M is `CerroniParallel`.
public struct SunMixed: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "sun.mixed",
    title: "Sun, m machines in parallel, then post-copy",
    equations: [
      "total time = T_1(R / m) + (M - m) (T_cpu + V / R), T_1 from cerroni.single",
      "service downtime = downtime(R / m) + (M - m) T_cpu",
      "bytes = m V S_n(m lambda) + (M - m) V",
    ],
    source: Cerroni.sunSource, provenance: [.derived],
    caveat: "the exact formulas were not at hand; these meet the abstract and Cerroni's service "
      + "downtime",
    requiredInputs: Cerroni.requiredInputs, optionalInputs: Cerroni.optionalInputs,
    outputs: Cerroni.groupOutputs, techniques: Cerroni.techniques,
    assumptions: [
      "equal machines", "post-copy machines stop for T_cpu and follow at the full rate",
    ],
    limits: ["m = 1: the improved serial strategy", "m = M: cerroni.parallel"],
    example: "cutover predict --model sun.mixed --memory 1000MB --bandwidth 1Gbit/s "
      + "--dirty-rate 2500pages/s --threshold 1MB --resume-time 100ms --parameter group_size=6 "
      + "--parameter parallel_machines=2 --parameter cpu_state_time_s=0.05",
    reading: Cerroni.groupReading,
    parameters: [
      Cerroni.groupSize,
      ParameterDefinition(
        "parallel_machines", unit: "1", domain: .atLeastOne, default: 1,
        "m: machines that go first, at the same time"),
      ParameterDefinition(
        "cpu_state_time_s", unit: "s", domain: .nonNegative, default: 0,
        "T_cpu: pause of a post-copy machine"),
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
    let size = try parameters.machineCount("group_size")
    return try Cerroni.group(
      scenario, memory: try firstRoundMemory(scenario), size: size,
      together: try parameters.machineCount("parallel_machines", atMost: size),
      switchTime: parameters["cpu_state_time_s"])
  }
}
