import ModelCore

/// Makes rows of the polls of one machine, one poll at a time.
///
/// - A counter that falls, or activity after an end, starts a new migration.
/// - A poll that says the same as the one before is a poll logged twice.
/// - Counters of a completed migration are those of the record that says so: the last poll before
///   it misses the final round. Of any other migration the last that was seen are lower bounds.
/// - The rate of an active sample may become the bandwidth; that of the final record never does,
///   for it is bytes over time, an outcome.
///
/// ```swift
/// var series = MigrationSeries(id: "vm1", format: .qmp)
/// series.add(sample, line: 1)
/// series.finish()
/// let row = series.rows.first
/// ```
public struct MigrationSeries: Sendable {
  /// What became of a sample.
  public enum Placement: Sendable, Equatable {
    /// It belongs to the migration of this row, so many seconds after its start.
    case poll(id: String, seconds: Double?)
    /// The poll before said the same.
    case repeated
    /// There is no migration.
    case idle
  }

  /// The migrations that have ended; after `finish()`, all.
  public private(set) var rows: [MigrationRow] = []
  /// Settings and measurements that the migrations from here on start with, by column.
  public var inputs: [String: Double] = [:]
  /// The technique that the settings name, where they do.
  public var technique: String?
  /// Whether readings of an active migration say something about all of it: a platform that prints
  /// a rate only sometimes, or counts what is not sent, leaves rows without them.
  public var trustsReadings = true

  private let id: String
  private let format: LogKind
  private var migrationCount = 0
  private var open: OpenMigration?
  private var lastEnd: MigrationSample?

  /// - Parameters:
  ///   - id: of the first row; later ones are `id#2`, `id#3`.
  ///   - format: what `source_format` says.
  public init(id: String, format: LogKind) {
    self.id = id
    self.format = format
  }

  /// The id of the migration that is running, if one is.
  public var runningID: String? { open?.id }

  /// Takes the next sample, in the order of time.
  @discardableResult
  public mutating func add(_ sample: MigrationSample, line: Int) -> Placement {
    if sample.stage == .idle {
      closeUnfinished()
      return .idle
    }
    if let running = open {
      if running.last == sample { return .repeated }
      if running.isFollowedByAnother(sample) { closeUnfinished() }
    } else if let lastEnd, sample.stage.isTerminal, sample.stage == lastEnd.stage,
      sample.elapsed == lastEnd.elapsed, sample.transferredBytes == lastEnd.transferredBytes
    {
      return .repeated
    }
    if open == nil { open = begin(line: line) }
    // In place: a copy of everything known of a migration is larger than the poll.
    let seconds = open?.take(sample)
    let placement = Placement.poll(id: open?.id ?? id, seconds: seconds ?? nil)
    if sample.stage.isTerminal {
      close(sample)
      lastEnd = sample
    }
    return placement
  }

  /// A value that becomes known only after the end, such as the destination's; for the row of the
  /// last migration that has ended.
  public mutating func amendLast(_ column: String, _ value: Double?) {
    guard open == nil, !rows.isEmpty else { return }
    rows[rows.count - 1].set(column, value)
  }

  /// The log ends: a migration that runs is unfinished.
  public mutating func finish() { closeUnfinished() }

  private mutating func begin(line: Int) -> OpenMigration {
    migrationCount += 1
    lastEnd = nil
    let migration = OpenMigration(
      id: migrationCount == 1 ? id : "\(id)#\(migrationCount)", line: line, inputs: inputs,
      chosenTechnique: technique, trustsReadings: trustsReadings)
    // A dirty rate belongs to the migration that it was measured for.
    inputs["dirty_rate_bytes_per_s"] = nil
    inputs["dirty_rate_window_s"] = nil
    return migration
  }

  private mutating func closeUnfinished() {
    guard let migration = open else { return }
    if migration.hasBegun { rows.append(migration.row(end: nil, format: format)) }
    open = nil
    lastEnd = nil
  }

  private mutating func close(_ end: MigrationSample) {
    guard let migration = open else { return }
    rows.append(migration.row(end: end, format: format))
    open = nil
  }
}

/// A migration while its polls come in.
private struct OpenMigration: Sendable {
  let id: String
  let line: Int
  let inputs: [String: Double]
  let chosenTechnique: String?
  let trustsReadings: Bool
  private(set) var last: MigrationSample?

