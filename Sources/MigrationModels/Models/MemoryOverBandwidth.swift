public import ModelCore
import Quantities

/// The naive baseline: `T = M / B`.
///
/// What a planner works out on paper and what the simulators of the CloudSim family compute.
/// It knows neither zero pages nor dirtying; its downtime is the setting, taken at its word.
public struct MemoryOverBandwidth: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "memory-over-bandwidth",
    title: "Memory over bandwidth",
    equations: ["total time = M / B", "downtime = downtime limit"],
    source: "folklore; delay model of CloudSim and CloudSim Plus",
    provenance: [.found],
    requiredInputs: ["memory_bytes", "bandwidth_bytes_per_s"],
    optionalInputs: ["downtime_limit_s"],
    outputs: ["total_time_s", "downtime_s", "transferred_bytes"],
    techniques: Glossary.techniques,
    assumptions: [
      "one copy of the whole memory at full bandwidth", "no page is dirtied, none is zero",
      "the hypervisor keeps the downtime limit exactly",
    ],
    limits: [
      "whatever the dirty rate, one copy",
      "V = 0 takes no time",
    ],
    example: "cutover predict --model memory-over-bandwidth --memory 8GiB --bandwidth 1Gbit/s",
    reading: "total time is memory_bytes / bandwidth_bytes_per_s; downtime is downtime_limit_s")
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
    let page = scenario.effectivePageSize
    let migration = Migration(
      machine: VirtualMachine(
        normalBytes: Bytes(siValue: memory), pageSize: page,
        dirtyProcess: ConstantDirtyProcess(rate: ByteRate(siValue: 0))),
      channel: Channel(bandwidth: ByteRate(siValue: try scenario.requireBandwidth())),
      strategy: .stopAndCopy)
    var answer = migration.run(recordingRounds: recordingRounds)
    answer.downtime = scenario.downtimeLimit
    return answer
  }
}

/// Many scenarios at once: one division per row.
extension MemoryOverBandwidth {
  public func predictions(of rows: ScenarioRows) -> PredictionColumns? {
    let count = rows.count
    var inputs: [Double] = []
    inputs.reserveCapacity(3 * count)
    rows.appendFirstRoundMemory(basis, to: &inputs)
    rows.appendEffectiveBandwidth(to: &inputs)
    rows.append(.downtimeLimit, to: &inputs)
    let (memory, bandwidth) = (inputs[..<count], inputs[count..<(2 * count)])
    let ends = zip(memory, bandwidth).map { ($0 / $1).isFinite }
    var numbers = zip(zip(memory, bandwidth), ends).map { $1 ? $0.0 / $0.1 : .nan }
    numbers += inputs[(2 * count)...]
    numbers += zip(memory, ends).map { $1 ? $0 : .nan }
    numbers += ends.map { $0 ? 1 : .nan }
    return PredictionColumns(
      terminations: (0..<count).map { row in
        guard rows.isDescribed(row, by: Self.self),
          !(inputs[row] + inputs[count + row]).isNaN
        else { return nil }
        return ends[row] ? .singleCopy : .notConvergent
      },
      converging: [.singleCopy], storage: numbers)
  }
}
