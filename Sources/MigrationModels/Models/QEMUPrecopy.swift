public import ModelCore
import Quantities

/// QEMU's pre-copy: zero marks, page headers, a working set that saturates, and QEMU's own
/// stop rule.
///
/// Round 0 sends used pages with their header and a mark per zero page; round i+1 sends
/// `u(t_i) = W (1 - exp(-D t_i / W))`. QEMU stops when `remaining / measured bandwidth <=
/// downtime limit`; the rest then goes with the guest paused, plus a switch-over time.
///
/// Source: QEMU migration/migration.c and qapi/migration.json (Equations.md 9.9 and 10.1:
/// stop rule and header found); saturation derived (section 0, identity 5).
/// Assumptions: bandwidth is the cap or the link; the stop phase runs at that rate too.
/// Limits: D = 0 is two transfers; used = memory and headers 0 is a saturating `LiuCapped`.
public struct QEMUPrecopy: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "qemu.precopy",
    title: "QEMU pre-copy",
    equations: [
      "round 0: used pages x (page + header) + zero pages x zero header",
      "round i+1: W (1 - exp(-D t_i / W)), t_i = bytes_i / B",
      "stop when remaining / measured bandwidth <= downtime limit",
      "total time = setup + sum of t_i + switch-over, downtime = t_n + switch-over",
    ],
    source: "QEMU migration/migration.c, qapi/migration.json",
    provenance: [.found, .derived],
    caveat: "the saturating working set is derived; QEMU's early synchronisations are not modelled",
    requiredInputs: [
      "memory_bytes", "bandwidth_bytes_per_s", "dirty_rate_bytes_per_s", "downtime_limit_s",
    ],
    optionalInputs: [
      "used_bytes", "zero_fraction", "page_size_bytes", "working_set_bytes", "max_rounds",
      "resume_time_s",
    ],
    outputs: ["total_time_s", "downtime_s", "transferred_bytes", "rounds"],
    techniques: Glossary.techniques.filter { $0.hasPrefix("precopy") },
    assumptions: [
      "constant bandwidth, in the stop phase too", "uniform writes over the working set",
      "no throttling, compression or delta encoding",
    ],
    limits: [
      "D = 0: two transfers, the second empty",
      "used = memory, headers 0: liu.capped with a saturating working set",
      "W above what fits into the downtime limit, D > B: does not converge",
    ],
    example: "cutover predict --model qemu.precopy --memory 8GiB --used 3GiB --bandwidth "
      + "1Gbit/s --dirty-rate 20MiB/s --downtime-limit 300ms",
    reading: "zero pages from used_bytes or zero_fraction, else none; W is working_set_bytes, "
      + "else the used memory; rounds are not limited where max_rounds is empty; setup and "
      + "switch-over times are estimated on the training rows as median residuals, not below 0",
    parameters: [
      ParameterDefinition(
        "page_header_bytes", unit: "B", domain: .nonNegative, default: 8,
        "on top of a page sent in full"),
      ParameterDefinition(
        "zero_page_bytes", unit: "B", domain: .nonNegative, default: 9, "for a zero page"),
      ParameterDefinition(
        "setup_time_s", unit: "s", domain: .nonNegative, default: 0, "before the first byte"),
      ParameterDefinition(
        "switchover_time_s", unit: "s", domain: .nonNegative, default: 0,
        "fixed part of the downtime"),
    ])
  public static let hasUsedVariant = false

  public let parameters: ModelParameters
  public let basis: MemoryBasis
  private let channel: Channel

  public init(parameters: ModelParameters, basis: MemoryBasis) {
    self.parameters = parameters
    self.basis = basis
    channel = Channel(
      bandwidth: ByteRate(siValue: 1), setupTime: Seconds(siValue: parameters["setup_time_s"]),
      resumeTime: Seconds(siValue: parameters["switchover_time_s"]),
      pageHeader: Bytes(siValue: parameters["page_header_bytes"]),
      zeroPageHeader: Bytes(siValue: parameters["zero_page_bytes"]))
  }

  public func predict(
    _ scenario: Scenario, recordingRounds: Bool
  ) throws(ModelError) -> MigrationPrediction {
    let memory = try scenario.require(.memory)
    let used = scenario.effectiveUsed?.siValue ?? memory
    var channel = channel
    channel.bandwidth = ByteRate(siValue: try scenario.requireBandwidth())
    if let given = scenario.resumeTime { channel.resumeTime = given }
    return Rounds(
      normal: used, zero: memory - used,
      process: SaturatingDirtyProcess(
        rate: ByteRate(siValue: try scenario.require(.dirtyRate)),
        workingSet: scenario.workingSet ?? Bytes(siValue: used)),
      rule: DowntimeLimitRule(
        downtimeLimit: Seconds(siValue: try scenario.require(.downtimeLimit)),
        limit: scenario.roundLimit ?? .unlimited)
    ).run(
      over: channel, pageSize: scenario.effectivePageSize.siValue,
      recordingRounds: recordingRounds)
  }
}
