public import ModelCore
import Quantities

/// SimGrid's live migration plug-in under a steady load.
///
/// Stage 1 sends all of the memory, stage 2 what became dirty, `V_{i+1} = min(D t_i, W)`, until
/// at most bandwidth x downtime limit is left, stage 3 the rest.
///
/// Source: SimGrid, live migration plug-in (Equations.md 9.9, found in the source). There the
/// dirty bytes are flops computed x migration speed x intensity / host speed: under full load
/// `D = intensity x B`.
/// Limits: D = 0 makes an empty last transfer; D >= B never ends where W exceeds the threshold.
public struct SimGridPrecopy: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "simgrid",
    title: "SimGrid's live migration",
    equations: [
      "stage 1: V_0 = memory; stage 2: V_{i+1} = min(D t_i, W), t_i = V_i / B",
      "stage 3 when V_i <= B x downtime limit: the rest, with the guest paused",
      "total time = sum of t_i + T_res, downtime = last t_i + T_res",
    ],
    source: "SimGrid, src/plugins/vm/VmLiveMigration.cpp", provenance: [.found, .derived],
    caveat: "the simulator follows the load of the guest; here the load is steady",
    requiredInputs: ["memory_bytes", "bandwidth_bytes_per_s", "dirty_rate_bytes_per_s"],
    optionalInputs: ["working_set_bytes", "downtime_limit_s", "max_rounds", "resume_time_s"],
    outputs: Liu.outputs, techniques: Liu.techniques,
    assumptions: ["constant bandwidth", "the load, and so the dirty rate, is steady"],
    limits: [
      "D = 0: two transfers, the second empty",
      "D >= B: does not converge where W is more than B x downtime limit",
    ],
    example: "cutover predict --model simgrid --memory 4GiB --bandwidth 125MiB/s "
      + "--dirty-rate 75MiB/s",
    reading: "dirty_rate = intensity x load x bandwidth; W is working_set_bytes, else 90 % of the "
      + "memory; the downtime limit is 30 ms where the row has none")
  public static let hasUsedVariant = true

  /// SimGrid's defaults: 30 ms, and 90 % of the memory.
  static let downtimeLimit = Seconds(siValue: 0.03)
  static let workingShare = 0.9

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
    let process = CappedDirtyProcess(
      ConstantDirtyProcess(rate: ByteRate(siValue: try scenario.require(.dirtyRate))),
      ceiling: scenario.workingSet ?? Bytes(siValue: Self.workingShare * memory))
    let migration = Migration(
      machine: VirtualMachine(
        normalBytes: Bytes(siValue: memory), pageSize: scenario.effectivePageSize,
        dirtyProcess: process),
      channel: Channel(
        bandwidth: ByteRate(siValue: try scenario.requireBandwidth()),
        resumeTime: scenario.resumeTime ?? Seconds(siValue: 0)),
      strategy: .precopy(
        DowntimeLimitRule(
          downtimeLimit: scenario.downtimeLimit ?? Self.downtimeLimit,
          limit: scenario.roundLimit ?? .unlimited)))
    return migration.run(recordingRounds: recordingRounds)
  }
}

/// BtrPlace's estimate of a migration: memory once, then the cold and the hot pages that became
/// dirty meanwhile.
///
/// With `b = 8 B / 9`: `t_min = V / b`; when it exceeds t_hot,
/// `t_cold = (hot + (t_min - t_hot) cold) / (b - cold)` and
/// `t_hot' = (hot / b) r / (b - r)`, `r = hot / t_hot`; total time is the sum.
///
/// Source: BtrPlace scheduler, migration duration (Equations.md 9.9, found in the source; it
/// divides Mbit/s by 9, not 8, to account for overhead).
/// Limits: `b <= cold` or `b <= r` never ends.
public struct BtrPlaceEstimate: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "btrplace",
    title: "BtrPlace's estimate",
    equations: [
      "b = (8 / 9) B, t_min = V / b",
      "if t_min > t_hot: t_cold = (hot + (t_min - t_hot) cold) / (b - cold),",
      "  t_hot' = (hot / b) r / (b - r), r = hot / t_hot; else both are 0",
      "total time = t_min + t_cold + t_hot'",
    ],
    source: "BtrPlace scheduler, migration duration of its network view", provenance: [.found],
    requiredInputs: ["memory_bytes", "bandwidth_bytes_per_s", "dirty_rate_bytes_per_s"],
    optionalInputs: ["hot_set_bytes"], outputs: ["total_time_s"],
    techniques: Liu.techniques,
    assumptions: ["pages are hot (dirty within t_hot) or cold (dirtied at a steady rate)"],
    limits: [
      "D = 0: t_cold = hot / b", "b <= D or b <= r: does not converge",
      "t_min <= t_hot: one copy, t_min",
    ],
    example: "cutover predict --model btrplace --memory 4000MB --bandwidth 1Gbit/s "
      + "--dirty-rate 22.6MB/s --hot-set 56MB",
    reading: "the cold dirty rate is dirty_rate_bytes_per_s; hot_set_bytes is 5 MiB where the row "
      + "has none, as in BtrPlace",
    parameters: [
      ParameterDefinition(
        "hot_time_s", unit: "s", domain: .positive, default: 2,
        "t_hot: within it the hot pages are dirtied")
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
    let duration = BtrPlaceDuration(
      memory: try firstRoundMemory(scenario), bandwidth: try scenario.requireBandwidth(),
      hotSet: scenario.hotSet?.siValue ?? 5 * 0x1p20, hotTime: parameters["hot_time_s"],
      coldRate: try scenario.require(.dirtyRate))
    guard let duration else {
      return MigrationPrediction(termination: .notConvergent, converged: false)
    }
    var answer = MigrationPrediction(termination: .singleCopy, converged: true)
    answer.totalMigrationTime = Seconds(siValue: duration.total)
    return answer
  }
}

/// The parts of BtrPlace's estimate, seconds; see `BtrPlaceEstimate`.
public struct BtrPlaceDuration: Sendable, Hashable {
  /// The memory once.
  public let minimum: Double
  /// Cold pages that became dirty meanwhile.
  public let cold: Double
  /// Hot pages.
  public let hot: Double

  public var total: Double { minimum + cold + hot }

  /// - Parameters:
  ///   - memory: bytes, >= 0.
  ///   - bandwidth: bytes per second, > 0.
  ///   - hotSet: bytes, >= 0, dirty within `hotTime` seconds, > 0.
  ///   - coldRate: bytes per second, >= 0.
  /// - Returns: `nil` when the pages become dirty faster than they are sent.
  public init?(
    memory: Double, bandwidth: Double, hotSet: Double, hotTime: Double, coldRate: Double
  ) {
    // Mbit/s divided by 9 instead of 8.
    let effective = bandwidth * 8 / 9
    let hotRate = hotSet / hotTime
    minimum = memory / effective
    guard minimum > hotTime else {
      (cold, hot) = (0, 0)
      return
    }
    guard effective > coldRate, effective > hotRate else { return nil }
    cold = (hotSet + (minimum - hotTime) * coldRate) / (effective - coldRate)
    hot = hotSet / effective * (hotRate / (effective - hotRate))
  }
}
