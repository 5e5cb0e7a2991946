public import Quantities

/// Why the rounds of a migration end.
public enum Termination: String, Sendable, Hashable, CaseIterable {
  /// Remaining bytes are at or below the threshold.
  case threshold
  /// The rest can be sent within the downtime limit.
  case downtimeLimit = "downtime_limit"
  /// Fewer pages are dirty than the hypervisor's minimum.
  case fewPages = "few_pages"
  /// The allowed number of rounds is used up.
  case roundLimit = "round_limit"
  /// More has been sent than the allowed multiple of memory.
  case trafficLimit = "traffic_limit"
  /// The next round would be larger than the last.
  case notShrinking = "not_shrinking"
  /// One copy and no rounds: nothing to terminate.
  case singleCopy = "single_copy"
  /// The guest switches hosts and its memory follows.
  case switchover
  /// The rounds have not ended when the operator gives up.
  case deadline
  /// The model bounds the migration and does not follow its rounds.
  case bounds
  /// The rounds never end: the dirty volume does not fall below what the rule asks for.
  case notConvergent = "not_convergent"
}

/// The part of a migration that a transfer belongs to.
public enum Phase: String, Sendable, Hashable {
  case precopy
  case stopAndCopy = "stop-and-copy"
  case postcopy
}

/// One transfer of a migration.
public struct Round: Sendable, Hashable {
  /// 0 is the full copy.
  public var index: Int
  public var phase: Phase
  /// When it starts, seconds after the migration's start.
  public var start: Seconds
  public var duration: Seconds
  /// Bytes on the migration stream, headers included.
  public var transferredBytes: Bytes
  /// Distinct memory dirtied while it ran.
  public var dirtiedBytes: Bytes
}

/// Lower and upper ends of a quantity.
public struct QuantityBounds<Value: Sendable & Hashable>: Sendable, Hashable {
  public var lower: Value
  public var upper: Value

  public init(lower: Value, upper: Value) {
    self.lower = lower
    self.upper = upper
  }
}

/// What a model says about one migration. Times are absent, not infinite, when the migration
/// does not end by itself.
public struct MigrationPrediction: Sendable, Hashable {
  public var termination: Termination
  /// Whether the rounds end by themselves, without a cap that forces the stop.
  public var converged: Bool
  /// Transfers, the full copy and the stop-and-copy included.
  public var roundCount: Int?
  /// One record per transfer, when they were asked for.
  public var rounds: [Round] = []

  public var totalMigrationTime: Seconds?
  public var downtime: Seconds?
  public var transferredBytes: Bytes?
  public var energy: Joules?
  /// Share of a link's time that migrations like this one take, arriving as the model assumes.
  public var utilization: Double?
  /// From the first pause of a group of machines to the moment the last one runs again.
  public var serviceDowntime: Seconds?

  /// Bounds, of the models that give these instead of a number.
  public var totalMigrationTimeBounds: QuantityBounds<Seconds>?
  public var downtimeBounds: QuantityBounds<Seconds>?

  public init(termination: Termination, converged: Bool) {
    self.termination = termination
    self.converged = converged
  }

  /// Whether the migration is expected to be completed: it converges, and within the time
  /// limit where there is one.
  public func completes(within timeLimit: Seconds?) -> Bool {
    guard converged else { return false }
    guard let timeLimit, let totalMigrationTime else { return true }
    return totalMigrationTime <= timeLimit
  }
}