  /// The newest value of everything that a later poll may leave out.
  private var known = MigrationSample(stage: .setup)
  private var start: Double?
  /// Whether `start` is the migration's own, not that of its first poll.
  private var startIsKnown = false
  private var rates = RateReadings()
  private var throttleMax: Double?
  private var downtimeLimit: Double?
  private var firstDirtyRate: Double?
  private var firstDirtyWindow: Double?
  private var sawPostcopy = false
  private var usesXBZRLE = false
  private var usesDirtyLimit = false
  private var usesMultifd = false
  private var usesCompression = false

  init(
    id: String, line: Int, inputs: [String: Double], chosenTechnique: String?, trustsReadings: Bool
  ) {
    self.id = id
    self.line = line
    self.inputs = inputs
    self.chosenTechnique = chosenTechnique
    self.trustsReadings = trustsReadings
  }

  /// Whether anything but an announcement was seen: a destination announces, too.
  var hasBegun: Bool {
    known.elapsed != nil || known.transferredBytes != nil || known.memoryBytes != nil
      || known.dirtySyncs != nil || last?.stage != .setup
  }

  /// Whether the sample can only be of another migration: its counters have fallen.
  func isFollowedByAnother(_ sample: MigrationSample) -> Bool {
    if let before = known.elapsed, let now = sample.elapsed, now < before { return true }
    // Counters are read one after the other: one that slips by less than this has not fallen.
    let slip = 0.99
    if let before = known.transferredBytes, let now = sample.transferredBytes, now < before * slip {
      return true
    }
    if let before = known.dirtySyncs, let now = sample.dirtySyncs, now < before { return true }
    return false
  }

  /// Takes a sample and answers the seconds since the start.
  mutating func take(_ sample: MigrationSample) -> Double? {
    if !startIsKnown, let time = sample.time {
      if let elapsed = sample.elapsed ?? (sample.stage == .setup ? 0 : nil) {
        start = time - elapsed
        startIsKnown = true
      } else if start == nil {
        start = time
      }
    }
    observe(sample)
    remember(sample)
    last = sample
    return sample.elapsed ?? sample.time.flatMap { time in start.map { span(from: $0, to: time) } }
  }

  private mutating func observe(_ sample: MigrationSample) {
    if sample.stage == .postcopy { sawPostcopy = true }
    if sample.usesXBZRLE { usesXBZRLE = true }
    if sample.usesDirtyLimit { usesDirtyLimit = true }
    if sample.usesMultifd { usesMultifd = true }
    if sample.usesCompression { usesCompression = true }
    if let throttle = sample.throttle { throttleMax = max(throttleMax ?? throttle, throttle) }
    guard sample.stage == .precopy, trustsReadings else { return }
    if let rate = sample.throughput, rate > 0 { rates.add(rate) }
    if sample.precedesFirstEstimate, firstDirtyRate == nil, downtimeLimit == nil {
      downtimeLimit = sample.expectedDowntime
    }
    if firstDirtyRate == nil, throttleMax ?? 0 == 0, let rate = sample.dirtyRate, rate > 0 {
      firstDirtyRate = rate
      firstDirtyWindow = firstPass(endingAt: sample)
    }
  }

  /// The first pass, over which the first estimate was taken; `nil` when it ended at another
  /// synchronisation, or the polls are too far apart to tell when.
  private func firstPass(endingAt sample: MigrationSample) -> Double? {
    guard sample.dirtySyncs == 2, let elapsed = sample.elapsed, let last, last.dirtySyncs == 1,
      let before = last.elapsed
    else { return nil }
    /// The window may be wrong by this share.
    let precision = 0.1
    let window = span(from: sample.setupTime ?? 0, to: elapsed)
    return elapsed - before <= precision * window ? window : nil
  }

  private mutating func remember(_ sample: MigrationSample) {
    func keep(_ field: WritableKeyPath<MigrationSample, Double?>) {
      if let value = sample[keyPath: field] { known[keyPath: field] = value }
    }
    keep(\.time)
    keep(\.elapsed)
    keep(\.memoryBytes)
    keep(\.pageBytes)
    keep(\.transferredBytes)
    keep(\.precopyBytes)
    keep(\.downtimeBytes)
    keep(\.postcopyBytes)
    keep(\.diskBytes)
    keep(\.normalPages)
    keep(\.zeroPages)
    keep(\.dirtySyncs)
    keep(\.postcopyRequests)
    keep(\.setupTime)
    keep(\.downtime)
  }

