public import ModelCore

/// What to record, and whether to start it.
public struct RecordingPlan: Sendable {
  /// The id of the row.
  public var id: String
  /// Seconds between two polls.
  public var interval: Double
  /// Dirty rates to measure first, over these windows, in whole seconds.
  public var dirtyRateWindows: [Int]
  public var dirtyRateModes: [DirtyRateMode]
  /// What to start; `nil` to watch a migration that something else starts.
  public var start: Start?
  /// Seconds to wait for a migration that something else starts; `nil` without limit.
  public var wait: Double?

  /// A migration to start.
  public struct Start: Sendable {
    /// Where to, in QEMU's words: `tcp:10.0.0.2:4444`, `unix:/tmp/s`.
    public var uri: String
    /// Capabilities to switch on: `auto-converge`, `xbzrle`.
    public var capabilities: [String]
    /// `max-bandwidth` in bytes per second.
    public var bandwidth: Double?
    /// `downtime-limit` in seconds.
    public var downtimeLimit: Double?
    /// Seconds after which it is cancelled.
    public var timeLimit: Double?

    public init(
      uri: String, capabilities: [String] = [], bandwidth: Double? = nil,
      downtimeLimit: Double? = nil, timeLimit: Double? = nil
    ) {
      self.uri = uri
      self.capabilities = capabilities
      self.bandwidth = bandwidth
      self.downtimeLimit = downtimeLimit
      self.timeLimit = timeLimit
    }
  }

  /// QEMU measures over 1 to 60 s.
  public static let windows = 1...60

  /// - Throws: `RecordingError.setting` for what cannot be.
  public init(
    id: String, interval: Double = 0.1, dirtyRateWindows: [Int] = [],
    dirtyRateModes: [DirtyRateMode] = [.pageSampling], start: Start? = nil, wait: Double? = nil
  ) throws(RecordingError) {
    guard interval >= 0.01, interval <= 60 else {
      throw .setting("an interval of \(shortestDecimal(interval)) s; polls are 10 ms to 60 s apart")
    }
    if let window = dirtyRateWindows.first(where: { !Self.windows.contains($0) }) {
      throw .setting("a dirty rate window of \(window) s; QEMU measures over 1 to 60 s")
    }
    self.id = id
    self.interval = interval
    self.dirtyRateWindows = dirtyRateWindows
    self.dirtyRateModes = dirtyRateModes
    self.start = start
    self.wait = wait
  }
}

/// Takes what is recorded, as it comes: each call has to leave it where a crash cannot take it.
public protocol RecordingSink: AnyObject {
  /// A line of the raw record: a reply with its time, or an event. Without its line end.
  func take(raw line: [UInt8]) throws(RecordingError)
  /// Polls, in the columns of the sample series.
  func take(samples: Table) throws(RecordingError)
  /// A measured dirty rate, in the columns of dirty curves.
  func take(curves: Table) throws(RecordingError)
  /// How it stands, once per poll.
  func take(state: RecordingState)
}

/// What is known of a migration while it runs.
public struct RecordingState: Sendable {
  public let sample: MigrationSample
  /// Seconds; `nil` when the monitor does not say.
  public let downtimeLimit: Double?
  /// Achieved rates of the polls so far, newest last, bytes per second.
  public let throughputs: [Double]
  /// Dirty rates of the synchronisations so far, newest last, bytes per second.
  public let dirtyRates: [Double]

  public init(
    sample: MigrationSample, downtimeLimit: Double?, throughputs: [Double], dirtyRates: [Double]
  ) {
    self.sample = sample
    self.downtimeLimit = downtimeLimit
    self.throughputs = throughputs
    self.dirtyRates = dirtyRates
  }
}

/// How a recording ended.
public struct Recording: Sendable {
  public enum End: Sendable, Equatable {
    case completed, cancelled
    case failed(reason: String)
    /// The caller asked to stop; the migration goes on.
    case interrupted
  }

  public let end: End
  /// The trace table with the row, if a migration was seen.
  public let row: Table?
  /// Remarks on what is missing.
  public let notes: [String]
}
