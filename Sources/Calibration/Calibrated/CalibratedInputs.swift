public import MigrationModels
public import ModelCore
import Quantities

/// The columns that the calibrated model reads, all known before a migration starts.
public enum CalibratedField: String, Sendable, CaseIterable, Codable {
  case memory = "memory_bytes"
  case used = "used_bytes"
  case zeroFraction = "zero_fraction"
  case pageSize = "page_size_bytes"
  case incompressible = "incompressible_fraction"
  case dirtyRate = "dirty_rate_bytes_per_s"
  case dirtyRateWindow = "dirty_rate_window_s"
  case writeRate = "write_rate_pages_per_s"
  case writeWords = "write_words_per_page"
  case workingSet = "working_set_bytes"
  case hotSet = "hot_set_bytes"
  case hotShare = "hot_write_fraction"
  case pacedByCPU = "paced_by_cpu"
  case bandwidth = "bandwidth_bytes_per_s"
  case cap = "bandwidth_cap_bytes_per_s"
  case link = "link_bytes_per_s"
  case delay = "link_delay_s"
  case downtimeLimit = "downtime_limit_s"
  case channels = "multifd_channels"
  case cache = "xbzrle_cache_bytes"
  case throttleInitial = "throttle_initial"
  case throttleIncrement = "throttle_increment"
  case throttleTrigger = "throttle_trigger"
  case postcopyCap = "postcopy_bandwidth_bytes_per_s"
  case postcopyAfterRounds = "postcopy_after_rounds"
  case postcopyAfter = "postcopy_after_s"
  case timeLimit = "time_limit_s"

  public var column: String { rawValue }
}

/// What is known of one migration before it starts. Everything but memory and a rate may be
/// absent; what is absent is averaged over, not taken for zero.
public struct CalibratedInputs: Sendable, Equatable {
  public var technique: String?
  public var workload: String?
  public var transport: String?
  private var values: [CalibratedField: Double] = [:]

  public init() {}

  /// The value of a field in SI units, `nil` when it is not known.
  public subscript(field: CalibratedField) -> Double? {
    get { values[field] }
    set { values[field] = newValue }
  }

  /// All columns, numbers first.
  public static let columns: [String] =
    CalibratedField.allCases.map(\.column) + ["technique", "workload", "transport"]

  /// The inputs that the rows of a table state.
  public static func all(in table: Table) -> [CalibratedInputs] {
    let numbers = CalibratedField.allCases.compactMap { field in
      table.numbersIfPresent(field.column).map { (field, $0) }
    }
    let techniques = table.textIfPresent("technique")
    let workloads = table.textIfPresent("workload")
    let transports = table.textIfPresent("transport")
    return (0..<table.rowCount).map { row in
      var inputs = CalibratedInputs()
      for (field, column) in numbers { inputs.values[field] = column[row] }
      inputs.technique = techniques?[row]
      inputs.workload = workloads?[row]
      inputs.transport = transports?[row]
      return inputs
    }
  }

  /// The inputs that a scenario of options states.
  public init(_ scenario: Scenario) {
    technique = scenario.technique
    values[.memory] = scenario.memory?.siValue
    values[.used] = scenario.used?.siValue
    values[.zeroFraction] = scenario.zeroFraction
    values[.pageSize] = scenario.pageSize?.siValue
    values[.dirtyRate] = scenario.dirtyRate?.siValue
    values[.dirtyRateWindow] = scenario.dirtyRateWindow?.siValue
    values[.workingSet] = scenario.workingSet?.siValue
    values[.bandwidth] = scenario.bandwidth?.siValue
    values[.link] = scenario.link?.siValue
    values[.cap] = scenario.bandwidthCap?.siValue
    values[.downtimeLimit] = scenario.downtimeLimit?.siValue
    values[.timeLimit] = scenario.timeLimit?.siValue
  }

  /// Whether the physics describes a technique; a row without one is pre-copy.
  public static func describes(_ technique: String?) -> Bool {
    guard let technique else { return true }
    return techniques.contains(technique)
  }

  /// The techniques that the physics describes.
  public static let techniques: Set<String> = [
    "precopy", "postcopy", "hybrid", "precopy+xbzrle", "precopy+autoconverge", "precopy+multifd",
    "precopy+multifd-zlib", "precopy+multifd-zstd", "precopy+compress",
    "precopy+xbzrle+autoconverge", "stop-and-copy",
  ]

  /// The first column that is needed and absent.
  public var missing: String? {
    guard let memory = values[.memory], memory > 0 else { return CalibratedField.memory.column }
    guard let rate = effectiveBandwidth, rate > 0 else { return CalibratedField.bandwidth.column }
    return nil
  }

  /// Caps at or above this are no caps: no link of today is as fast.
  static let unlimited = 5e9

  var effectiveCap: Double? { values[.cap].flatMap { $0 < Self.unlimited ? $0 : nil } }

  var effectiveBandwidth: Double? {
    values[.bandwidth] ?? [effectiveCap, values[.link]].compactMap { $0 }.min()
  }

  /// Whether how a finished migration went tells how the guest wrote: one without rounds does
  /// not.
  var revealsWrites: Bool {
    workload != "idle" && technique != "postcopy" && technique != "stop-and-copy"
  }

  /// Used memory, from the share of zero pages where only that is known.
  var effectiveUsed: Double? {
    if let used = values[.used] { return used }
    guard let memory = values[.memory], let zero = values[.zeroFraction] else { return nil }
    return memory * (1 - zero)
  }
}

extension CalibratedInputs: Codable {
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Name.self)
    technique = try fields.decodeIfPresent(String.self, forKey: Name("technique"))
    workload = try fields.decodeIfPresent(String.self, forKey: Name("workload"))
    transport = try fields.decodeIfPresent(String.self, forKey: Name("transport"))
    for field in CalibratedField.allCases {
      guard let value = try fields.decodeIfPresent(Double.self, forKey: Name(field.column))
      else { continue }
      guard value >= 0, value.isFinite else {
        throw CalibrationError.cause(
          .badData, "\(field.column) is \(value); expected a finite number >= 0")
      }
      values[field] = value
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Name.self)
    try fields.encodeIfPresent(technique, forKey: Name("technique"))
    try fields.encodeIfPresent(workload, forKey: Name("workload"))
    try fields.encodeIfPresent(transport, forKey: Name("transport"))
    for field in CalibratedField.allCases {
      try fields.encodeIfPresent(values[field], forKey: Name(field.column))
    }
  }
}
