public import ModelCore
import Quantities

/// Akoush's AVG: rounds at a constant dirty rate with Xen's stop conditions.
///
/// Iteration 1 sends all N pages, then `dirty = min(N, D t)` pages after each; iterations end by
/// `XenStopRule`. `T_total = O_pre + pages / r + O_post`, `T_down = last / r + O_post`. Pages
/// are real numbers; nothing is rounded.
///
/// Source: Akoush et al. 2010 (Equations.md 2.3: idea recalled, algorithm derived).
/// Limits: D = 0 sends N pages; D = r exactly 5 N, the upper bound of `AkoushBounds`.
public struct AkoushAverage: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "akoush.avg",
    title: "Akoush, average dirty rate",
    equations: [
      "iteration 1 sends N pages; then dirty = min(N, D t)",
      "stop after an iteration with dirty < 50 pages, after 29 iterations, or more than 3 N sent",
      "total time = O_pre + pages / r + O_post, downtime = last / r + O_post",
    ],
    source: Akoush.source + "; AVG",
    provenance: [.recalled, .derived],
    caveat: "the idea is recalled, the algorithm is our reading of it",
    requiredInputs: ["memory_bytes", "bandwidth_bytes_per_s", "dirty_rate_bytes_per_s"],
    optionalInputs: ["page_size_bytes", "resume_time_s", "max_rounds"],
    outputs: ["total_time_s", "downtime_s", "transferred_bytes", "rounds"],
    techniques: Akoush.techniques,
    assumptions: ["constant bandwidth and dirty rate", "Xen's stop conditions"],
    limits: [
      "D = 0 sends N pages and stops on few_pages",
      "D = r sends exactly 5 N, the upper bound of akoush.bounds",
      "D > r: as D = r, because no more than N pages can be dirty",
    ],
    example: "cutover predict --model akoush.avg --memory 1GiB --bandwidth 110MiB/s "
      + "--dirty-rate 10000pages/s --parameter pre_overhead_s=3 --parameter "
      + "post_overhead_s=0.314",
    reading: Akoush.reading
      + "; O_pre and O_post are estimated on the training rows as median residuals, not below 0",
    parameters: Akoush.overheads)
  public static let hasUsedVariant = true

  public let parameters: ModelParameters
  public let basis: MemoryBasis
  private let preOverhead: Double
  private let postOverhead: Double

  public init(parameters: ModelParameters, basis: MemoryBasis) {
    self.parameters = parameters
    self.basis = basis
    preOverhead = parameters["pre_overhead_s"]
    postOverhead = parameters["post_overhead_s"]
  }

  public func predict(
    _ scenario: Scenario, recordingRounds: Bool
  ) throws(ModelError) -> MigrationPrediction {
    let memory = try firstRoundMemory(scenario)
    let page = scenario.effectivePageSize
    let migration = Migration(
      machine: VirtualMachine(
        normalBytes: Bytes(siValue: memory), pageSize: page,
        dirtyProcess: ConstantDirtyProcess(
          rate: ByteRate(siValue: try scenario.require(.dirtyRate)))),
      channel: Channel(
        bandwidth: ByteRate(siValue: try scenario.requireBandwidth()),
        setupTime: Seconds(siValue: preOverhead),
        resumeTime: scenario.resumeTime ?? Seconds(siValue: postOverhead)),
      strategy: .precopy(
        XenStopRule(
          memory: Bytes(siValue: memory), pageSize: page,
          limit: scenario.roundLimit ?? .rounds(29))))
    return migration.run(recordingRounds: recordingRounds)
  }
}
