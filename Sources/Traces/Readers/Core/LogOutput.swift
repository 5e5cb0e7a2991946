public import ModelCore

/// A dirty rate with its window: one point of a dirty curve.
public struct DirtyRateReading: Sendable, Equatable {
  public var id: String
  /// Seconds; half of the number.
  public var window: Double?
  /// Bytes per second.
  public var rate: Double
  /// Share of the memory that was looked at is not known from the logs; its size may be.
  public var sampledBytes: Double?
  public var memoryBytes: Double?
  public var mode: String?
  public var line: Int
}

/// A sample and the migration it belongs to.
struct PlacedSample: Sendable {
  let id: String
  let seconds: Double?
  let sample: MigrationSample
}

/// Something that happened to records of a log, counted: why they were left out, or what was
/// assumed of them.
public struct LogRemark: Sendable, Equatable {
  public let text: String
  public internal(set) var count: Int
  /// Where it happened first, 1-based.
  public let line: Int
}

/// What a reader makes of one log.
struct LogOutput {
  var rows: [MigrationRow] = []
  var readings: [DirtyRateReading] = []
  /// Records understood or left out: polls, replies, lines that speak of a migration.
  var recordCount = 0
  /// Records left out, by reason.
  private(set) var skipped: [LogRemark] = []
  /// What was assumed, by text.
  private(set) var notes: [LogRemark] = []

  let wantsSamples: Bool
  private var samples: [PlacedSample] = []
  /// Takes full batches of samples; what is left stays for `remainingSamples`.
  private let sink: ((SampleBatch) -> Void)?

  init(wantsSamples: Bool = false, sink: ((SampleBatch) -> Void)? = nil) {
    self.wantsSamples = wantsSamples
    self.sink = sink
  }

  private var ids: Set<String> = []

  /// Records that are no records of this kind of log.
  private(set) var unreadableCount = 0

  /// Leaves out a record that could not be read; it counts as one.
  mutating func unreadable(_ reason: String, line: Int) {
    recordCount += 1
    unreadableCount += 1
    skip(reason, line: line)
  }

  mutating func skip(_ reason: String, line: Int) { Self.count(reason, line, 1, in: &skipped) }
  mutating func note(_ text: String, line: Int) { Self.count(text, line, 1, in: &notes) }

  /// Notes something about the whole log.
  mutating func noteOnce(_ text: String, line: Int) {
    if !notes.contains(where: { $0.text == text }) { note(text, line: line) }
  }

  /// There are few reasons, so a list is fast and keeps the order of appearance.
  private static func count(_ text: String, _ line: Int, _ count: Int, in list: inout [LogRemark]) {
    if let index = list.firstIndex(where: { $0.text == text }) {
      list[index].count += count
    } else {
      list.append(LogRemark(text: text, count: count, line: line))
    }
  }

  /// Records of a batch that makes 100 bytes each, in memory.
  private static let batchSize = 4096

  mutating func add(_ sample: MigrationSample, id: String, seconds: Double?) {
    guard wantsSamples else { return }
    samples.append(PlacedSample(id: id, seconds: seconds, sample: sample))
    if let sink, samples.count >= Self.batchSize {
      sink(SampleBatch(samples))
      samples.removeAll(keepingCapacity: true)
    }
  }

  /// Takes a sample through a series, and files it and what the series says of it.
  mutating func add(_ sample: MigrationSample, to series: inout MigrationSeries, line: Int) {
    recordCount += 1
    switch series.add(sample, line: line) {
    case .poll(let id, let seconds): add(sample, id: id, seconds: seconds)
    case .repeated: skip("the same poll twice", line: line)
    case .idle: skip("no migration at that moment", line: line)
    }
  }

  /// Ends a series and takes its rows.
  mutating func finish(_ series: inout MigrationSeries) {
    series.finish()
    add(rows: series.rows)
  }

  mutating func add(rows more: [MigrationRow]) {
    for var row in more {
      for column in row.refused {
        note("a value of \(column) outside its domain, left empty", line: row.line)
      }
      // Ids are unique by how they are made, but for logs whose own names look like made ones.
      let wanted = row.id
      var number = 2
      while !ids.insert(row.id).inserted {
        row.set("id", "\(wanted)#\(number)")
        number += 1
      }
      rows.append(row)
    }
  }

  var remainingSamples: SampleBatch { SampleBatch(samples) }

  /// Hands over the samples so far, for a recorder that keeps each as it comes.
  mutating func takeSamples() -> SampleBatch {
    defer { samples.removeAll(keepingCapacity: true) }
    return SampleBatch(samples)
  }
}

/// Some samples in the order of the log.
public struct SampleBatch: Sendable {
  private let samples: [PlacedSample]

  init(_ samples: [PlacedSample]) { self.samples = samples }

  public var isEmpty: Bool { samples.isEmpty }

  /// The sample series, in the columns of `Glossary.sampleColumns`.
  ///
  /// - Parameter rename: the final id of a row.
  /// - Throws: `TableError` never; the columns are of one length by construction.
  public func table(rename: (String) -> String = { $0 }) throws(TableError) -> Table {
    func numbers(_ name: String, _ field: KeyPath<MigrationSample, Double?>) -> Column {
      Column(
        name, numbers: samples.map { $0.sample[keyPath: field].flatMap { $0.isFinite ? $0 : nil } })
    }
    return try Table([
      Column("id", text: samples.map { rename($0.id) }),
      Column("t_s", numbers: samples.map(\.seconds)),
      numbers("time_s", \.time),
      Column("status", text: samples.map { $0.sample.status.map(cleanText) }),
      numbers("transferred_bytes", \.transferredBytes),
      numbers("remaining_bytes", \.remainingBytes),
      numbers("dirty_rate_bytes_per_s", \.dirtyRate),
      numbers("throughput_bytes_per_s", \.throughput),
      numbers("dirty_syncs", \.dirtySyncs),
      numbers("throttle", \.throttle),
      Column(
        "expected_downtime_s",
        numbers: samples.map {
          $0.sample.precedesFirstEstimate ? nil : $0.sample.expectedDowntime
        }),
      numbers("downtime_s", \.downtime),
      numbers("setup_time_s", \.setupTime),
      numbers("memory_bytes", \.memoryBytes),
      numbers("page_size_bytes", \.pageBytes),
      numbers("normal_pages", \.normalPages),
      numbers("zero_pages", \.zeroPages),
      numbers("precopy_bytes", \.precopyBytes),
      numbers("downtime_bytes", \.downtimeBytes),
      numbers("postcopy_bytes", \.postcopyBytes),
      numbers("postcopy_requests", \.postcopyRequests),
      Column("other_fields", text: samples.map(\.sample.otherFields)),
    ])
  }
}
