public import ModelCore
import Quantities

/// Aldhalaan and Menasce with hot pages that are sent again like all others.
///
/// `H_{i+1} = H (1 - exp(-D_h t_i / H))`, the same for the cold pages, `t_i` the length of the
/// iteration.
///
/// Source: Aldhalaan and Menasce 2013 (Equations.md 3.3, derived).
/// Limits: no hot set is `AldhalaanSaturating`.
public struct AldhalaanHot: MigrationModel {
  public static let descriptor = AldhalaanHotPages.descriptor(
    id: "aldhalaan.hot", title: "Aldhalaan and Menasce, hot pages sent again",
    stop: "stop when H_i + C_i <= alpha P; every iteration sends both classes",
    limits: ["no hot set: aldhalaan.saturating", "D = 0: two transfers, the second empty"])
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
    let classes = try AldhalaanHotPages(scenario, memory: memory)
    return try Aldhalaan.run(
      scenario, memory: memory, process: ClassesDirtyProcess([classes.hot, classes.cold]),
      capped: true, parameters: parameters, recordingRounds: recordingRounds)
  }
}

/// The same with the hot pages deferred: they are sent once, with the guest paused.
///
/// Source: Aldhalaan and Menasce 2013 (Equations.md 3.3, derived).
/// Limits: the downtime is at least `H / B`; no hot set is `AldhalaanSaturating`.
public struct AldhalaanHotDeferred: MigrationModel {
  public static let descriptor = AldhalaanHotPages.descriptor(
    id: "aldhalaan.hot-deferred", title: "Aldhalaan and Menasce, hot pages deferred",
    stop: "stop when C_i <= alpha P; hot pages go with the last transfer, all of them",
    limits: [
      "no hot set: aldhalaan.saturating", "downtime >= H tau whatever alpha",
      "D = 0: two transfers, the second the hot pages",
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
    let classes = try AldhalaanHotPages(scenario, memory: memory)
    return try Aldhalaan.run(
      scenario, memory: memory, heldBack: classes.hot.workingSet.siValue, process: classes.cold,
      capped: true, parameters: parameters, recordingRounds: recordingRounds)
  }
}

/// Two classes of pages, as a scenario states them.
struct AldhalaanHotPages {
  let hot: SaturatingDirtyProcess
  let cold: SaturatingDirtyProcess

  /// - Throws: `ModelError.missingInput`, `.outOfDomain` for a hot set larger than the memory.
  init(_ scenario: Scenario, memory: Double) throws(ModelError) {
    let rate = try scenario.require(.dirtyRate)
    let share = try scenario.require(.hotWriteFraction)
    let size = try scenario.require(.hotSet)
    guard size <= memory else {
      throw .outOfDomain(
        ScenarioField.hotSet.column, value: size,
        expected: "at most the memory, \(shortestDecimal(memory))")
    }
    hot = SaturatingDirtyProcess(
      rate: ByteRate(siValue: rate * share), workingSet: Bytes(siValue: size))
    cold = SaturatingDirtyProcess(
      rate: ByteRate(siValue: rate * (1 - share)), workingSet: Bytes(siValue: memory - size))
  }

  static func descriptor(
    id: String, title: String, stop: String, limits: [String]
  ) -> ModelDescriptor {
    ModelDescriptor(
      id: id, title: title,
      equations: [
        "H_{i+1} = H (1 - exp(-D_h t_i / H)), C_{i+1} = C (1 - exp(-D_c t_i / C))",
        "t_i = (pages sent in iteration i) tau, tau = page / B", stop,
        "total time = sum of t_i + T_res, downtime = t_I + T_res",
      ],
      source: Aldhalaan.source + "; hot pages", provenance: [.derived],
      caveat: Aldhalaan.caveat,
      requiredInputs: Aldhalaan.requiredInputs + ["hot_set_bytes", "hot_write_fraction"],
      optionalInputs: Aldhalaan.optionalInputs, outputs: Aldhalaan.outputs,
      techniques: Aldhalaan.techniques,
      assumptions: [
        "constant bandwidth", "writes are uniform within each of the two classes",
      ],
      limits: limits + ["alpha = 1: one transfer, with the guest paused"],
      example: "cutover predict --model \(id) --memory 1GiB --bandwidth 100MiB/s "
        + "--dirty-rate 16000pages/s --hot-set 100MiB --hot-write-fraction 94% --threshold 20MiB",
      reading: Aldhalaan.reading
        + "; D_h = dirty_rate x hot_write_fraction, D_c the rest; H is hot_set_bytes",
      parameters: Aldhalaan.parameters)
  }
}
