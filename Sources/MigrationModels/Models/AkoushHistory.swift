public import ModelCore
import Quantities

/// Akoush's HIST: Xen's rounds over what the machine was seen to dirty, not over a rate.
///
/// With a dirty history the rounds are simulated page by page, with the skip rule
/// (`PageExactMigration`); with a dirty curve, or the working set that stands in for one, the
/// engine sends `u(t)` pages after a round of length t. Pages of a curve are real numbers.
///
/// Source: Akoush et al. 2010 (Equations.md 2.4: idea recalled, both algorithms derived).
public struct AkoushHistory: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "akoush.hist",
    title: "Akoush, dirty history",
    equations: [
      "history: round i+1 sends the pages written in round i, page by page; a page is sent only "
        + "if in to_send and not in to_skip",
      "curve: dirty = u(t); without a curve u(t) = W (1 - exp(-D t / W))",
      "stop after an iteration with dirty < 50 pages, after 29 iterations, or more than 3 N sent",
      "total time = O_pre + pages / r + O_post, downtime = last / r + O_post",
    ],
    source: Akoush.source + "; HIST",
    provenance: [.recalled, .derived],
    caveat: "the idea is recalled, the algorithms are our reading of it",
    requiredInputs: ["memory_bytes", "bandwidth_bytes_per_s", "dirty_rate_bytes_per_s"],
    optionalInputs: ["working_set_bytes", "page_size_bytes", "resume_time_s", "max_rounds"],
    outputs: ["total_time_s", "downtime_s", "transferred_bytes", "rounds"],
    techniques: Akoush.techniques,
    assumptions: [
      "constant bandwidth", "the machine dirties what it dirtied when it was watched",
      "Xen's stop conditions",
    ],
    limits: [
      "nothing dirtied: N pages, then few_pages",
      "a working set above 50 pages that is rewritten faster than it is sent never runs dry: "
        + "the rounds end by 3 N or 29",
    ],
    example: #"printf 'slot_s,slot,first_page,page_count\n30,0,0,2000\n30,1,0,1500\n' | cutover "#
      + "predict --model akoush.hist --memory 1GiB --bandwidth 110MiB/s --dirty-history -",
    reading: Akoush.reading
      + "; no history in this table: u(t) = W (1 - exp(-D t / W)) with W = working_set_bytes, "
      + "else the memory",
    parameters: Akoush.overheads + [
      ParameterDefinition(
        "history_offset_s", unit: "s", domain: .nonNegative, default: 0,
        "where in the history the migration starts"),
      ParameterDefinition(
        "skip_redirtied", unit: "1", domain: .fraction, default: 1,
        "history only: 0 sends pages even if they are dirty again"),
      ParameterDefinition(
        "stop_when_growing", unit: "1", domain: .fraction, default: 0,
        "1 adds Xen's fourth condition: an iteration that sent more than the one before"),
    ])
  public static let hasUsedVariant = false

  public let parameters: ModelParameters
  public let basis: MemoryBasis

  public init(parameters: ModelParameters, basis: MemoryBasis) {
    self.parameters = parameters
    self.basis = basis
  }

  public func remark(on scenario: Scenario) -> String? {
    if let history = scenario.dirtyHistory {
      return outlasts(history, scenario)
        ? "the migration outlasts the history of \(history.duration), which then repeats" : nil
    }
    if scenario.dirtyCurve != nil { return nil }
    return "no dirty history or curve is given: u(t) = W (1 - exp(-D t / W)) stands in for it"
  }

  /// Whether the migration goes on beyond the end of the history.
  ///
  /// One copy and the five of the worst case say so mostly; between them the rounds are made.
  private func outlasts(_ history: DirtyHistory, _ scenario: Scenario) -> Bool {
    guard let bandwidth = scenario.effectiveBandwidth else { return false }
    let copy = history.pageSize * Double(history.memoryPages) / bandwidth
    let left = history.duration - Seconds(siValue: parameters["history_offset_s"])
    if copy > left { return true }
    if copy * 5 <= left { return false }
    let overheads = Seconds(siValue: parameters["pre_overhead_s"])
    guard let total = (try? predict(scenario))?.totalMigrationTime else { return false }
    return total - overheads > left
  }

  public func predict(
    _ scenario: Scenario, recordingRounds: Bool
  ) throws(ModelError) -> MigrationPrediction {
    let memory = Bytes(siValue: try firstRoundMemory(scenario))
    let bandwidth = ByteRate(siValue: try scenario.requireBandwidth())
    let setup = Seconds(siValue: parameters["pre_overhead_s"])
    let resume = scenario.resumeTime ?? Seconds(siValue: parameters["post_overhead_s"])
    func rule(_ memory: Bytes, _ page: Bytes) -> XenStopRule {
      XenStopRule(
        memory: memory, pageSize: page, limit: scenario.roundLimit ?? .rounds(29),
        endsWhenGrowing: parameters["stop_when_growing"] >= 0.5)
    }
    if let history = scenario.dirtyHistory {
      return PageExactMigration(
        history: history, pageRate: bandwidth / history.pageSize,
        stop: rule(history.pageSize * Double(history.memoryPages), history.pageSize),
        setupTime: setup, resumeTime: resume,
        offset: Seconds(siValue: parameters["history_offset_s"]),
        skipsRedirtied: parameters["skip_redirtied"] >= 0.5
      ).run(recordingRounds: recordingRounds)
    }
    let process: any DirtyProcess
    if let curve = scenario.dirtyCurve {
      process = curve
    } else {
      process = SaturatingDirtyProcess(
        rate: ByteRate(siValue: try scenario.require(.dirtyRate)),
        workingSet: scenario.workingSet ?? memory)
    }
    let page = scenario.effectivePageSize
    return Migration(
      machine: VirtualMachine(normalBytes: memory, pageSize: page, dirtyProcess: process),
      channel: Channel(bandwidth: bandwidth, setupTime: setup, resumeTime: resume),
      strategy: .precopy(rule(memory, page))
    ).run(recordingRounds: recordingRounds)
  }
}
