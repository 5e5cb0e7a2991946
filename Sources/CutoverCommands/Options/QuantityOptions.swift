import ArgumentParser
import MigrationModels
import ModelCore
import Quantities

/// Turns the words of an option into a quantity; the error says how to write one.
func quantity<Value: Quantity>(_: Value.Type) -> @Sendable (String) throws -> Value {
  { text in try Value(parsing: text) }
}

/// One scenario from options. Each option is a trace column with hyphens and without its unit.
struct ScenarioOptions: ParsableArguments {
  @Option(
    help: "Memory that the first round walks over, such as 8GiB.", transform: quantity(Bytes.self))
  var memory: Bytes?
  @Option(help: "Memory that is not zero pages.", transform: quantity(Bytes.self))
  var used: Bytes?
  @Option(help: "Share of zero pages, such as 60%.", transform: quantity(Ratio.self))
  var zeroFraction: Ratio?
  @Option(help: "Size of a page; 4KiB if not given.", transform: quantity(Bytes.self))
  var pageSize: Bytes?
  @Option(
    help: "What migration may use, such as 1Gbit/s or 120MiB/s.", transform: quantity(ByteRate.self)
  )
  var bandwidth: ByteRate?
  @Option(
    help: "The link rate; with --bandwidth-cap in place of --bandwidth.",
    transform: quantity(ByteRate.self))
  var link: ByteRate?
  @Option(help: "The configured cap.", transform: quantity(ByteRate.self))
  var bandwidthCap: ByteRate?
  @Option(help: "Distinct memory dirtied per second: 20MiB/s or 30000pages/s.")
  var dirtyRate: String?
  @Option(help: "The window the dirty rate was measured over.", transform: quantity(Seconds.self))
  var dirtyRateWindow: Seconds?
  @Option(help: "Distinct memory written in the long run.", transform: quantity(Bytes.self))
  var workingSet: Bytes?
  @Option(help: "Size of the memory that is written often.", transform: quantity(Bytes.self))
  var hotSet: Bytes?
  @Option(
    help: "Share of the dirty rate that falls on it, such as 90%.", transform: quantity(Ratio.self))
  var hotWriteFraction: Ratio?
  @Option(
    help: "The hypervisor's downtime limit, such as 300ms.", transform: quantity(Seconds.self))
  var downtimeLimit: Seconds?
  @Option(help: "Remaining memory at which the hypervisor stops.", transform: quantity(Bytes.self))
  var threshold: Bytes?
  @Option(help: "Pre-copy rounds allowed, or 'unlimited'.")
  var maxRounds: RoundLimit?
  @Option(help: "When the operator gives up.", transform: quantity(Seconds.self))
  var timeLimit: Seconds?
  @Option(help: "Fixed part of the downtime.", transform: quantity(Seconds.self))
  var resumeTime: Seconds?
  @Option(help: "precopy, precopy+xbzrle, ...: one of the trace table's techniques.")
  var technique: String?
  @Option(
    help: "Dirty curve of the machine: a CSV file with window_s and dirty_bytes.")
  var dirtyCurve: String?
  @Option(
    help: "Dirty history of the machine: a CSV file with slot_s, slot, first_page, page_count.")
  var dirtyHistory: String?
  @Option(help: "The recording in --dirty-history, by its id, where the file holds several.")
  var historyId: String?

  /// Whether any option of a scenario was given.
  var isEmpty: Bool {
    memory == nil && used == nil && zeroFraction == nil && pageSize == nil && bandwidth == nil
      && link == nil && bandwidthCap == nil && dirtyRate == nil && dirtyRateWindow == nil
      && workingSet == nil && hotSet == nil && hotWriteFraction == nil && downtimeLimit == nil
      && threshold == nil && maxRounds == nil
      && timeLimit == nil && resumeTime == nil && technique == nil && dirtyCurve == nil
      && dirtyHistory == nil && historyId == nil
  }

  /// The scenario, checked.
  func scenario() throws -> Scenario {
    var scenario = Scenario()
    scenario.memory = memory
    scenario.used = used
    scenario.zeroFraction = zeroFraction?.siValue
    scenario.pageSize = pageSize
    scenario.bandwidth = bandwidth
    scenario.link = link
    scenario.bandwidthCap = bandwidthCap
    scenario.dirtyRateWindow = dirtyRateWindow
    scenario.workingSet = workingSet
    scenario.hotSet = hotSet
    scenario.hotWriteFraction = hotWriteFraction?.siValue
    scenario.downtimeLimit = downtimeLimit
    scenario.threshold = threshold
    scenario.roundLimit = maxRounds
    scenario.timeLimit = timeLimit
    scenario.resumeTime = resumeTime
    if let technique, !Glossary.techniques.contains(technique) {
      throw UsageError(
        "--technique: no technique \"\(technique)\""
          + suggestion(nearestWords(to: technique, among: Glossary.techniques)))
    }
    scenario.technique = technique
    if let dirtyRate {
      do {
        scenario.dirtyRate = try ByteRate(parsing: dirtyRate, pageSize: scenario.effectivePageSize)
      } catch {
        throw UsageError("--dirty-rate: \(error)")
      }
    }
    do {
      try scenario.validate()
    } catch {
      throw UsageError(optionWords(error.description))
    }
    if let dirtyCurve {
      scenario.dirtyCurve = try DirtyCurveFile.read(dirtyCurve, scenario: scenario)
    }
    if let dirtyHistory {
      scenario.dirtyHistory = try readHistory(dirtyHistory, scenario)
    } else if historyId != nil {
      throw UsageError("--history-id names a recording in --dirty-history FILE; give both")
    }
    return scenario
  }

  private func readHistory(_ path: String, _ scenario: Scenario) throws -> DirtyHistory {
    guard let memory = scenario.memory else {
      throw UsageError("--dirty-history needs --memory, the memory of the machine recorded")
    }
    return try DirtyHistoryFile.read(
      path, memory: memory, pageSize: scenario.effectivePageSize, id: historyId)
  }
}

/// The option that a column is typed as: hyphens, no unit.
func optionName(forColumn column: String) -> String {
  var words = column.split(separator: "_").map(String.init)
  for unit in [["bytes", "per", "s"], ["bytes"], ["s"]] where words.suffix(unit.count) == unit[...]
  {
    words.removeLast(unit.count)
    break
  }
  return "--" + words.joined(separator: "-")
}

/// A message about a column, in the words of the option that was typed.
private func optionWords(_ message: String) -> String {
  guard let colon = message.firstIndex(of: ":") else { return message }
  return optionName(forColumn: String(message[..<colon])) + message[colon...]
}
