public import ModelCore
public import Quantities

/// What is known of one machine, and what its migration may cost.
///
/// Everything but memory and a rate may be absent: what is not known is a range of possible
/// guests (`PossibleGuest`), not a guess.
public struct AdviceQuestion: Sendable, Equatable {
  /// Memory of the machine, > 0.
  public var memory: Bytes
  /// The link's rate, > 0; headers take their part of it.
  public var link: ByteRate
  /// Memory that is not zero pages; all of it where absent.
  public var used: Bytes?
  /// Distinct memory dirtied per second, over `dirtyRateWindow`.
  public var dirtyRate: ByteRate?
  /// The window the rate was measured over; QEMU's own, one second, where absent.
  public var dirtyRateWindow: Seconds?
  /// Distinct memory written in the long run.
  public var workingSet: Bytes?
  /// 4096 B where absent.
  public var pageSize: Bytes?
  /// What migration may take of the link; all of it where absent.
  public var bandwidthCap: ByteRate?
  /// Fixed part of the downtime; `HostSpeeds` has the default.
  public var resumeTime: Seconds?
  /// Limit on the time the guest is paused; QEMU's own, 300 ms, where absent.
  public var downtime: Seconds?
  /// Limit on the total time.
  public var totalTime: Seconds?
  /// Maintenance window: the migration has to fit into it, too.
  public var window: Seconds?

  public init(memory: Bytes, link: ByteRate) {
    self.memory = memory
    self.link = link
  }

  /// The limit on the downtime, QEMU's where none is given.
  public var downtimeLimit: Seconds {
    downtime ?? Seconds(siValue: Knowledge.Default.downtimeLimit)
  }

  /// The limit on the total time: the nearer of the two.
  public var timeLimit: Seconds? { [totalTime, window].compactMap { $0 }.min() }

  /// The window of the dirty rate, one second where none is given.
  public var rateWindow: Seconds { dirtyRateWindow ?? Seconds(siValue: 1) }

  var effectivePageSize: Double { pageSize?.siValue ?? Knowledge.Default.pageSize }
  var usedBytes: Double { used?.siValue ?? memory.siValue }

  /// The words of the caller for what is contradictory: an option's or a column's.
  public typealias Name = @Sendable (String) -> String

  /// Refuses what cannot be and what contradicts itself.
  ///
  /// - Parameter name: turns a column into the name that the caller's user knows.
  /// - Throws: `AdviceError` with both values and what to do.
  public func validate(name: Name = { $0 }) throws(AdviceError) {
    try positive(memory, "memory_bytes", name)
    try positive(link, "link_bytes_per_s", name)
    try positive(bandwidthCap, "bandwidth_cap_bytes_per_s", name)
    try positive(dirtyRateWindow, "dirty_rate_window_s", name)
    try positive(pageSize, "page_size_bytes", name)
    try positive(downtime, "downtime_s", name)
    try positive(totalTime, "total_time_s", name)
    try positive(window, "window_s", name)
    for (set, column) in [(used, "used_bytes"), (workingSet, "working_set_bytes")] {
      if let set, set > memory {
        throw .contradiction(
          "\(name(column)): \(set) is more than \(name("memory_bytes")), \(memory)")
      }
    }
    if let used, let workingSet, workingSet > used {
      throw .contradiction(
        "\(name("working_set_bytes")): \(workingSet) is more than \(name("used_bytes")), \(used); "
          + "what is written is not zero")
    }
    if let pageSize, pageSize > memory {
      throw .contradiction("\(name("page_size_bytes")): \(pageSize) is more than the memory")
    }
    guard let dirtyRate else { return }
    let dirtied = dirtyRate * rateWindow
    let (most, column) =
      workingSet.map { ($0, "working_set_bytes") } ?? used.map { ($0, "used_bytes") }
      ?? (memory, "memory_bytes")
    // Why a tolerance: a rate printed with three digits may round up to the set itself.
    guard dirtied.siValue <= most.siValue * (1 + Self.roundedRate) else {
      throw .contradiction(
        "\(name("dirty_rate_bytes_per_s")): \(dirtyRate) over \(rateWindow) is "
          + "\(dirtied.formatted(significantDigits: 3)) of distinct memory, more than "
          + "\(name(column)), \(most); a dirty rate counts each page once per window: give the "
          + "window it was measured over with \(name("dirty_rate_window_s"))")
    }
  }

  private static let roundedRate = 0.005

  private func positive(
    _ quantity: (some Quantity)?, _ column: String, _ name: Name
  ) throws(AdviceError) {
    guard let quantity, !(quantity.siValue > 0) else { return }
    throw .contradiction("\(name(column)): \(quantity) is outside its domain (> 0)")
  }
}

/// Why a question cannot be advised on.
public enum AdviceError: Failure, Equatable {
  /// Facts that are impossible, alone or together.
  case contradiction(String)
  /// The calibrated model refuses.
  case model(CalibrationError)

  public var category: FailureCategory {
    switch self {
    case .contradiction: .usage
    case .model(let error): error.category
    }
  }

  public var description: String {
    switch self {
    case .contradiction(let words): words
    case .model(let error): error.description
    }
  }
}
