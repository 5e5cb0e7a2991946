public import ModelCore

/// What a log was taken for, and what came of it.
public struct LogSummary: Sendable, Equatable {
  public let file: String
  public let recognition: LogRecognition
  /// Polls, replies and lines about migrations.
  public let recordCount: Int
  public let migrationCount: Int
  public let dirtyRateCount: Int
  /// Records that were left out, by reason.
  public let skipped: [LogRemark]
  /// What was assumed.
  public let notes: [LogRemark]

  /// `migrations.ndjson: read as qmp: 226 records, 1 migration`
  public var description: String {
    "\(file): read as \(recognition.kind.rawValue): \(counted(recordCount, "record")), "
      + counted(migrationCount, "migration")
  }
}

/// A log that was read.
public struct LogRead: Sendable {
  public let summary: LogSummary
  /// One per migration, in the order of the log.
  public let rows: [MigrationRow]
  /// Dirty rates that were measured outside of migrations or beside them.
  public let readings: [DirtyRateReading]
  /// Samples that were not handed over yet.
  public let samples: SampleBatch
}

/// How a log is read.
public struct LogOptions: Sendable {
  /// The kind, when the beginning need not tell.
  public var kind: LogKind?
  /// Whether the polls are kept.
  public var wantsSamples = false
  /// Bytes per read.
  public var blockSize = 1 << 18

  public init() {}
}

extension TraceReader.Input {
  /// Reads the log of a platform.
  ///
  /// ```swift
  /// let log = try TraceReader.Input.path("vm1.ndjson").readLog()
  /// let table = try LogTables.trace(log.rows)
  /// ```
  ///
  /// - Parameters:
  ///   - id: of the first row; the file's name when `nil`.
  ///   - sink: takes samples while the log is read, so that memory does not grow with it.
  /// - Throws: `TraceError` when it cannot be read, is of no known kind, or holds nothing of it.
  public func readLog(
    id: String? = nil, options: LogOptions = LogOptions(),
    sink: ((SampleBatch) -> Void)? = nil
  ) throws(TraceError) -> LogRead {
    let input = try LogInput(
      try open(blockSize: options.blockSize), id: id, blockSize: options.blockSize)
    if input.head.bytes.isEmpty { throw TraceError(file: input.name, .emptyLog) }
    guard let recognition = options.recognition ?? LogReaders.recognise(input.head) else {
      throw TraceError(file: input.name, .unrecognised)
    }
    return try read(input, recognition, options, sink)
  }
}

extension LogOptions {
  fileprivate var recognition: LogRecognition? {
    kind.map { LogRecognition(kind: $0, line: nil, why: "--from \($0.rawValue)") }
  }
}

/// Reads a log whose kind is known.
func read(
  _ input: LogInput, _ recognition: LogRecognition, _ options: LogOptions,
  _ sink: ((SampleBatch) -> Void)?
) throws(TraceError) -> LogRead {
  guard let reader = LogReaders.reader(of: recognition.kind) else {
    throw TraceError(file: input.name, .unrecognised)
  }
  var output = LogOutput(wantsSamples: options.wantsSamples, sink: sink)
  try reader.read(input, into: &output)
  let summary = LogSummary(
    file: input.name, recognition: recognition, recordCount: output.recordCount,
    migrationCount: output.rows.count, dirtyRateCount: output.readings.count,
    skipped: output.skipped, notes: output.notes)
  // A log of which nothing is of its kind is another kind of log.
  if output.rows.isEmpty, output.readings.isEmpty,
    output.recordCount == output.unreadableCount
  {
    let first = output.skipped.first
    // Whoever insists on a kind is told what it looks like.
    let guess = recognition.line == nil ? LogReaders.recognise(input.head) : nil
    throw TraceError(
      file: input.name, line: first?.line,
      .nothingUnderstood(
        recognition.kind,
        why: recognition.description
          + (guess.map {
            "; by its beginning it is \($0.kind.rawValue): line \($0.line ?? 1) \($0.why)"
          }
            ?? ""),
        reason: first?.text ?? "no line speaks of a migration"))
  }
  return LogRead(
    summary: summary, rows: output.rows, readings: output.readings,
    samples: output.remainingSamples)
}

/// The bytes of a trace: those that were opened, or the table that they make when they are a log.
func convertedIfLog(_ bytes: ByteInput, blockSize: Int) throws(TraceError) -> ByteInput {
  let input = try LogInput(bytes, blockSize: blockSize)
  guard !input.head.looksLikeTrace, let recognition = LogReaders.recognise(input.head) else {
    bytes.putBack(input.unread)
    return bytes
  }
  let log = try read(input, recognition, LogOptions(), nil)
  guard !log.rows.isEmpty else {
    throw TraceError(
      file: bytes.name, line: recognition.line,
      .noMigrations(
        recognition.kind, why: recognition.description, reasons: log.summary.whyNoMigrations))
  }
  let table = try LogTables.trace(log.rows, file: bytes.name)
  let converted = try ByteInput(
    bytes: CSVEncoding().bytes(of: table), name: bytes.name, blockSize: blockSize)
  converted.conversion = log.summary
  converted.lineOrigins = log.rows.map(\.line)
  return converted
}

extension LogSummary {
  /// What a log without migrations holds instead.
  public var whyNoMigrations: String {
    if dirtyRateCount > 0 {
      return "\(counted(dirtyRateCount, "measurement")) of the dirty rate: "
        + "'cutover trace convert FILE --curves curves.csv' keeps them"
    }
    let reasons = skipped.map { "\($0.count) x \($0.text)" }
    return reasons.isEmpty
      ? "nothing speaks of one" : "left out: " + reasons.joined(separator: ", ")
  }
}

/// The tables that logs become.
public enum LogTables {
  /// The trace table: `id`, the glossary's columns that any row has, then others.
  ///
  /// - Throws: `TraceError` never; the columns are of one length by construction.
  public static func trace(
    _ rows: [MigrationRow], file: String = ""
  ) throws(TraceError) -> Table {
    do {
      return try traceTable(rows)
    } catch {
      throw TraceError(file: file, .internalFault(error.description))
    }
  }

  /// The dirty curve: readings with a window; the others are half a number.
  ///
  /// - Throws: `TraceError` never; the columns are of one length by construction.
  public static func curves(_ readings: [DirtyRateReading]) throws(TraceError) -> Table {
    let whole = readings.filter { $0.window != nil }
    do {
      return try Table([
        Column("id", text: whole.map(\.id)),
        Column("window_s", numbers: whole.map(\.window)),
        Column("dirty_bytes", numbers: whole.map { $0.rate * ($0.window ?? .nan) }),
        Column("sampled_bytes", numbers: whole.map(\.sampledBytes)),
        Column("zero_bytes", numbers: whole.map { _ in nil }),
        Column("memory_bytes", numbers: whole.map(\.memoryBytes)),
        Column("mode", text: whole.map(\.mode)),
      ])
    } catch {
      throw TraceError(file: "", .internalFault(error.description))
    }
  }
}

extension LogHead {
  /// Whether the first line is the header of a trace table, and the recognition of logs can be
  /// spared: at least two names of the glossary, separated by commas.
  var looksLikeTrace: Bool {
    guard let first = lines.first else { return false }
    let names = first.split(separator: ",").map { $0.filter { $0 != "\"" }.trimmedSpaces }
    // The sample series shares columns with the trace, and is none.
    if names.contains("t_s") { return false }
    return names.count { Glossary.definition(of: String($0)) != nil } >= 2
  }
}
