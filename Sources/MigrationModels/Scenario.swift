public import ModelCore
public import Quantities

/// How many pre-copy rounds a hypervisor may make before it must stop the guest.
public enum RoundLimit: Sendable, Hashable {
  case rounds(Int)
  case unlimited

  /// Whether `index` (0 = the full copy) may no longer be a pre-copy round.
  func forbids(_ index: Int) -> Bool {
    switch self {
    case .rounds(let limit): index >= limit
    case .unlimited: false
    }
  }
}

/// One migration to predict: what is known before it starts.
///
/// Everything is optional because planners rarely know everything; a model that needs what is
/// absent says so (`ModelError.missingInput`). Values are checked once, at the door, by the
/// command or the reader; `validate()` repeats it for callers of the library.
public struct Scenario: Sendable, Equatable {
  public var technique: String?
  public var memory: Bytes?
  public var used: Bytes?
  public var zeroFraction: Double?
  public var pageSize: Bytes?
  public var dirtyRate: ByteRate?
  public var dirtyRateWindow: Seconds?
  public var workingSet: Bytes?
  /// Size of the class of memory that is written often.
  public var hotSet: Bytes?
  /// Share of the dirty rate that falls on the hot class.
  public var hotWriteFraction: Double?
  public var bandwidth: ByteRate?
  public var link: ByteRate?
  public var bandwidthCap: ByteRate?
  public var downtimeLimit: Seconds?
  public var threshold: Bytes?
  public var roundLimit: RoundLimit?
  public var timeLimit: Seconds?
  public var resumeTime: Seconds?
  /// Distinct dirty memory against the length of the window, measured before the migration.
  public var dirtyCurve: DirtyCurve?
  /// Which pages were dirtied in each slot of a recording; its memory is the scenario's.
  public var dirtyHistory: DirtyHistory?

  public init() {}

  /// The size of a page; 4096 B where none is given.
  public var effectivePageSize: Bytes { pageSize ?? Bytes(siValue: 4096) }

  /// What migration may use: `bandwidth`, else the least of link rate and cap.
  public var effectiveBandwidth: ByteRate? {
    bandwidth ?? [link, bandwidthCap].compactMap { $0 }.min()
  }

  /// Memory that holds anything but zero pages: as given, else from the share of zero pages.
  public var effectiveUsed: Bytes? {
    if let used { return used }
    guard let memory, let zeroFraction else { return nil }
    return Bytes(siValue: memory.siValue * (1 - zeroFraction))
  }
}

/// The bridge between a scenario's fields and the columns of a trace, in one list, so that a
/// row, a command-line option and a message call a field by the same name.
public enum ScenarioField: String, Sendable, CaseIterable {
  case memory = "memory_bytes"
  case used = "used_bytes"
  case zeroFraction = "zero_fraction"
  case pageSize = "page_size_bytes"
  case dirtyRate = "dirty_rate_bytes_per_s"
  case dirtyRateWindow = "dirty_rate_window_s"
  case workingSet = "working_set_bytes"
  case hotSet = "hot_set_bytes"
  case hotWriteFraction = "hot_write_fraction"
  case bandwidth = "bandwidth_bytes_per_s"
  case link = "link_bytes_per_s"
  case bandwidthCap = "bandwidth_cap_bytes_per_s"
  case downtimeLimit = "downtime_limit_s"
  case threshold = "threshold_bytes"
  case maxRounds = "max_rounds"
  case timeLimit = "time_limit_s"
  case resumeTime = "resume_time_s"

  public var column: String { rawValue }
}

extension Scenario {
  /// The columns that a scenario reads, numbers first, then `technique`.
  public static let columns: [String] = ScenarioField.allCases.map(\.column) + ["technique"]

