import ModelCore
import Quantities

/// What the models of Aldhalaan and Menasce share: how they read a scenario.
enum Aldhalaan {
  static let source =
    "A. Aldhalaan, D. A. Menasce: Analytic performance modeling and optimization of live VM "
    + "migration, EPEW 2013"

  static let requiredInputs = [
    "memory_bytes", "bandwidth_bytes_per_s", "dirty_rate_bytes_per_s",
  ]
  static let optionalInputs = [
    "threshold_bytes", "downtime_limit_s", "max_rounds", "resume_time_s",
  ]
  static let outputs = [
    "total_time_s", "downtime_s", "transferred_bytes", "rounds", "utilization",
  ]
  static let techniques = Glossary.techniques.filter { $0.hasPrefix("precopy") }

  static let reading =
    "alpha is threshold_bytes / memory, else bandwidth x downtime_limit_s / memory, else the "
    + "parameter stop_fraction; max_rounds is not limited where the row has none; utilization is "
    + "given when migrations_per_s is"

  static let caveat =
    "the abstract was at hand, the equations were not: ours are derived to meet it, as is the "
    + "definition of utilization"

  static let parameters = [
    ParameterDefinition(
      "stop_fraction", unit: "1", domain: .fraction, default: 0.01,
      "alpha where the scenario has no threshold and no downtime limit"),
    ParameterDefinition(
      "migrations_per_s", unit: "1/s", domain: .nonNegative, default: 0,
      "Lambda: migrations that start on the link per second; 0 leaves utilization empty"),
  ]

  /// The remaining memory at which the rounds stop, bytes.
  static func threshold(
    _ scenario: Scenario, memory: Double, bandwidth: Double, parameters: ModelParameters
  ) -> Bytes {
    if let given = scenario.threshold { return given }
    if let limit = scenario.downtimeLimit { return Bytes(siValue: bandwidth * limit.siValue) }
    return Bytes(siValue: parameters["stop_fraction"] * memory)
  }

  /// Runs the rounds and adds the utilisation.
  ///
  /// - Parameters:
  ///   - memory: of which alpha is a share, bytes; the held-back part included.
  ///   - heldBack: sent in the last transfer only, bytes.
  static func run(
    _ scenario: Scenario, memory: Double, heldBack: Double = 0, process: any DirtyProcess,
    capped: Bool, parameters: ModelParameters, recordingRounds: Bool
  ) throws(ModelError) -> MigrationPrediction {
    let bandwidth = try scenario.requireBandwidth()
    let rule = ThresholdRule(
      threshold: threshold(scenario, memory: memory, bandwidth: bandwidth, parameters: parameters),
      limit: scenario.roundLimit ?? .unlimited)
    // A geometric sequence never gets to a threshold of zero; its doubles would, by underflow.
    if rule.threshold.siValue == 0, rule.limit == .unlimited, memory > heldBack,
      process.dirtyRate(at: 0) > 0
    {
      return MigrationPrediction(termination: .notConvergent, converged: false)
    }
    let migration = Migration(
      machine: VirtualMachine(
        normalBytes: Bytes(siValue: memory - heldBack), heldBackBytes: Bytes(siValue: heldBack),
        pageSize: scenario.effectivePageSize, dirtyProcess: process, capsDirtyVolume: capped),
      channel: Channel(
        bandwidth: ByteRate(siValue: bandwidth),
        resumeTime: scenario.resumeTime ?? Seconds(siValue: 0)),
      strategy: .precopy(rule))
    var answer = migration.run(recordingRounds: recordingRounds)
    let arrivals = parameters["migrations_per_s"]
    if arrivals > 0 {
      answer.utilization = answer.transferredBytes.map { arrivals * $0.siValue / bandwidth }
    }
    return answer
  }
}
