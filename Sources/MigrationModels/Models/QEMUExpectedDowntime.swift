public import ModelCore
public import Quantities

/// What QEMU shows as expected downtime: what is left, at the throughput of the moment.
///
/// `expected downtime = remaining / throughput`.
///
/// Source: QEMU, `expected-downtime` of query-migrate (Equations.md 9.9, found). A public log
/// shows 376892 kB at 866.83 Mbit/s, hence 3478 ms, beside a displayed 1475 ms: QEMU's own
/// figure is older than what stands next to it.
///
/// - Parameters:
///   - remaining: of the memory, >= 0.
///   - throughput: > 0.
public func expectedDowntime(remaining: Bytes, throughput: ByteRate) -> Seconds {
  remaining / throughput
}

/// `expectedDowntime(remaining:throughput:)` as a model: downtime when the guest is paused now.
public struct QEMUExpectedDowntime: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "qemu.expected-downtime",
    title: "QEMU's expected downtime",
    equations: ["downtime = remaining / throughput"],
    source: "QEMU, query-migrate: expected-downtime", provenance: [.found],
    requiredInputs: ["threshold_bytes", "bandwidth_bytes_per_s"], outputs: ["downtime_s"],
    techniques: Glossary.techniques.filter { $0.hasPrefix("precopy") },
    assumptions: ["the guest is paused now", "the throughput stays as it is"],
    limits: [
      "nothing left: no downtime", "no fixed part: device state and switch-over come on top",
    ],
    example: "cutover predict --model qemu.expected-downtime --threshold 376892kB "
      + "--bandwidth 866.83Mbit/s",
    reading: "the remaining memory is threshold_bytes, the throughput is the bandwidth")
  public static let hasUsedVariant = false

  public let parameters: ModelParameters
  public let basis: MemoryBasis

  public init(parameters: ModelParameters, basis: MemoryBasis) {
    self.parameters = parameters
    self.basis = basis
  }

  public func predict(
    _ scenario: Scenario, recordingRounds: Bool
  ) throws(ModelError) -> MigrationPrediction {
    var answer = MigrationPrediction(termination: .singleCopy, converged: true)
    answer.downtime = expectedDowntime(
      remaining: Bytes(siValue: try scenario.require(.threshold)),
      throughput: ByteRate(siValue: try scenario.requireBandwidth()))
    return answer
  }
}
