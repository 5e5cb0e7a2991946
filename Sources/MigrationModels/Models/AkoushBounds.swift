public import ModelCore
import Quantities

/// Akoush's bounds: what total time and downtime can be at best and at worst.
///
/// `O_pre + V/R + O_post <= T_total <= O_pre + ((F + 2) V - 1 page)/R + O_post`,
/// `O_post <= T_down <= O_post + V/R`. Xen tests "more than F V sent" only after a round: just
/// under F V, one more full round, then the stop-and-copy. F = 3 in Xen.
///
/// Source: Akoush et al. 2010 (Equations.md 2.1, recalled, derived and checked; the general
/// factor is derived).
public struct AkoushBounds: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "akoush.bounds",
    title: "Akoush, bounds",
    equations: [
      "O_pre + V/R + O_post <= total time <= O_pre + ((F + 2) V - 1 page)/R + O_post",
      "O_post <= downtime <= O_post + V/R",
    ],
    source: Akoush.source + "; bounds",
    provenance: [.recalled, .derived],
    caveat: "published for F = 3; the general factor is derived",
    requiredInputs: ["memory_bytes", "bandwidth_bytes_per_s"],
    optionalInputs: ["page_size_bytes", "resume_time_s"],
    outputs: [
      "total_time_lower_s", "total_time_upper_s", "downtime_lower_s", "downtime_upper_s",
    ],
    techniques: Akoush.techniques,
    assumptions: ["constant bandwidth", "any dirty rate", "Xen's traffic limit"],
    limits: [
      "a machine of one page or less has no worst case beyond its one copy",
      "traffic_factor 0: two copies and a stop-and-copy less a page at most",
    ],
    example: "cutover predict --model akoush.bounds --memory 1GiB --bandwidth 100Mbit/s",
    reading: Akoush.reading,
    parameters: Akoush.overheads + [
      ParameterDefinition(
        "traffic_factor", unit: "1", domain: .nonNegative, default: 3,
        "F: multiple of the memory after which Xen stops")
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
    let memory = try firstRoundMemory(scenario)
    let bandwidth = try scenario.requireBandwidth()
    let pre = parameters["pre_overhead_s"]
    let post = scenario.resumeTime?.siValue ?? parameters["post_overhead_s"]
    // A machine smaller than a page has no worst case beyond its one copy.
    let worst = max(
      memory,
      (parameters["traffic_factor"] + 2) * memory - scenario.effectivePageSize.siValue)
    // Xen's limits end the rounds in every case; whether the dirty pages ran out is not asked.
    var answer = MigrationPrediction(termination: .bounds, converged: true)
    answer.totalMigrationTimeBounds = QuantityBounds(
      lower: Seconds(siValue: pre + memory / bandwidth + post),
      upper: Seconds(siValue: pre + worst / bandwidth + post))
    answer.downtimeBounds = QuantityBounds(
      lower: Seconds(siValue: post), upper: Seconds(siValue: post + memory / bandwidth))
    return answer
  }
}
