/// Where a migration stands, as far as all platforms agree on it.
public enum MigrationStage: Sendable, Equatable {
  /// No migration, before or after one.
  case idle
  case setup
  /// Memory is sent while the guest runs at the source.
  case precopy
  /// The guest is paused.
  case switchover
  /// The guest runs at the destination.
  case postcopy
  /// Running, in a phase that this version does not know.
  case running
  case completed
  case failed
  case cancelled

  /// Whether nothing follows.
  public var isTerminal: Bool { self == .completed || self == .failed || self == .cancelled }
}

/// What one poll of a migration says, in SI units; what it does not say is `nil`.
///
/// Every reader of a series makes these; `MigrationSeries` makes rows of them.
public struct MigrationSample: Sendable, Equatable {
  public var stage: MigrationStage
  /// The platform's word for it, for the sample series.
  public var status: String?
  /// Seconds of the log's own clock.
  public var time: Double?
  /// Seconds since the migration's start; the whole duration when `stage` is terminal.
  public var elapsed: Double?

  public var memoryBytes: Double?
  public var pageBytes: Double?
  /// Counters since the migration's start.
  public var transferredBytes: Double?
  public var precopyBytes: Double?
  public var downtimeBytes: Double?
  public var postcopyBytes: Double?
  public var diskBytes: Double?
  public var normalPages: Double?
  public var zeroPages: Double?
  public var dirtySyncs: Double?
  public var postcopyRequests: Double?
  /// Readings of the moment.
  public var remainingBytes: Double?
  public var dirtyRate: Double?
  public var throughput: Double?
  public var throttle: Double?
  public var expectedDowntime: Double?
  public var setupTime: Double?
  /// Measured downtime.
  public var downtime: Double?

  public var usesXBZRLE = false
  public var usesDirtyLimit = false
  public var usesMultifd = false
  public var usesCompression = false
  public var failureReason: String?
  /// What else the poll said: a JSON object.
  public var otherFields: String?

  public init(stage: MigrationStage) { self.stage = stage }
}
