import ModelCore
import Quantities

/// What the models of Cerroni (and Sun et al., for groups) share.
enum Cerroni {
  static let source =
    "W. Cerroni, F. Callegati: Live migration of virtual network functions in cloud-based edge "
    + "networks, ICC 2014; W. Cerroni: Network performance of multiple virtual machine live "
    + "migration in cloud federations, JISA 6:6, 2015"
  static let sunSource =
    "G. Sun, D. Liao, V. Anand, D. Zhao, H. Yu: A new technique for efficient live migration of "
    + "multiple virtual machines, FGCS 55, 2016"

  static let requiredInputs = Liu.requiredInputs
  static let optionalInputs = Liu.optionalInputs
  static let outputs = Liu.outputs
  static let groupOutputs = outputs + ["service_downtime_s"]
  static let techniques = Liu.techniques

  static let reading =
    "threshold_bytes is bandwidth x downtime_limit_s where the row has none; max_rounds is 10 "
    + "where the row has none, as in the authors' program; T_res is resume_time_s, else 0"
  static let groupReading =
    reading + "; the group is group_size machines like the one of the row; transferred_bytes and "
    + "total_time_s are the group's, rounds and downtime_s one machine's"

  static let groupSize = ParameterDefinition(
    "group_size", unit: "1", domain: .atLeastOne, default: 1, "M: equal machines in the group")

  /// Pre-copy rounds where a scenario has no cap: the authors' program makes up to ten.
  private static let rounds = RoundLimit.rounds(10)

  /// One machine at a rate: `T_pre = (V/R)(1 - lambda^n)/(1 - lambda)`,
  /// `T_down = (V/R) lambda^n + T_res`.
  ///
  /// - Parameter share: of the scenario's bandwidth that the machine has. A threshold in bytes
  ///   is a setting and stays; one from a downtime limit shrinks with the rate.
  static func machine(
    _ scenario: Scenario, memory: Double, share: Double = 1, recordingRounds: Bool = false
  ) throws(ModelError) -> MigrationPrediction {
    var inputs = try Liu.inputs(scenario, memory: memory)
    inputs.bandwidth *= share
    if scenario.threshold == nil { inputs.threshold *= share }
    if scenario.roundLimit == nil { inputs.limit = rounds }
    return Liu.run(
      inputs, scenario: scenario,
      process: ConstantDirtyProcess(rate: ByteRate(siValue: inputs.dirtyRate)), capped: false,
      recordingRounds: recordingRounds)
  }

  /// `m` machines at a time share the channel, then the others follow one by one in post-copy:
  /// `T = T_1(R/m) + (M - m)(T_cpu + V/R)`, service downtime `T_dn(R/m) + (M - m) T_cpu`.
  static func group(
    _ scenario: Scenario, memory: Double, size: Double, together: Double, switchTime: Double
  ) throws(ModelError) -> MigrationPrediction {
    let bandwidth = try scenario.requireBandwidth()
    var answer = try machine(scenario, memory: memory, share: 1 / together)
    let others = size - together
    answer.totalMigrationTime = answer.totalMigrationTime.map {
      $0 + Seconds(siValue: others * (switchTime + memory / bandwidth))
    }
    answer.transferredBytes = answer.transferredBytes.map {
      $0 * together + Bytes(siValue: others * memory)
    }
    answer.serviceDowntime = answer.downtime.map { $0 + Seconds(siValue: others * switchTime) }
    return answer
  }
}

extension ModelParameters {
  /// A parameter that counts machines.
  ///
  /// - Throws: `ModelError.parameterOutOfDomain` for a broken number.
  func machineCount(_ name: String, atMost limit: Double = 1e15) throws(ModelError) -> Double {
    let value = self[name]
    guard value >= 1, value <= limit, value == value.rounded() else {
      throw .parameterOutOfDomain(
        name, value: value, expected: "a whole number, 1 to \(shortestDecimal(limit))")
    }
    return value
  }
}
