public import ModelCore
import Quantities

/// Migration time against the CPU share that the host's control domain has for it.
///
/// `T = b_0 + b_1 V / min(R, kappa c)`: the processor limits the rate until the network does.
///
/// Source: Wu and Zhao 2011 (Equations.md 8: the dependence is found, the form derived; the
/// published regressions were not at hand).
/// Limits: `c >= R / kappa` no longer helps; `c -> 0` takes for ever.
public struct WuZhao: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "wu-zhao.cpu",
    title: "Wu and Zhao, migration time against the host's CPU share",
    equations: ["total time = b_0 + b_1 V / min(R, kappa c), c the CPU share"],
    source: "Y. Wu, M. Zhao: Performance modeling of virtual machine live migration, IEEE CLOUD "
      + "2011",
    provenance: [.found, .derived],
    caveat: "that time depends on the CPU share is found; the form is derived, and kappa is to "
      + "be measured on your hosts",
    requiredInputs: ["memory_bytes", "bandwidth_bytes_per_s"],
    outputs: ["total_time_s"],
    techniques: Glossary.techniques.filter { $0.hasPrefix("precopy") },
    assumptions: ["the throughput is proportional to the CPU share until the network limits it"],
    limits: [
      "kappa c >= R: the network limits, b_0 + b_1 V / R", "c -> 0: the time grows without bound",
    ],
    example: "cutover predict --model wu-zhao.cpu --memory 1GiB --bandwidth 1Gbit/s "
      + "--parameter cpu_share=0.3 --parameter bytes_per_s_at_full_cpu=200e6",
    reading: "without bytes_per_s_at_full_cpu the CPU share is not taken into account",
    parameters: [
      ParameterDefinition("base_time_s", unit: "s", domain: .nonNegative, default: 0, "b_0"),
      ParameterDefinition("copies", unit: "1", domain: .nonNegative, default: 1, "b_1"),
      ParameterDefinition(
        "cpu_share", unit: "1", domain: .positiveFraction, default: 1,
        "c, of the control domain"),
      ParameterDefinition(
        "bytes_per_s_at_full_cpu", unit: "B/s", domain: .nonNegative, default: 0,
        "kappa; 0 when it is not known"),
    ])
  public static let hasUsedVariant = true

  public let parameters: ModelParameters
  public let basis: MemoryBasis

  public init(parameters: ModelParameters, basis: MemoryBasis) {
    self.parameters = parameters
    self.basis = basis
  }

  public func remark(on scenario: Scenario) -> String? {
    parameters["bytes_per_s_at_full_cpu"] > 0
      ? nil : "the CPU share is not taken into account: bytes_per_s_at_full_cpu is not given"
  }

  public func predict(
    _ scenario: Scenario, recordingRounds: Bool
  ) throws(ModelError) -> MigrationPrediction {
    let memory = try firstRoundMemory(scenario)
    var rate = try scenario.requireBandwidth()
    let full = parameters["bytes_per_s_at_full_cpu"]
    if full > 0 { rate = min(rate, full * parameters["cpu_share"]) }
    let time = parameters["base_time_s"] + parameters["copies"] * memory / rate
    guard time.isFinite else {
      return MigrationPrediction(termination: .notConvergent, converged: false)
    }
    var answer = MigrationPrediction(termination: .singleCopy, converged: true)
    answer.totalMigrationTime = Seconds(siValue: time)
    return answer
  }
}
