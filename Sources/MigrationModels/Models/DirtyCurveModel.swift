public import ModelCore
import Quantities

/// The dirty-curve predictor: rounds over a measured curve of distinct dirty pages.
///
/// Round 0 sends every normal page with its header and a mark per zero page, later rounds the
/// `u(t)` pages that the last round's window dirtied; the rounds end when a transfer takes no
/// longer than the downtime limit, and the migration is given up when the total passes the
/// deadline. Without a curve `u(t) = W (1 - exp(-D t / W))` stands in.
///
/// Source: A. Gudkov, QEMU mailing list, 2023 (Equations.md 9.8, read in full; its 48
/// published cells are a test).
public struct DirtyCurveModel: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "dirty-curve",
    title: "Dirty-curve predictor",
    equations: [
      "round 0: normal pages x (page + header) + zero pages x zero header",
      "round i+1: u(t_i), t_i = bytes_i / B; stop when t_i <= downtime limit",
      "without a curve: u(t) = W (1 - exp(-D t / W))",
    ],
    source: "A. Gudkov: migration time prediction, QEMU mailing list, 2023",
    provenance: [.found],
    caveat: "the substitute for a missing curve is derived, not part of the published predictor",
    requiredInputs: ["memory_bytes", "bandwidth_bytes_per_s", "dirty_rate_bytes_per_s"],
    optionalInputs: [
      "used_bytes", "zero_fraction", "page_size_bytes", "working_set_bytes", "downtime_limit_s",
      "resume_time_s",
    ],
    outputs: ["total_time_s", "downtime_s", "transferred_bytes", "rounds"],
    techniques: Glossary.techniques.filter { $0.hasPrefix("precopy") },
    assumptions: [
      "constant bandwidth", "the guest dirties memory as it did when the curve was measured",
    ],
    limits: [
      "no downtime limit: one copy, with the guest paused",
      "u(t) flat above what fits into the downtime limit: ends with termination deadline",
    ],
    example: #"printf 'window_s,dirty_bytes\n1,2e7\n10,1.2e8\n' | cutover predict "#
      + "--model dirty-curve --memory 8GiB --bandwidth 1Gbit/s --downtime-limit 300ms "
      + "--dirty-curve -",
    reading: "no curve in this table: u(t) = W (1 - exp(-D t / W)) with W = working_set_bytes, "
      + "else the used memory; zero pages from used_bytes or zero_fraction, else none; no "
      + "downtime_limit_s means any downtime will do",
    parameters: [
      ParameterDefinition(
        "page_header_bytes", unit: "B", domain: .nonNegative, default: 8,
        "on top of a page sent in full"),
      ParameterDefinition(
        "zero_page_bytes", unit: "B", domain: .nonNegative, default: 8, "for a zero page"),
      ParameterDefinition(
        "deadline_s", unit: "s", domain: .positive, default: 3600,
        "a migration longer than this is said not to converge"),
    ])
  public static let hasUsedVariant = false

  public let parameters: ModelParameters
  public let basis: MemoryBasis
  private let pageHeader: Double
  private let zeroHeader: Double
  private let deadline: Double

  public init(parameters: ModelParameters, basis: MemoryBasis) {
    self.parameters = parameters
    self.basis = basis
    pageHeader = parameters["page_header_bytes"]
    zeroHeader = parameters["zero_page_bytes"]
    deadline = parameters["deadline_s"]
  }

  public func remark(on scenario: Scenario) -> String? {
    scenario.dirtyCurve == nil
      ? "no dirty curve is given: u(t) = W (1 - exp(-D t / W)) stands in for it" : nil
  }

  public func predict(
    _ scenario: Scenario, recordingRounds: Bool
  ) throws(ModelError) -> MigrationPrediction {
    let memory = try scenario.require(.memory)
    let used = scenario.effectiveUsed?.siValue ?? memory
    let process: any DirtyProcess
    if let curve = scenario.dirtyCurve {
      process = curve
    } else {
      process = SaturatingDirtyProcess(
        rate: ByteRate(siValue: try scenario.require(.dirtyRate)),
        workingSet: scenario.workingSet ?? Bytes(siValue: used))
    }
    let migration = Migration(
      machine: VirtualMachine(
        normalBytes: Bytes(siValue: used), zeroBytes: Bytes(siValue: memory - used),
        pageSize: scenario.effectivePageSize, dirtyProcess: process),
      channel: Channel(
        bandwidth: ByteRate(siValue: try scenario.requireBandwidth()),
        resumeTime: scenario.resumeTime ?? Seconds(siValue: 0),
        pageHeader: Bytes(siValue: pageHeader), zeroPageHeader: Bytes(siValue: zeroHeader)),
      strategy: .precopy(
        TransferTimeRule(
          downtimeLimit: scenario.downtimeLimit, deadline: Seconds(siValue: deadline))))
    return migration.run(recordingRounds: recordingRounds)
  }
}