  /// The row; `end` is the sample that says how it ended, `nil` when none does.
  func row(end: MigrationSample?, format: LogKind) -> MigrationRow {
    var row = MigrationRow(id: id, line: line)
    for (column, value) in inputs {
      // The steps of a throttle that was never applied are no setting of this migration.
      if column.hasPrefix("throttle_"), throttleMax ?? 0 == 0 { continue }
      row.set(column, value)
    }
    let isCompleted = end?.stage == .completed
    // What a completed migration's last record leaves out is not known; see `MigrationSeries`.
    let counters = isCompleted ? end ?? known : known
    row.set("status", status(end))
    row.set("source_format", format.rawValue)
    row.set("failure_reason", end?.failureReason)
    row.set("memory_bytes", known.memoryBytes)
    row.set("page_size_bytes", known.pageBytes)
    let duration = counters.elapsed ?? duration(until: end?.time)
    row.set("total_time_s", duration)
    row.set("setup_time_s", known.setupTime)
    row.set("downtime_s", isCompleted ? end?.downtime : known.downtime)
    row.set("transferred_bytes", counters.transferredBytes)
    row.set("precopy_bytes", counters.precopyBytes)
    row.set("downtime_bytes", counters.downtimeBytes)
    row.set("postcopy_bytes", counters.postcopyBytes)
    row.set("disk_transferred_bytes", counters.diskBytes)
    row.set("normal_pages", counters.normalPages)
    row.set("zero_pages", counters.zeroPages)
    // Zero synchronisations: the migration ended before its first.
    if let syncs = counters.dirtySyncs, syncs >= 1 { row.set("dirty_syncs", syncs) }
    row.set("postcopy_requests", counters.postcopyRequests)
    row.set("throttle_max", throttleMax)
    row.set("first_dirty_rate_bytes_per_s", firstDirtyRate)
    row.set("first_dirty_rate_window_s", firstDirtyWindow)
    if row.number("downtime_limit_s") == nil { row.set("downtime_limit_s", downtimeLimit) }
    if row.number("bandwidth_bytes_per_s") == nil {
      row.set("bandwidth_bytes_per_s", rates.median)
    }
    row.set("technique", chosenTechnique ?? technique(counters, isCompleted: isCompleted))
    setTimes(&row, end: end, duration: duration)
    return row
  }

  /// From the start to a moment of the log's clock; `nil` when only the first poll is known.
  private func duration(until end: Double?) -> Double? {
    guard let end, let start, startIsKnown, end > start else { return nil }
    return span(from: start, to: end)
  }

  private func setTimes(_ row: inout MigrationRow, end: MigrationSample?, duration: Double?) {
    guard let start else { return }
    row.set("started_s", start)
    guard let end else { return }
    // A poll comes some time after the end; the duration of a completed migration does not.
    if end.stage == .completed, let duration {
      row.set("finished_s", span(from: -start, to: duration))
    } else {
      row.set("finished_s", end.time)
    }
  }

  private func status(_ end: MigrationSample?) -> String {
    switch end?.stage {
    case .completed: "completed"
    case .failed: "failed"
    case .cancelled: "cancelled"
    default: "unfinished"
    }
  }

  /// What the log itself shows to have been used. Plain pre-copy shows nothing: a feature that was
  /// switched on may never have set in.
  private func technique(_ counters: MigrationSample, isCompleted: Bool) -> String? {
    if sawPostcopy || (counters.postcopyBytes ?? 0) > 0 { return nil }
    if isCompleted, counters.precopyBytes == 0, let paused = counters.downtimeBytes, paused > 0 {
      return "stop-and-copy"
    }
    let throttled = (throttleMax ?? 0) > 0
    switch (throttled, usesXBZRLE, usesDirtyLimit, usesMultifd, usesCompression) {
    case (true, false, false, false, false): return "precopy+autoconverge"
    case (false, true, false, false, false): return "precopy+xbzrle"
    case (true, true, false, false, false): return "precopy+xbzrle+autoconverge"
    case (_, false, true, false, false): return "precopy+dirty-limit"
    case (false, false, false, false, true): return "precopy+compress"
    default: return nil
    }
  }
}

extension MigrationSample {
  /// Whether `expectedDowntime` is the limit: before the first estimate of the dirty rate QEMU
  /// fills the field with its setting.
  var precedesFirstEstimate: Bool {
    stage == .precopy && expectedDowntime != nil && (dirtyRate ?? 0) == 0
      && dirtySyncs.map { $0 <= 1 } ?? false
  }
}

/// The achieved rates of a migration's first active samples.
private struct RateReadings: Sendable {
  /// Enough for a median; more would let memory grow with the log.
  private static let kept = 4096
  private var readings: [Double] = []

  mutating func add(_ rate: Double) {
    if readings.count < Self.kept { readings.append(rate) }
  }

  var median: Double? {
    guard !readings.isEmpty else { return nil }
    let sorted = readings.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