  /// The value of a field in SI units, `nil` when it is not known.
  public subscript(field: ScenarioField) -> Double? {
    get {
      switch field {
      case .memory: memory?.siValue
      case .used: used?.siValue
      case .zeroFraction: zeroFraction
      case .pageSize: pageSize?.siValue
      case .dirtyRate: dirtyRate?.siValue
      case .dirtyRateWindow: dirtyRateWindow?.siValue
      case .workingSet: workingSet?.siValue
      case .hotSet: hotSet?.siValue
      case .hotWriteFraction: hotWriteFraction
      case .bandwidth: bandwidth?.siValue
      case .link: link?.siValue
      case .bandwidthCap: bandwidthCap?.siValue
      case .downtimeLimit: downtimeLimit?.siValue
      case .threshold: threshold?.siValue
      case .maxRounds: if case .rounds(let limit) = roundLimit { Double(limit) } else { nil }
      case .timeLimit: timeLimit?.siValue
      case .resumeTime: resumeTime?.siValue
      }
    }
    set {
      switch field {
      case .memory: memory = newValue.map(Bytes.init(siValue:))
      case .used: used = newValue.map(Bytes.init(siValue:))
      case .zeroFraction: zeroFraction = newValue
      case .pageSize: pageSize = newValue.map(Bytes.init(siValue:))
      case .dirtyRate: dirtyRate = newValue.map(ByteRate.init(siValue:))
      case .dirtyRateWindow: dirtyRateWindow = newValue.map(Seconds.init(siValue:))
      case .workingSet: workingSet = newValue.map(Bytes.init(siValue:))
      case .hotSet: hotSet = newValue.map(Bytes.init(siValue:))
      case .hotWriteFraction: hotWriteFraction = newValue
      case .bandwidth: bandwidth = newValue.map(ByteRate.init(siValue:))
      case .link: link = newValue.map(ByteRate.init(siValue:))
      case .bandwidthCap: bandwidthCap = newValue.map(ByteRate.init(siValue:))
      case .downtimeLimit: downtimeLimit = newValue.map(Seconds.init(siValue:))
      case .threshold: threshold = newValue.map(Bytes.init(siValue:))
      // Why: beyond any number of rounds that could be run, a cap is no cap; the conversion to
      // Int must not trap on one.
      case .maxRounds:
        roundLimit = newValue.map { $0 < 1e15 ? .rounds(Int($0)) : .unlimited }
      case .timeLimit: timeLimit = newValue.map(Seconds.init(siValue:))
      case .resumeTime: resumeTime = newValue.map(Seconds.init(siValue:))
      }
    }
  }

  /// The scenario that a row of a trace states, from its input and setting columns only.
  public init(table: Table, row: Int) {
    self.init()
    for field in ScenarioField.allCases {
      self[field] = table.numbersIfPresent(field.column)?[row]
    }
    technique = table.textIfPresent("technique")?[row]
  }

  /// The scenarios of all rows.
  public static func all(in table: Table) -> [Scenario] {
    let rows = ScenarioRows(table)
    return (0..<table.rowCount).map { rows[$0] }
  }

  /// Checks every field against the glossary's domain and the fields against each other.
  ///
  /// - Throws: `ModelError.outOfDomain`.
  public func validate() throws(ModelError) {
    for field in ScenarioField.allCases {
      guard let value = self[field],
        case .number(let domain) = Glossary.definition(of: field.column)?.kind
      else { continue }
      guard value.isFinite, domain.contains(value) else {
        throw .outOfDomain(field.column, value: value, expected: domain.description)
      }
    }
    if let used, let memory, used > memory {
      throw .outOfDomain(
        ScenarioField.used.column, value: used.siValue,
        expected: "at most memory_bytes, \(shortestDecimal(memory.siValue))")
    }
  }

  /// A field that a model cannot do without.
  func require(_ field: ScenarioField) throws(ModelError) -> Double {
    guard let value = self[field] else { throw .missingInput(field.column) }
    return value
  }

  /// The bandwidth that a model cannot do without.
  func requireBandwidth() throws(ModelError) -> Double {
    guard let bandwidth = effectiveBandwidth else {
      throw .missingInput(ScenarioField.bandwidth.column)
    }
    return bandwidth.siValue
  }
}
