import ModelCore
import Quantities

/// What the models of Liu et al. share: how they read a scenario.
enum Liu {
  static let source =
    "H. Liu, H. Jin, C.-Z. Xu, X. Liao: Performance and energy modeling for live migration of "
    + "virtual machines, HPDC 2011; Cluster Computing 16(2), 2013"

  static let requiredInputs = [
    "memory_bytes", "bandwidth_bytes_per_s", "dirty_rate_bytes_per_s",
  ]
  static let optionalInputs = [
    "threshold_bytes", "downtime_limit_s", "max_rounds", "resume_time_s",
  ]
  static let outputs = ["total_time_s", "downtime_s", "transferred_bytes", "rounds"]
  static let techniques = Glossary.techniques.filter { $0.hasPrefix("precopy") }

  static let reading =
    "threshold_bytes is bandwidth x downtime_limit_s where the row has none; max_rounds is 29 "
    + "(Xen) where the row has none; T_res is resume_time_s, else 0"

  /// Pre-copy rounds of a Xen-type hypervisor whose limit is not given.
  static let xenRounds = RoundLimit.rounds(xenRoundCount)
  static let xenRoundCount = 29

  /// The quantities of section 1.1, SI.
  struct Inputs {
    var memory: Double
    var bandwidth: Double
    var dirtyRate: Double
    var threshold: Double
    var limit: RoundLimit
    var resumeTime: Double
  }

  static func inputs(_ scenario: Scenario, memory: Double) throws(ModelError) -> Inputs {
    let bandwidth = try scenario.requireBandwidth()
    let threshold: Double
    if let given = scenario.threshold {
      threshold = given.siValue
    } else if let limit = scenario.downtimeLimit {
      threshold = bandwidth * limit.siValue
    } else {
      throw .missingInput(ScenarioField.threshold.column)
    }
    return Inputs(
      memory: memory, bandwidth: bandwidth, dirtyRate: try scenario.require(.dirtyRate),
      threshold: threshold, limit: scenario.roundLimit ?? xenRounds,
      resumeTime: scenario.resumeTime?.siValue ?? 0)
  }

  /// Runs the recursion of section 1.1.
  static func run(
    _ inputs: Inputs, scenario: Scenario, process: any DirtyProcess, capped: Bool,
    transform: (any Transform)? = nil, endsWhenGrowing: Bool = false, recordingRounds: Bool
  ) -> MigrationPrediction {
    // Why: a geometric sequence of doubles underflows to zero in the end, the real one never
    // gets there; without a cap on the rounds a threshold of zero is never reached.
    if inputs.threshold == 0, inputs.memory > 0, inputs.dirtyRate > 0, inputs.limit == .unlimited {
      return MigrationPrediction(termination: .notConvergent, converged: false)
    }
    let migration = Migration(
      machine: VirtualMachine(
        normalBytes: Bytes(siValue: inputs.memory), pageSize: scenario.effectivePageSize,
        dirtyProcess: process, capsDirtyVolume: capped),
      channel: Channel(
        bandwidth: ByteRate(siValue: inputs.bandwidth),
        resumeTime: Seconds(siValue: inputs.resumeTime)),
      transform: transform,
      strategy: .precopy(
        ThresholdRule(
          threshold: Bytes(siValue: inputs.threshold), limit: inputs.limit,
          endsWhenGrowing: endsWhenGrowing)))
    return migration.run(recordingRounds: recordingRounds)
  }
}
